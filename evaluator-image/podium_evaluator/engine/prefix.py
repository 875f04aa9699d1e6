"""Prompts are read in chunks at fixed places, so that what two prompts share is computed once, exactly.

The keys and values of a chunk follow from the tokens up to its end and from where it begins, and from
nothing else: copied or computed again they are the same bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

__all__ = ["CHUNKS", "Chunks", "chunk_ends", "shared_chunks"]


@dataclass(frozen=True, slots=True)
class Chunks:
    """How prompts are cut.

    Attributes:
        whole: Tokens of chunks, the largest first: as many of each as fit.
        multiple: What is left is one chunk, padded to a multiple of it.
    """

    whole: tuple[int, ...]
    multiple: int


CHUNKS: Final = {"cpu": Chunks((256, 128), 16), "cuda": Chunks((1024, 256), 64)}
"""Short enough to share headers, long enough to keep the device busy."""


def chunk_ends(length: int, chunks: Chunks, limit: int | None = None) -> list[int]:
    """Where the chunks of a prompt end, padding included.

    Args:
        length: Of the prompt.
        chunks: Their sizes.
        limit: No chunk ends beyond it; no prompt is longer.
    """
    ends: list[int] = []
    end = 0
    for size in chunks.whole:
        while length - end >= size:
            end += size
            ends.append(end)
    if end < length:
        padded = end - (end - length) // chunks.multiple * chunks.multiple
        ends.append(padded if limit is None else min(padded, limit))
    return ends


def shared_chunks(prompt: Sequence[int], other: Sequence[int], chunks: Chunks) -> int:
    """How many of the first chunks of `prompt` are chunks of `other` too, its last one never.

    The hidden state after the last token is wanted, so that chunk is always read.
    """
    count = 0
    start = 0
    for end, its in zip(chunk_ends(len(prompt), chunks)[:-1], chunk_ends(len(other), chunks), strict=False):
        if end != its or end > len(other) or prompt[start:end] != other[start:end]:
            break
        count, start = count + 1, end
    return count
