"""Where a submission's files come from: what a hub and a volume have in common."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final, Protocol

from podium_evaluator.contract import Reason
from podium_evaluator.errors import quoted, submission

__all__ = ["CONFIG", "TOKENIZER", "Arrived", "Listed", "Source", "SubmissionFiles", "nobody", "take"]

CONFIG: Final = "config.json"
TOKENIZER: Final = "tokenizer.json"

Arrived = Callable[[int], None]
"""Told how many bytes of a file are there, whenever that changes."""


def nobody(_held: int) -> None:
    """Hear of bytes and do nothing."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A file as its holder announces it.

    Attributes:
        size: Bytes.
        regular: It is no link and no device.
        sha256: Hex digest of its bytes, where the holder knows it.
    """

    size: int
    regular: bool = True
    sha256: str | None = None


class Source(Protocol):
    """A folder of files with all its sub-folders."""

    def files(self) -> Mapping[str, Listed]:
        """All entries by their paths, folders aside."""
        ...

    def copy(self, name: str, target: BinaryIO, limit: int, arrived: Arrived = nobody) -> None:
        """Write one file's bytes, stopping with `TOO_LARGE` as soon as they exceed `limit`.

        What `target` already holds may be kept where the holder's digest proves it.
        """
        ...

    def part(self, name: str, part: range) -> bytes:
        """Those bytes of a file, fewer where it ends earlier."""
        ...


def take(files: Mapping[str, Listed], name: str) -> Listed:
    """The listing of a file that must exist and be regular.

    Raises:
        Failure: `CONFIG_MALFORMED` or `TOKENIZER_MALFORMED` when absent, `FILE_NOT_ALLOWED` for a link.
    """
    if name not in files:
        reason = Reason.TOKENIZER_MALFORMED if name == TOKENIZER else Reason.CONFIG_MALFORMED
        reason = Reason.NO_SAFETENSORS if name.endswith(".safetensors") else reason
        raise submission(reason, f"the submission has no file {quoted(name, 160)}")
    if not files[name].regular:
        raise submission(
            Reason.FILE_NOT_ALLOWED, f"{quoted(name, 160)} is a link or device, not a regular file"
        )
    return files[name]


class SubmissionFiles:
    """The files of one submission; each is read once and its digest remembered.

    Args:
        source: Where they are.
        listed: What it lists.
    """

    def __init__(self, source: Source, listed: Mapping[str, Listed]) -> None:
        self.source, self.listed = source, listed
        self._digests: dict[str, str] = {}

    def read(self, name: str, limit: int) -> bytes:
        """A whole file that fits in memory.

        Raises:
            Failure: Absent, a link, or larger than `limit`.
        """
        take(self.listed, name)
        buffer = io.BytesIO()
        self.source.copy(name, buffer, limit)
        data = buffer.getvalue()
        self._digests[name] = hashlib.sha256(data).hexdigest()
        return data

    def read_if_there(self, name: str, limit: int) -> bytes | None:
        """The same, or None for a file that is absent."""
        return self.read(name, limit) if name in self.listed else None

    def digest(self, name: str, limit: int) -> str:
        """Hex SHA-256 of a file: as it was read, or else as announced, or else by reading it now.

        Raises:
            Failure: As `read` does.
        """
        known = self._digests.get(name) or self.listed[name].sha256
        if known is None:
            self.read(name, limit)
            known = self._digests[name]
        return known
