"""From weight files straight into a model's parameters, verified by the very bytes that are used.

A few chunks are read ahead; each is hashed and copied to its parameter on the device by two threads, which
run truly at once, since reading, hashing and copying all let go of the interpreter. Beside the model
there is never more in memory than these chunks.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import BinaryIO, Final

import torch

from podium_evaluator.contract import Reason
from podium_evaluator.errors import Failure, infrastructure
from podium_evaluator.store import ManifestFile
from podium_evaluator.weights.header import TensorEntry, read_header
from podium_evaluator.weights.scan import read_into

__all__ = ["changed", "fill_parameters"]

_DTYPES: Final = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}

_CHUNK_BYTES: Final = 8 * 1024 * 1024
"""A multiple of every type's size, so that no number is cut in two."""

_CHUNKS: Final = 4
"""One at each of the three who work, and one to spare."""


def fill_parameters(
    folder: Path, files: Sequence[ManifestFile], missing: dict[str, torch.nn.Parameter]
) -> None:
    """Copy the tensors of safetensors files to the parameters of their names, cast to their type.

    Args:
        folder: Holds the files.
        files: In the order of reading; the next is read ahead by the system while one is copied.
        missing: Parameters by the names of their tensors; what was copied is taken out.

    Raises:
        Failure: `STORED_BYTES_CHANGED`. Nothing that was copied may be used then.
    """
    pinned = any(parameter.is_cuda for parameter in missing.values())
    chunks = deque(
        _Chunk(torch.empty(_CHUNK_BYTES, dtype=torch.uint8, pin_memory=pinned)) for _ in range(_CHUNKS)
    )
    for file, following in zip_longest(files, files[1:]):
        with _announced(None if following is None else folder / following.name):
            _fill(folder / file.name, file, missing, chunks)


def changed(message: str) -> Failure:
    """The stored model is not what was stored."""
    return infrastructure(Reason.STORED_BYTES_CHANGED, f"stored model: {message}")


@dataclass(slots=True)
class _Chunk:
    """A buffer and the work that still reads it."""

    buffer: torch.Tensor
    readers: list[Future[None]] = field(default_factory=list)

    def view(self, count: int) -> memoryview:
        """The first `count` bytes."""
        return self.buffer.numpy().data[:count]

    def free(self) -> None:
        """Wait for the work and raise what it raised."""
        for reader in self.readers:
            reader.result()
        self.readers.clear()


def _fill(
    path: Path, file: ManifestFile, missing: dict[str, torch.nn.Parameter], chunks: deque[_Chunk]
) -> None:
    whole = hashlib.sha256()
    try:
        with path.open("rb", buffering=0) as opened:
            _copy_tensors(opened, file, missing, whole, chunks)
    except (Failure, OSError) as error:
        # It was well-formed when it was stored, so this is not the submission's doing.
        raise changed(f"{file.name} can no longer be read") from error
    if whole.hexdigest() != file.sha256:
        raise changed(f"{file.name} has digest {whole.hexdigest()}, expected {file.sha256}")


def _copy_tensors(
    opened: BinaryIO,
    file: ManifestFile,
    missing: dict[str, torch.nn.Parameter],
    whole: hashlib._Hash,
    chunks: deque[_Chunk],
) -> None:
    header = read_header(opened, file.bytes)
    whole.update(header.raw)
    with ThreadPoolExecutor(1) as hashing, ThreadPoolExecutor(1) as copying:
        for entry in header.tensors:
            # What the model has no parameter for is a tied head or an old buffer.
            parameter = missing.pop(entry.name, None)
            for start, count in _parts(entry):
                chunk = chunks.popleft()
                chunks.append(chunk)
                chunk.free()
                read_into(opened, chunk.view(count), entry)
                chunk.readers.append(hashing.submit(whole.update, chunk.view(count)))
                if parameter is not None:
                    part = chunk.buffer[:count].view(_DTYPES[entry.dtype])
                    chunk.readers.append(copying.submit(_copy, parameter, part, start))
        for chunk in chunks:
            chunk.free()


def _parts(entry: TensorEntry) -> Iterator[tuple[int, int]]:
    length = entry.end - entry.begin
    for start in range(0, length, _CHUNK_BYTES):
        yield start, min(_CHUNK_BYTES, length - start)


def _copy(parameter: torch.nn.Parameter, part: torch.Tensor, start: int) -> None:
    first = start // part.element_size()
    with torch.no_grad():
        parameter.view(-1)[first : first + part.numel()].copy_(part)


@contextlib.contextmanager
def _announced(path: Path | None) -> Iterator[None]:
    """Ask the system to read a file into its cache meanwhile; one that is not there is found out later."""
    with contextlib.ExitStack() as stack:
        if path is not None:
            with contextlib.suppress(OSError):
                opened = stack.enter_context(path.open("rb"))
                os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_WILLNEED)
        yield
