"""The hub's answers as JSON: about a repository, its tree, single paths, branches and commits."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from tests.hub.repository import Access, Commit, Repository, StoredFile

Document = dict[str, Any]  # JSON as the hub sends it
AnnouncedSize = Callable[[StoredFile], int]
"""The size that listings claim for a file."""


def describe(repository: Repository, announced: AnnouncedSize, *, with_blobs: bool) -> Document:
    """What `model_info` and `dataset_info` ask for."""
    siblings = [
        _sibling(file, announced(file), with_blobs=with_blobs) for _, file in sorted(repository.files.items())
    ]
    document: Document = {
        "id": repository.name,
        "author": repository.name.partition("/")[0],
        "sha": repository.commit,
        "createdAt": repository.history[-1].date,
        "lastModified": repository.last_modified,
        "private": repository.access is Access.PRIVATE,
        "gated": "auto" if repository.access is Access.GATED else False,
        "disabled": False,
        "downloads": 0,
        "likes": 0,
        "tags": [],
        "siblings": siblings,
    }
    return document | ({"modelId": repository.name} if repository.kind == "models" else {})


def list_tree(
    repository: Repository, folder: str, announced: AnnouncedSize, *, recursive: bool, expand: bool
) -> list[Document]:
    """Entries under `folder`, which is empty for the root, by path."""
    prefix = f"{folder}/" if folder else ""
    inside = [file for path, file in repository.files.items() if path.startswith(prefix)]
    folders = {parent for file in inside for parent in _parents(file.path) if parent.startswith(prefix)}
    entries = [_folder(repository, path, expand=expand) for path in folders]
    entries += [_file(repository, file, announced(file), expand=expand) for file in inside]
    return sorted(
        (entry for entry in entries if recursive or "/" not in entry["path"][len(prefix) :]),
        key=lambda entry: entry["path"],
    )


def describe_paths(
    repository: Repository, paths: Iterable[str], announced: AnnouncedSize, *, expand: bool
) -> Iterator[Document]:
    """Those of `paths` that exist."""
    folders = {parent for path in repository.files for parent in _parents(path)}
    for path in (path.strip("/") for path in paths):
        if path in repository.files:
            file = repository.files[path]
            yield _file(repository, file, announced(file), expand=expand)
        elif path in folders:
            yield _folder(repository, path, expand=expand)


def list_references(repository: Repository) -> Document:
    """The one branch."""
    main = {"name": "main", "ref": "refs/heads/main", "targetCommit": repository.commit}
    return {"branches": [main], "converts": [], "tags": [], "pullRequests": []}


def list_commits(repository: Repository) -> list[Document]:
    """The history, newest first."""
    author = {"user": repository.name.partition("/")[0]}
    return [{**_commit(commit), "message": "", "authors": [author]} for commit in repository.history]


def _sibling(file: StoredFile, size: int, *, with_blobs: bool) -> Document:
    if not with_blobs:
        return {"rfilename": file.path}
    document: Document = {"rfilename": file.path, "size": size, "blobId": file.oid}
    if file.sha256:
        document["lfs"] = {"sha256": file.sha256, "size": size, "pointerSize": file.pointer_size}
    return document


def _file(repository: Repository, file: StoredFile, size: int, *, expand: bool) -> Document:
    document: Document = {"type": "file", "path": file.path, "size": size, "oid": file.oid}
    if file.sha256:
        document["lfs"] = {"oid": file.sha256, "size": size, "pointerSize": file.pointer_size}
    return document | ({"lastCommit": _commit(repository.history[0])} if expand else {})


def _folder(repository: Repository, path: str, *, expand: bool) -> Document:
    inside = (f"{file.oid} {name}" for name, file in repository.files.items() if name.startswith(f"{path}/"))
    oid = hashlib.sha1("\n".join(sorted(inside)).encode(), usedforsecurity=False).hexdigest()
    document: Document = {"type": "directory", "path": path, "size": 0, "oid": oid}
    return document | ({"lastCommit": _commit(repository.history[0])} if expand else {})


def _commit(commit: Commit) -> Document:
    return {"id": commit.id, "title": "Upload", "date": commit.date}


def _parents(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[:depth]) for depth in range(1, len(parts) + 1)]
