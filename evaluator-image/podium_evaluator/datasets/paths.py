"""Paths of a repository: the globs that choose files, and the ids of their rows."""

from __future__ import annotations

import fnmatch
import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import Final

from podium_evaluator.datasets.base import DatasetError
from podium_evaluator.errors import quoted

__all__ = ["chosen", "matches", "matching", "row_id"]

_LONGEST_ID: Final = 128
"""Characters of an id in evidence."""
_PIECES: Final = re.compile(r"(\*\*/|\*\*|\*|\?|\[[^\]]+\])")
_ONE_LETTER: Final = re.compile(r"\?|\[[^\]]+\]")


def matches(path: str, pattern: str) -> bool:
    """Whether a path matches a glob.

    ``*``, ``?`` and ``[0-9]`` stay inside a folder, ``**`` goes through folders. The time is bounded by the
    product of both lengths, whatever the pattern is.
    """
    # Where the path may stand after each piece: all possibilities at once, so that none is tried twice.
    reached = {0}
    for piece in filter(None, _PIECES.split(pattern)):
        reached = _after(path, reached, piece)
        if not reached:
            return False
    return len(path) in reached


def _after(path: str, reached: set[int], piece: str) -> set[int]:
    """The offsets that one more piece of a glob leads to."""
    offsets = range(min(reached), len(path))
    match piece:
        case "**":
            return {*offsets, len(path)}
        case "**/":
            return reached | {offset + 1 for offset in offsets if path[offset] == "/"}
        case "*":
            found = set(reached)
            for offset in offsets:
                if offset in found and path[offset] != "/":
                    found.add(offset + 1)
            return found
        case _ if _ONE_LETTER.fullmatch(piece):
            inside = (offset for offset in reached if path[offset : offset + 1] not in {"", "/"})
            return {offset + 1 for offset in inside if fnmatch.fnmatchcase(path[offset], piece)}
        case _:
            return {offset + len(piece) for offset in reached if path.startswith(piece, offset)}


def matching(paths: Iterable[str], pattern: str) -> list[str]:
    """The paths that match a glob, in their order."""
    # Cheap, and of thousands of paths most begin otherwise.
    beginning = _PIECES.split(pattern, maxsplit=1)[0]
    return [path for path in paths if path.startswith(beginning) and matches(path, pattern)]


def chosen(paths: Sequence[str], pattern: str) -> list[str]:
    """The paths that match a glob.

    Raises:
        DatasetError: None does.
    """
    found = matching(paths, pattern)
    if not found:
        raise DatasetError(f"none of {len(paths)} parquet files matches {quoted(pattern, 140)}")
    return found


def row_id(path: str, row: int) -> str:
    """``<path>#<row>`` with the row's number in its file, from 0.

    Of a path that is too long for an id its end stays, behind a digest of the whole.
    """
    number = f"#{row}"
    if len(path) + len(number) > _LONGEST_ID:
        digest = hashlib.sha256(path.encode()).hexdigest()[:16]
        path = f"{digest}~{path[len(digest) + 1 + len(number) - _LONGEST_ID :]}"
    return path + number
