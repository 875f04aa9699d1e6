"""A few bytes by which two models' weights can be compared without having them.

Of every chunk of a tensor one block is sampled, at a place that does not depend on the model. The sketch is a
one-permutation minhash of the blocks, with their tensors and places (Li, Owen and Zhang, One Permutation
Hashing, 2012): the part of slots in which two sketches agree estimates the part of blocks that two models
have in common. It finds models that share layers or rows to the bit. Noise on every number hides from it, as
from any cheap comparison that does not know what the models were made from.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from typing import Final

__all__ = ["BLOCK_BYTES", "SLOTS", "block_hash", "sketch_of"]

SLOTS: Final = 64
BLOCK_BYTES: Final = 64 * 1024
"""Of a chunk, its middle; of a smaller one, all."""

_VALUE_BYTES: Final = 2
_EMPTY: Final = 0xFFFF


def block_hash(name: str, start: int, chunk: memoryview) -> int:
    """A hash of 64 bits of a chunk's sampled block, its tensor and its place."""
    begin = max(0, (len(chunk) - BLOCK_BYTES) // 2)
    found = hashlib.blake2b(f"{name}\n{start}\n{len(chunk)}\n".encode(), digest_size=8)
    found.update(chunk[begin : begin + BLOCK_BYTES])
    return int.from_bytes(found.digest(), "big")


def sketch_of(blocks: Iterable[int]) -> str:
    """The sketch of a model's blocks, in base64: 64 values of two bytes."""
    smallest: list[int | None] = [None] * SLOTS
    for block in blocks:
        rest, slot = divmod(block, SLOTS)
        known = smallest[slot]
        smallest[slot] = rest if known is None else min(known, rest)
    values = [_EMPTY if one is None else one % _EMPTY for one in smallest]
    return base64.b64encode(b"".join(one.to_bytes(_VALUE_BYTES, "big") for one in values)).decode()
