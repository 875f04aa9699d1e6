"""A file on a hub that is read by ranges, and the globs that choose files."""

from __future__ import annotations

import io
import re

from typing_extensions import override

from podium_evaluator.hub.client import Hub

__all__ = ["RemoteFile", "matches"]


class RemoteFile(io.RawIOBase):
    """A seekable file of a dataset repository: each read is one request for exactly its bytes."""

    def __init__(self, hub: Hub, repository: str, revision: str, path: str, size: int) -> None:
        super().__init__()
        self._hub, self._repository, self._revision, self._path = hub, repository, revision, path
        self._size, self._position = size, 0

    @override
    def readable(self) -> bool:
        return True

    @override
    def seekable(self) -> bool:
        return True

    @override
    def tell(self) -> int:
        return self._position

    @override
    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, base + offset)
        return self._position

    @override
    def read(self, size: int = -1, /) -> bytes:
        stop = self._size if size < 0 else min(self._size, self._position + size)
        part = range(self._position, stop)
        if not part:
            return b""
        data = self._hub.read_range(self._repository, self._revision, "dataset", self._path, part)
        self._position = stop
        return data


def matches(path: str, pattern: str) -> bool:
    """Whether a path matches a glob: ``*`` and ``?`` stay inside a folder, ``**`` goes through folders."""
    pieces = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    return re.fullmatch("".join(pieces.get(part, re.escape(part)) for part in parts), path) is not None
