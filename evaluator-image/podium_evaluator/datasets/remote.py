"""A file on a hub of which parts are fetched first and then read."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Final

from typing_extensions import override

from podium_evaluator.hub.client import Hub

__all__ = ["HeldFile", "joined"]

_GAP_BYTES: Final = 64 * 1024
"""Parts this near to each other are fetched in one request: it costs less than another."""


class HeldFile(io.RawIOBase):
    """A seekable file of a dataset repository that reads only from the parts that it holds.

    Its reader is native code, which so never waits for the network and never swallows what went wrong
    there.

    Attributes:
        path: In the repository.
        size: As the hub announces it.
        fetched: Bytes that came from the hub so far.
    """

    def __init__(self, hub: Hub, repository: str, commit: str, path: str, size: int) -> None:
        super().__init__()
        self.path, self.size, self.fetched = path, size, 0
        self._hub, self._repository, self._commit = hub, repository, commit
        self._parts: list[tuple[range, bytes]] = []
        self._position = 0

    def hold(self, parts: Iterable[range]) -> None:
        """Fetch those of `parts` that are not held yet, near ones together.

        Raises:
            HubError: They cannot be had.
        """
        missing = [part for part in parts if part and not self._holder(part)]
        for part in joined(missing):
            data = self._hub.read_range(self._repository, self._commit, "dataset", self.path, part)
            self.fetched += len(data)
            self._parts.append((part, data))

    def release(self) -> None:
        """Forget all parts."""
        self._parts.clear()

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
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        self._position = max(0, base + offset)
        return self._position

    @override
    def read(self, size: int = -1, /) -> bytes:
        stop = self.size if size < 0 else min(self.size, self._position + size)
        part = range(self._position, stop)
        if not part:
            return b""
        holder = self._holder(part)
        if holder is None:
            raise OSError(f"bytes {part.start} to {part.stop} lie where the footer names nothing")
        held, data = holder
        self._position = stop
        return data[part.start - held.start : part.stop - held.start]

    def _holder(self, part: range) -> tuple[range, bytes] | None:
        return next(
            (one for one in self._parts if one[0].start <= part.start and part.stop <= one[0].stop), None
        )


def joined(parts: Iterable[range]) -> list[range]:
    """Ranges in order, those that overlap or lie near each other as one."""
    found: list[range] = []
    for part in sorted(parts, key=lambda one: one.start):
        if found and part.start <= found[-1].stop + _GAP_BYTES:
            found[-1] = range(found[-1].start, max(found[-1].stop, part.stop))
        else:
            found.append(part)
    return found
