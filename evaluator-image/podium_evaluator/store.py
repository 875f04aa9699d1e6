"""The content-addressed store: folders that are named by the digest of their manifest.

A folder appears under its name in one rename, complete and on disk, so a reader never sees half of
one and a retry after a crash ends in the same bytes. What is on its way lies under `tmp`: private folders,
and partial ones that a later run may take up.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import logging
import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from podium_evaluator.canonical import canonical_json, digest_of, folder_name, strict_json
from podium_evaluator.contract import Fault, Reason
from podium_evaluator.errors import Failure, infrastructure, quoted
from podium_evaluator.file_lock import locked
from podium_evaluator.report import failure_of

__all__ = ["MANIFEST", "Manifest", "ManifestFile", "Store", "open_manifest", "sha256_of_file"]

logger = logging.getLogger(__name__)

MANIFEST: Final = "manifest.json"
_MANIFEST_BYTES: Final = 1024 * 1024
_LEFTOVER_SECONDS: Final = 24 * 3600
"""What nobody wrote to for a day belongs to a run that crashed and was not repeated."""
_LOCK: Final = ".lock"


@dataclass(frozen=True, slots=True)
class ManifestFile:
    """One file: its digest is bare hex."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The files of a folder in name order; its digest names the folder."""

    files: tuple[ManifestFile, ...]

    def document(self) -> bytes:
        """Canonical JSON: the bytes that the digest is taken of."""
        rows = [{"name": one.name, "bytes": one.bytes, "sha256": one.sha256} for one in self.files]
        return canonical_json({"files": rows})

    @property
    def digest(self) -> str:
        """``sha256:<hex>`` of the document."""
        return digest_of(self.document())

    def file(self, name: str) -> ManifestFile | None:
        """The entry of one name."""
        return next((one for one in self.files if one.name == name), None)


@dataclass(frozen=True, slots=True)
class Store:
    """A folder that fetch and prepare write and evaluate reads a part of."""

    root: Path

    @contextlib.contextmanager
    def workspace(self, now: float) -> Iterator[Path]:
        """A private folder inside the store; removed afterwards whatever happens.

        Args:
            now: Seconds since the epoch, for sweeping what crashed predecessors left.
        """
        temporary = self.temporary()
        _sweep_leftovers(temporary, now)
        workspace = _folder(temporary / uuid.uuid4().hex)
        try:
            yield workspace
        finally:
            shutil.rmtree(workspace, ignore_errors=True)

    @contextlib.contextmanager
    def partial(self, key: str, now: float) -> Iterator[Path]:
        """A folder that the next run for the same key finds as this one left it.

        It is left when the process dies or when nobody is at fault, and removed when the submission is or
        when its space is needed. While another run has it, this one gets a private folder.

        Args:
            key: What the bytes are, such as a repository and its commit.
            now: Seconds since the epoch, for sweeping what crashed predecessors left.
        """
        temporary = self.temporary()
        _sweep_leftovers(temporary, now)
        folder = temporary / f"partial-{hashlib.sha256(key.encode()).hexdigest()}"
        with locked(_lock_of(folder)) as held:
            if held:
                yield from _until_done(folder)
                return
        with self.workspace(now) as private:
            yield private

    def publish(self, workspace: Path, kind: Literal["models", "samples"], manifest: Manifest) -> Path:
        """Give a workspace with the manifest's files its final name; other files in it are removed."""
        names = {one.name for one in manifest.files}
        for path in workspace.iterdir():
            # Such as what an earlier run for another competition had put into a partial folder.
            if path.name not in names:
                path.unlink()
        (workspace / MANIFEST).write_bytes(manifest.document())
        for path in workspace.iterdir():
            path.chmod(0o644)
            _sync(path)
        _sync(workspace)
        parent = _folder(self.root / kind)
        target = parent / folder_name(manifest.digest)
        if target.exists() and not _is_intact(target, manifest):
            # Bytes of a broken disk would otherwise stay under a good name for ever.
            target.rename(self.root / "tmp" / uuid.uuid4().hex)
        _put(workspace, target)
        _sync(parent)
        return target

    def evict(self, digests: Iterable[str]) -> None:
        """Remove models; one that is not there, or that another run removes now, is no error.

        A folder leaves its name in one rename, so nobody finds half of a model under it.
        """
        for digest in digests:
            doomed = self.temporary() / uuid.uuid4().hex
            with contextlib.suppress(FileNotFoundError):
                (self.root / "models" / folder_name(digest)).rename(doomed)
                logger.info("removed the model %s to make room", digest)
            shutil.rmtree(doomed, ignore_errors=True)

    def temporary(self) -> Path:
        """Where what is on its way lies, and what is about to be removed."""
        _folder(self.root)
        return _folder(self.root / "tmp")


