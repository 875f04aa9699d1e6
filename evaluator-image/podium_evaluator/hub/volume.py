"""A submission in a folder of a mounted volume."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, Final

from podium_evaluator.contract import Reason
from podium_evaluator.errors import Failure, quoted, submission
from podium_evaluator.hub.limits import MAXIMUM_FILES
from podium_evaluator.hub.source import Arrived, Listed, nobody

__all__ = ["VolumeFolder"]

_CHUNK_BYTES: Final = 4 * 1024 * 1024
_DEEPEST: Final = 16
"""Folders inside folders; each costs a descriptor while it is listed."""
_DIRECTORY: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
# Not blocking, so that a named pipe in place of a file cannot stop the process.
_FILE: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK


class VolumeFolder:
    """Files of one folder; no link is ever followed on the way to it or in it.

    Args:
        mount: Where the volume is mounted.
        path: The folder, relative to the volume.

    Raises:
        Failure: `VOLUME_PATH_NOT_FOUND`.
    """

    def __init__(self, mount: Path, path: str) -> None:
        self._descriptor = _walk(mount, path)

    def close(self) -> None:
        """Release the folder."""
        os.close(self._descriptor)

    def files(self) -> Mapping[str, Listed]:
        """See `Source`.

        Raises:
            Failure: `TOO_LARGE` for too many entries, `FILE_NOT_ALLOWED` for a folder that cannot be listed.
        """
        found: dict[str, Listed] = {}
        for number, (path, status) in enumerate(_entries(self._descriptor, "", _DEEPEST)):
            if number >= MAXIMUM_FILES:
                raise submission(Reason.TOO_LARGE, f"files and folders above the maximum {MAXIMUM_FILES}")
            if not stat.S_ISDIR(status.st_mode):
                found[path] = Listed(status.st_size, stat.S_ISREG(status.st_mode))
        return found

    def copy(self, name: str, target: BinaryIO, limit: int, arrived: Arrived = nobody) -> None:
        """See `Source`."""
        target.seek(0)
        target.truncate()
        with self._open(name) as file:
            written = 0
            while chunk := file.read(_CHUNK_BYTES):
                written += len(chunk)
                if written > limit:
                    raise submission(Reason.TOO_LARGE, f"{quoted(name)} has more than {limit} bytes")
                target.write(chunk)
                arrived(written)

    def part(self, name: str, part: range) -> bytes:
        """See `Source`."""
        with self._open(name) as file:
            file.seek(part.start)
            return file.read(len(part))

    def _open(self, name: str) -> BinaryIO:
        try:
            descriptor = os.open(name, _FILE, dir_fd=self._descriptor)
        except OSError as error:
            raise _not_a_file(name, f" that can be read: {error.strerror}") from error
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise _not_a_file(name)
        return os.fdopen(descriptor, "rb")


def _entries(folder: int, prefix: str, deepest: int) -> Iterator[tuple[str, os.stat_result]]:
    """Everything under an open folder, folders before what is in them."""
    with os.scandir(folder) as listing:
        for entry in listing:
            path = f"{prefix}{entry.name}"
            try:
                status = entry.stat(follow_symlinks=False)
            except OSError as error:
                # Such as a file that somebody removed in this moment.
                raise _not_listed(prefix or ".", str(error.strerror)) from error
            yield path, status
            if not stat.S_ISDIR(status.st_mode):
                continue
            if not deepest:
                raise _not_listed(path, "it is nested too deeply")
            try:
                inner = os.open(entry.name, _DIRECTORY, dir_fd=folder)
            except OSError as error:
                raise _not_listed(path, str(error.strerror)) from error
            try:
                yield from _entries(inner, f"{path}/", deepest - 1)
            finally:
                os.close(inner)


def _walk(mount: Path, path: str) -> int:
    parts = [part for part in path.split("/") if part not in {"", "."}]
    if path.startswith("/") or ".." in parts or "\0" in path:
        raise _not_found(path)
    descriptor = os.open(mount, os.O_RDONLY | os.O_DIRECTORY)
    for part in parts:
        try:
            inner = os.open(part, _DIRECTORY, dir_fd=descriptor)
        except OSError as error:
            raise _not_found(path) from error
        finally:
            os.close(descriptor)
        descriptor = inner
    return descriptor


def _not_found(path: str) -> Failure:
    return submission(
        Reason.VOLUME_PATH_NOT_FOUND,
        f"the volume has no folder {quoted(path, 200)} (links and parent folders are not followed)",
    )


def _not_a_file(name: str, why: str = "") -> Failure:
    return submission(Reason.FILE_NOT_ALLOWED, f"{quoted(name)} is not a regular file{why}")


def _not_listed(path: str, why: str) -> Failure:
    return submission(Reason.FILE_NOT_ALLOWED, f"folder {quoted(path, 200)} cannot be listed: {why}")
