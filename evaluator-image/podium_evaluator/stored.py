"""A folder of the store as an evaluation reads it: nothing is used whose digest was not checked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from podium_evaluator.canonical import digest_of
from podium_evaluator.contract import Reason
from podium_evaluator.errors import infrastructure
from podium_evaluator.store import Manifest, open_manifest

__all__ = ["StoredFolder", "open_folder"]


@dataclass(frozen=True, slots=True)
class StoredFolder:
    """A folder whose manifest was checked."""

    folder: Path
    manifest: Manifest

    def read(self, name: str) -> bytes:
        """A file's bytes, checked before use.

        Raises:
            Failure: `STORED_BYTES_CHANGED`, also for a file that is not there.
        """
        entry = self.manifest.file(name)
        try:
            data = (self.folder / name).read_bytes()
        except OSError:
            data = b""
        if entry is None or digest_of(data) != f"sha256:{entry.sha256}":
            raise infrastructure(Reason.STORED_BYTES_CHANGED, f"{name} is not what the manifest says")
        return data

    def read_if_listed(self, name: str) -> bytes | None:
        """The same, None where the manifest has no such file."""
        return None if self.manifest.file(name) is None else self.read(name)


def open_folder(folder: Path, digest: str) -> StoredFolder:
    """A folder of the store whose manifest has this digest.

    Raises:
        Failure: `STORED_BYTES_CHANGED`.
    """
    return StoredFolder(folder, open_manifest(folder, digest))
