"""The content-addressed store: folders that are named by the digest of their manifest.

A folder appears under its name in one rename, complete and on disk, so a reader never sees half of
one and a retry after a crash ends in the same bytes.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from podium_evaluator.canonical import canonical_json, digest_of, folder_name, strict_json
from podium_evaluator.contract import Reason
from podium_evaluator.errors import Failure, infrastructure, quoted

__all__ = ["MANIFEST", "Manifest", "ManifestFile", "Store", "open_manifest", "sha256_of_file"]

MANIFEST: Final = "manifest.json"
_MANIFEST_BYTES: Final = 1024 * 1024
_LEFTOVER_SECONDS: Final = 24 * 3600
"""No fetch takes a day; what is older belongs to a crashed one."""


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
        temporary = _folder(self.root / "tmp")
        _sweep(temporary, now)
        workspace = _folder(temporary / uuid.uuid4().hex)
        try:
            yield workspace
        finally:
            shutil.rmtree(workspace, ignore_errors=True)

    def publish(self, workspace: Path, kind: Literal["models", "samples"], manifest: Manifest) -> Path:
        """Give the workspace, which holds exactly the manifest's files, its final name."""
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
        try:
            workspace.rename(target)
        except OSError:
            # A folder in the way is the same bytes, written by an earlier or a parallel attempt.
            if not target.exists():
                raise
        _sync(parent)
        return target


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


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    if path.stat().st_uid == os.geteuid():
        path.chmod(0o755)
    return path


def _sweep(temporary: Path, now: float) -> None:
    for path in temporary.iterdir():
        with contextlib.suppress(OSError):
            if now - path.stat().st_mtime > _LEFTOVER_SECONDS:
                shutil.rmtree(path, ignore_errors=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _changed(message: str) -> Failure:
    return infrastructure(Reason.STORED_BYTES_CHANGED, f"stored bytes: {message}")
