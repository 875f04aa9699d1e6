"""Folders as repositories: files with the identifiers that git and LFS would give them."""

import enum
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

RepositoryKind = Literal["models", "datasets"]
KINDS: tuple[RepositoryKind, ...] = ("models", "datasets")

_SIDECAR = ".hub.json"
_EARLIER = ".hub"  # folder with the files of earlier commits

# As the hub's default attributes have it: by name, and whatever is large.
_LFS_SUFFIXES = frozenset({".safetensors", ".parquet", ".bin", ".gguf", ".pt", ".zip"})
_LFS_BYTES = 10 * 1024 * 1024

_LAST_MODIFIED = "2026-01-01T00:00:00.000Z"  # of everything: nothing here depends on when


class Access(enum.StrEnum):
    """Who may read a repository without the hub's token."""

    PUBLIC = "public"
    PRIVATE = "private"
    GATED = "gated"


@dataclass(frozen=True)
class StoredFile:
    """One file of a repository.

    Attributes:
        path: From the repository's root, with slashes.
        file: Where its bytes are.
        size: Bytes.
        oid: The git blob that a clone would hold: for an LFS file the one of its pointer.
        sha256: Of the bytes of an LFS file; None for one that git stores itself.
        pointer_size: Bytes of the LFS pointer.
    """

    path: str
    file: Path
    size: int
    oid: str
    sha256: str | None = None
    pointer_size: int = 0

    @property
    def etag(self) -> str:
        """What the hub announces as the file's etag."""
        return self.sha256 or self.oid


@dataclass(frozen=True)
class Commit:
    """One commit: its id, and its date as the hub writes dates."""

    id: str
    date: str = _LAST_MODIFIED


@dataclass(frozen=True)
class Repository:
    """One repository at one commit.

    Attributes:
        kind: Of the repository.
        name: `<namespace>/<name>`.
        access: Who may read it.
        files: By path.
        history: The commit and all before it, newest first.
    """

    kind: RepositoryKind
    name: str
    access: Access
    files: Mapping[str, StoredFile]
    history: tuple[Commit, ...]

    @property
    def commit(self) -> str:
        """Id of the commit that this is."""
        return self.history[0].id

    @property
    def last_modified(self) -> str:
        """Date of the commit that this is."""
        return self.history[0].date


@dataclass(frozen=True)
class Repositories:
    """The repositories under a root.

    Folders are read anew for every request, so that a test can change them; files are hashed again only
    when size, time or inode changed.
    """

    root: Path
    _hashes: dict[tuple[Path, int, int, int], StoredFile] = field(default_factory=dict, repr=False)

    def find(self, kind: RepositoryKind, name: str) -> Repository | None:
        """The repository of that name, `<namespace>/<name>`, as it is now, if there is one."""
        folder = self.root / kind / name
        if not folder.is_dir() or ".." in Path(name).parts:
            return None
        files = {stored.path: stored for stored in self._read(folder)}
        sidecar = folder / _SIDECAR
        settings = json.loads(sidecar.read_text(encoding="utf-8")) if sidecar.exists() else {}
        newest = Commit(settings.get("commit") or _commit(files), settings.get("date", _LAST_MODIFIED))
        earlier = (Commit(each["commit"], each["date"]) for each in settings.get("history", []))
        access = Access(settings.get("access", "public"))
        return Repository(kind, name, access, files, (newest, *earlier))

    def at(self, repository: Repository, revision: str) -> Repository | None:
        """`repository` at a branch, which is "main", or at a commit of its history."""
        if revision in {"main", repository.commit}:
            return repository
        ids = [commit.id for commit in repository.history]
        if revision not in ids:
            return None
        folder = self.root / repository.kind / repository.name / _EARLIER / revision
        files = {stored.path: stored for stored in self._read(folder)}
        history = repository.history[ids.index(revision) :]
        return replace(repository, files=files, history=history)

    def all(self) -> Iterator[Repository]:
        """Every repository, by name."""
        for kind in KINDS:
            for folder in sorted((self.root / kind).glob("*/*")):
                found = self.find(kind, f"{folder.parent.name}/{folder.name}")
                if found is not None:
                    yield found

    def _read(self, folder: Path) -> Iterator[StoredFile]:
        for file in sorted(folder.rglob("*")):
            path = file.relative_to(folder)
            if file.is_file() and file.name != _SIDECAR and path.parts[0] != _EARLIER:
                state = file.stat()
                key = (file, state.st_size, state.st_mtime_ns, state.st_ino)
                if key not in self._hashes:
                    self._hashes[key] = _hash(file, path.as_posix(), state.st_size)
                yield self._hashes[key]


def is_large(file: Path, size: int) -> bool:
    """Whether the hub keeps a file beside git: by its name, or because it is large."""
    return file.suffix in _LFS_SUFFIXES or size >= _LFS_BYTES


def _hash(file: Path, path: str, size: int) -> StoredFile:
    if not is_large(file, size):
        return StoredFile(path, file, size, _blob(file.read_bytes()))
    with file.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {size}\n".encode()
    return StoredFile(path, file, size, _blob(pointer), sha256, len(pointer))


def _blob(content: bytes) -> str:
    return _sha1(b"blob %d\0" % len(content) + content)


def _commit(files: Mapping[str, StoredFile]) -> str:
    return _sha1("".join(f"{file.oid} {path}\n" for path, file in sorted(files.items())).encode())


def _sha1(content: bytes) -> str:
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()
