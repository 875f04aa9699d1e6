"""One pass over a weight file: digests, finite values, norms. Memory stays at a few chunks."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from podium_evaluator.canonical import canonical_json, digest_of
from podium_evaluator.contract import Reason
from podium_evaluator.errors import quoted, submission
from podium_evaluator.weights.header import TensorEntry, read_header

__all__ = ["ScannedFile", "ScannedTensor", "read_tensor", "scan_file", "tensors_digest"]

_CHUNK_BYTES: Final = 4 * 1024 * 1024
"""A multiple of every dtype's size, so that no number is cut in two."""


@dataclass(frozen=True, slots=True)
class ScannedTensor:
    """What a tensor's bytes say: `norm` is the L2 norm where it was asked for."""

    entry: TensorEntry
    sha256: str
    norm: float | None


@dataclass(frozen=True, slots=True)
class ScannedFile:
    """A weight file that was read to its end."""

    bytes: int
    sha256: str
    tensors: tuple[ScannedTensor, ...]


def scan_file(path: Path, weights: Collection[str], normed: Collection[str]) -> ScannedFile:
    """Read a file once.

    Args:
        path: A safetensors file.
        weights: Tensors whose values must be finite.
        normed: Tensors whose L2 norm is wanted.

    Raises:
        Failure: Malformed, truncated, or a weight is not finite.
    """
    size = path.stat().st_size
    whole = hashlib.sha256()
    with path.open("rb") as file:
        header = read_header(file, size)
        whole.update(header.raw)
        tensors: list[ScannedTensor] = []
        for entry in header.tensors:
            part, squares = hashlib.sha256(), 0.0
            for chunk in _chunks(file, entry):
                whole.update(chunk)
                part.update(chunk)
                if entry.name in weights and not _is_finite(chunk, entry.dtype):
                    raise submission(
                        Reason.NON_FINITE_WEIGHTS, f"tensor {quoted(entry.name)} holds NaN or infinity"
                    )
                if entry.name in normed:
                    squares += _sum_of_squares(chunk, entry.dtype)
            norm = math.sqrt(squares) if entry.name in normed else None
            tensors.append(ScannedTensor(entry, part.hexdigest(), norm))
    return ScannedFile(size, whole.hexdigest(), tuple(tensors))


def read_tensor(file: BinaryIO, entry: TensorEntry) -> bytearray:
    """The bytes of the next tensor of a file that stands at its first byte."""
    buffer = bytearray(entry.end - entry.begin)
    view, position = memoryview(buffer), 0
    while position < len(buffer):
        count = file.readinto(view[position:])  # type: ignore[attr-defined]  # BinaryIO lacks readinto
        if not count:
            raise submission(Reason.SAFETENSORS_TRUNCATED, f"tensor {quoted(entry.name)} ends early")
        position += count
    return buffer


def tensors_digest(tensors: Collection[ScannedTensor]) -> str:
    """Digest of what a model computes with, however its tensors are split over files."""
    rows = sorted((one.entry.name, one.entry.dtype, list(one.entry.shape), one.sha256) for one in tensors)
    return digest_of(canonical_json(rows))


def _chunks(file: BinaryIO, entry: TensorEntry) -> Iterator[bytes]:
    left = entry.end - entry.begin
    while left:
        wanted = min(left, _CHUNK_BYTES)
        chunk = file.read(wanted)
        if len(chunk) != wanted:
            raise submission(Reason.SAFETENSORS_TRUNCATED, f"tensor {quoted(entry.name)} ends early")
        left -= len(chunk)
        yield chunk


def _is_finite(chunk: bytes, dtype: str) -> bool:
    # All exponent bits set means infinity or NaN; comparing bits needs no conversion.
    match dtype:
        case "BF16":
            return not _any_with_bits(np.frombuffer(chunk, "<u2"), 0x7F80)
        case "F16":
            return not _any_with_bits(np.frombuffer(chunk, "<u2"), 0x7C00)
        case _:
            return bool(np.isfinite(np.frombuffer(chunk, "<f4")).all())


def _any_with_bits(words: NDArray[np.uint16], mask: int) -> bool:
    bits = np.uint16(mask)
    return bool(((words & bits) == bits).any())


def _sum_of_squares(chunk: bytes, dtype: str) -> float:
    values: NDArray[np.float32]
    match dtype:
        case "BF16":
            words = np.frombuffer(chunk, "<u2").astype(np.uint32) << np.uint32(16)
            values = words.view(np.float32)
        case "F16":
            values = np.frombuffer(chunk, "<f2").astype(np.float32)
        case _:
            values = np.frombuffer(chunk, "<f4")
    wide = values.astype(np.float64)
    return float(wide @ wide)
