"""One pass over a weight file: digests, finite values, norms.

One thread reads a few chunks ahead of three others, each of which has one kind of work and does it in
the file's order: the digest of the file, the digests of its tensors, the arithmetic. They run truly at
once, since reading, hashing and NumPy's loops all let go of the interpreter. Memory stays at the chunks,
whatever the file claims.
"""

from __future__ import annotations

import contextlib
import hashlib
import math
from collections import deque
from collections.abc import Collection, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from podium_evaluator.canonical import canonical_json, digest_of
from podium_evaluator.contract import Reason
from podium_evaluator.errors import quoted, submission
from podium_evaluator.models.projection import Rows
from podium_evaluator.weights.header import TensorEntry, read_header
from podium_evaluator.weights.sketch import block_hash
from podium_evaluator.weights.values import all_finite, squares, value_bytes

__all__ = ["ScannedFile", "ScannedTensor", "read_into", "scan_file", "tensors_digest"]

_CHUNK_BYTES: Final = 8 * 1024 * 1024
"""A multiple of every dtype's size, so that no number is cut in two."""

_CHUNKS: Final = 4
"""Chunks in memory: one at each thread."""


@dataclass(frozen=True, slots=True)
class ScannedTensor:
    """What a tensor's bytes say.

    Attributes:
        norms: The L2 norms that were asked for.
        blocks: Hashes of the blocks that were sampled for a sketch.
    """

    entry: TensorEntry
    sha256: str
    norms: tuple[float, ...]
    blocks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ScannedFile:
    """A weight file that was read to its end."""

    bytes: int
    sha256: str
    tensors: tuple[ScannedTensor, ...]


def scan_file(path: Path, weights: Collection[str], normed: Mapping[str, tuple[Rows, ...]]) -> ScannedFile:
    """Read a file once.

    Args:
        path: A safetensors file.
        weights: Tensors whose values must be finite; of type F32, F16 or BF16.
        normed: Some of these, matrices, and the rows whose L2 norms are wanted.

    Raises:
        Failure: Malformed, truncated, or a weight is not finite.
    """
    size = path.stat().st_size
    with path.open("rb") as file, contextlib.ExitStack() as stack:
        header = read_header(file, size)
        scan = _Scan(file, tuple(stack.enter_context(ThreadPoolExecutor(1)) for _ in range(3)))
        scan.whole.update(header.raw)
        tensors = [
            scan.tensor(entry, normed.get(entry.name, ()), checked=entry.name in weights)
            for entry in header.tensors
        ]
        scan.finish()
        return ScannedFile(size, scan.whole.hexdigest(), tuple(one.result() for one in tensors))


def read_into(file: BinaryIO, view: memoryview, entry: TensorEntry) -> None:
    """Fill `view` with the next bytes of a file, which belong to this tensor.

    Raises:
        Failure: `SAFETENSORS_TRUNCATED`.
    """
    position = 0
    while position < len(view):
        count = file.readinto(view[position:])  # type: ignore[attr-defined]  # BinaryIO lacks readinto
        if not count:
            raise submission(Reason.SAFETENSORS_TRUNCATED, f"tensor {quoted(entry.name)} ends early")
        position += count


def tensors_digest(tensors: Collection[ScannedTensor]) -> str:
    """Digest of what a model computes with, however its tensors are split over files."""
    rows = sorted((one.entry.name, one.entry.dtype, list(one.entry.shape), one.sha256) for one in tensors)
    return digest_of(canonical_json(rows))


@dataclass(slots=True)
class _Chunk:
    """A buffer and what still reads it."""

    buffer: bytearray
    readers: list[Future[None] | Future[int] | Future[tuple[float, ...]]] = field(default_factory=list)

    def free(self) -> None:
        """Wait for the readers and raise what they raised."""
        for reader in self.readers:
            reader.result()
        self.readers.clear()


@dataclass(slots=True)
class _Tensor:
    """A tensor whose bytes were handed out but not all read yet."""

    entry: TensorEntry
    digest: hashlib._Hash
    sums: list[Future[tuple[float, ...]]]
    blocks: list[Future[int]]

    def result(self) -> ScannedTensor:
        """What was found, once the scan has finished."""
        columns = zip(*(one.result() for one in self.sums), strict=True)
        norms = tuple(math.sqrt(math.fsum(column)) for column in columns)
        blocks = tuple(one.result() for one in self.blocks)
        return ScannedTensor(self.entry, self.digest.hexdigest(), norms, blocks)


class _Scan:
    """The reader of one file."""

    def __init__(self, file: BinaryIO, lanes: tuple[ThreadPoolExecutor, ...]) -> None:
        self._file = file
        self._for_file, self._for_tensors, self._for_values = lanes
        self._chunks = deque(_Chunk(bytearray(_CHUNK_BYTES)) for _ in range(_CHUNKS))
        self.whole = hashlib.sha256()

    def tensor(self, entry: TensorEntry, parts: tuple[Rows, ...], *, checked: bool) -> _Tensor:
        """Read the next tensor and hand its bytes out."""
        found = _Tensor(entry, hashlib.sha256(), [], [])
        length = entry.end - entry.begin
        for start in range(0, length, _CHUNK_BYTES):
            chunk = self._chunks.popleft()
            chunk.free()
            view = memoryview(chunk.buffer)[: min(_CHUNK_BYTES, length - start)]
            read_into(self._file, view, entry)
            chunk.readers += [
                self._for_file.submit(self.whole.update, view),
                self._for_tensors.submit(found.digest.update, view),
            ]
            block = self._for_tensors.submit(block_hash, entry.name, start, view)
            chunk.readers.append(block)
            found.blocks.append(block)
            if checked:
                values = self._for_values.submit(_read_values, view, entry, start, parts)
                chunk.readers.append(values)
                found.sums.append(values)
            self._chunks.append(chunk)
        return found

    def finish(self) -> None:
        """Wait until everything that was read has been worked on."""
        for chunk in self._chunks:
            chunk.free()


def _read_values(
    chunk: memoryview, entry: TensorEntry, start: int, parts: tuple[Rows, ...]
) -> tuple[float, ...]:
    if not all_finite(chunk, entry.dtype):
        raise submission(Reason.NON_FINITE_WEIGHTS, f"tensor {quoted(entry.name)} holds NaN or infinity")
    width = math.prod(entry.shape[1:])
    return squares(chunk, entry.dtype, start // value_bytes(entry.dtype), width, parts)
