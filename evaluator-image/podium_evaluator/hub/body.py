"""The bytes of one file as they arrive: bounded, counted, and compared with what the hub announced."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, Final

from podium_evaluator.contract import Reason
from podium_evaluator.errors import quoted, submission
from podium_evaluator.hub.problems import HubError, HubProblem

__all__ = ["Body", "HubFile", "Pace"]

_CHUNK_BYTES: Final = 1024 * 1024
_SLOWEST: Final = 128 * 1024
"""Bytes a second; a hundredth of what a slow link of 100 Mbit/s carries."""
_WINDOW_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file as a hub announces it.

    Attributes:
        size: Bytes.
        sha256: Hex digest of the bytes, for a file in large file storage.
        blob: Git's SHA-1 of any other file.
    """

    size: int
    sha256: str | None = None
    blob: str | None = None

    @property
    def digest(self) -> str | None:
        """The one digest of the bytes that is known."""
        return self.sha256 or self.blob

    def hasher(self) -> hashlib._Hash:
        """Takes the file's bytes and ends in `digest`."""
        if self.sha256 or not self.blob:
            return hashlib.sha256()
        # Git hashes a file behind a header that says its size.
        return hashlib.sha1(b"blob %d\0" % self.size, usedforsecurity=False)


class Body:
    """What has arrived of one file; what the target already holds is taken up.

    Args:
        name: Of the file, for messages.
        target: Where the bytes go; opened for reading as well.
        limit: The submission is at fault when there are more bytes.
        file: What the listing announced, if there is one.
        arrived: Told the number of bytes held, whenever it changes.
    """

    def __init__(
        self, name: str, target: BinaryIO, limit: int, file: HubFile | None, arrived: Callable[[int], None]
    ) -> None:
        self._name, self._target, self._limit, self._arrived = name, target, limit, arrived
        self._listed = self.file = file
        self.held = target.seek(0, io.SEEK_END)
        self._take_up() if file is not None else self.restart()

    def is_whole(self) -> bool:
        """Whether nothing needs to be asked for: all announced bytes are there, by their digest."""
        file = self.file
        return file is not None and self.held == file.size and self._hash.hexdigest() == file.digest

    def announce(self, file: HubFile | None, total: int | None) -> None:
        """Compare what an answer says with what is known, or learn it.

        Args:
            file: What the answer's headers say about the file.
            total: The file's whole size by the answer's length.

        Raises:
            HubError: They contradict each other.
        """
        if self.file is None and file is not None:
            self.file = file
            self._take_up()
        size = self.file.size if self.file else total
        if size is not None and size > self._limit:
            self._refuse()
        if total is not None and total != size:
            self.restart()
            raise HubError(HubProblem.UNAVAILABLE, f"{size} bytes were announced, {total} are offered")

    def write(self, chunk: bytes) -> None:
        """Take the next bytes.

        Raises:
            HubError: There are more than announced.
            Failure: `TOO_LARGE`.
        """
        self.held += len(chunk)
        if self.held > self._limit:
            self._refuse()
        if self.file is not None and self.held > self.file.size:
            self.restart()
            raise HubError(HubProblem.UNAVAILABLE, "more bytes arrived than were announced")
        self._target.write(chunk)
        self._hash.update(chunk)
        self._arrived(self.held)

    def finish(self) -> None:
        """The answer has ended.

        Raises:
            HubError: Bytes are missing, to be continued; or wrong, and thrown away.
        """
        if self.file is None:
            return
        if self.held < self.file.size:
            raise HubError(HubProblem.UNAVAILABLE, f"{self.held} of {self.file.size} bytes arrived")
        found, announced = self._hash.hexdigest(), self.file.digest
        if announced is not None and found != announced:
            self.restart()
            wrong = f"bytes with digest {found} arrived, {announced} was announced"
            raise HubError(HubProblem.UNAVAILABLE, wrong)

    def restart(self) -> None:
        """Forget everything that arrived."""
        self._target.seek(0)
        self._target.truncate()
        self.held = 0
        # What only an answer said may be what was wrong.
        self.file = self._listed
        self._take_up()

    def _take_up(self) -> None:
        file = self.file
        if file is not None and self.held and (file.digest is None or self.held > file.size):
            # What cannot be compared with a digest later is not built upon.
            self.restart()
            return
        self._hash = file.hasher() if file is not None else hashlib.sha256()
        self._target.seek(0)
        while chunk := self._target.read(_CHUNK_BYTES):
            self._hash.update(chunk)
        self._arrived(self.held)

    def _refuse(self) -> None:
        raise submission(Reason.TOO_LARGE, f"{quoted(self._name)} has more than {self._limit} bytes")


class Pace:
    """The rate of a stream: one that is hardly alive ends.

    Args:
        clock: Seconds of a monotonic clock.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock, self._since, self._bytes = clock, clock(), 0

    def arrived(self, count: int) -> None:
        """Count bytes.

        Raises:
            HubError: Fewer than 128 KiB a second arrived during half a minute.
        """
        self._bytes += count
        seconds = self._clock() - self._since
        if seconds < _WINDOW_SECONDS:
            return
        if self._bytes < _SLOWEST * seconds:
            slow = f"a slow stream, {self._bytes} bytes in {seconds:.0f} s, less than {_SLOWEST} a second"
            raise HubError(HubProblem.UNAVAILABLE, slow)
        self._since, self._bytes = self._clock(), 0
