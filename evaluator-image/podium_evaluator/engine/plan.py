"""Batches of token sequences whose shapes and order do not depend on the order of the input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from podium_evaluator.sequences import TokenSequence

__all__ = ["Batch", "batches"]

_ROW_MULTIPLE: Final = 64
"""Rows are padded to it: few shapes keep the kernels' caches small and a row's bits the same."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one padded length.

    Attributes:
        indices: Of the sequences in the input.
        length: Tokens of each row, padding included.
    """

    indices: tuple[int, ...]
    length: int


def batches(sequences: Sequence[TokenSequence], tokens: int, longest: int | None = None) -> list[Batch]:
    """Sort by length, then ids, and cut into batches of at most `tokens` padded tokens, or of one row.

    Args:
        sequences: In any order.
        tokens: Of a batch.
        longest: Rows are never padded beyond it; no sequence is longer.
    """

    def padded(index: int) -> int:
        length = len(sequences[index].ids)
        rounded = -(-length // _ROW_MULTIPLE) * _ROW_MULTIPLE
        return rounded if longest is None else max(length, min(rounded, longest))

    order = sorted(
        range(len(sequences)),
        key=lambda index: (len(sequences[index].ids), sequences[index].ids, sequences[index].first),
    )
    found: list[Batch] = []
    for length, group in groupby(order, key=padded):
        rows, size = list(group), max(1, tokens // length)
        found += [Batch(tuple(rows[start : start + size]), length) for start in range(0, len(rows), size)]
    return found