def open_manifest(folder: Path, digest: str) -> Manifest:
    """The manifest of a stored folder, checked against the digest that a request names.

    Raises:
        Failure: `STORED_BYTES_CHANGED` when it is absent or another.
    """
    try:
        data = (folder / MANIFEST).read_bytes()[: _MANIFEST_BYTES + 1]
    except OSError as error:
        raise _changed(f"no readable manifest ({error.strerror}), expected {digest}") from error
    if digest_of(data) != digest:
        raise _changed(f"the manifest has digest {digest_of(data)}, expected {digest}")
    match strict_json(data):
        case {"files": list() as rows}:
            return Manifest(tuple(ManifestFile(row["name"], row["bytes"], row["sha256"]) for row in rows))
        case other:
            raise _changed(f"the manifest is no list of files: {quoted(other)}")


def sha256_of_file(path: Path) -> str:
    """Hex digest of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_intact(folder: Path, manifest: Manifest) -> bool:
    try:
        return open_manifest(folder, manifest.digest) == manifest and all(
            sha256_of_file(folder / one.name) == one.sha256 for one in manifest.files
        )
    except (Failure, OSError):
        return False


def _put(workspace: Path, target: Path) -> None:
    """Give a folder its name. One in the way is the same bytes, of an earlier or a parallel attempt."""
    os.utime(workspace)
    while True:
        try:
            workspace.rename(target)
        except OSError as error:
            if error.errno not in {errno.EEXIST, errno.ENOTEMPTY}:
                raise
        else:
            return
        # Whoever sweeps looks again after it has taken the folder away: from now on it is wanted.
        with contextlib.suppress(FileNotFoundError):
            os.utime(target)
            return


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    if path.stat().st_uid == os.geteuid():
        path.chmod(0o755)
    return path


def _until_done(folder: Path) -> Iterator[Path]:
    """Yield a folder whose lock is held and tidy up: the lock's file goes with the folder."""
    kept = False
    try:
        yield _folder(folder)
    except BaseException as error:
        kept = _may_continue(error)
        raise
    finally:
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)
            _lock_of(folder).unlink(missing_ok=True)


def _may_continue(error: BaseException) -> bool:
    if isinstance(error, KeyboardInterrupt | SystemExit):
        return True
    failure = failure_of(error)
    # A full store needs the space, and a bug may be in what was written.
    return (
        failure.fault in {Fault.INFRASTRUCTURE, Fault.ORGANIZER} and failure.reason is not Reason.STORE_FULL
    )


def _lock_of(folder: Path) -> Path:
    return folder.with_name(folder.name + _LOCK)


def _sweep_leftovers(temporary: Path, now: float) -> None:
    for path in temporary.iterdir():
        with contextlib.suppress(OSError):
            if now - _last_written(path) > _LEFTOVER_SECONDS:
                _remove(path)


def _last_written(path: Path) -> float:
    inner = tuple(path.iterdir()) if path.is_dir() else ()
    return max(float(one.stat().st_mtime) for one in (path, *inner))


def _remove(path: Path) -> None:
    folder = path.with_name(path.name.removesuffix(_LOCK))
    with locked(_lock_of(folder)) as held:
        if held and (path == folder or not folder.exists()):
            shutil.rmtree(folder, ignore_errors=True)
            _lock_of(folder).unlink(missing_ok=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _changed(message: str) -> Failure:
    return infrastructure(Reason.STORED_BYTES_CHANGED, f"stored bytes: {message}")
