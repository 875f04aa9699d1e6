"""Paths of a repository: the globs that choose files, and the ids of their rows."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Final

from podium_evaluator.datasets.base import DatasetError
from podium_evaluator.errors import quoted

__all__ = ["chosen", "matches", "row_id"]

_LONGEST_ID: Final = 128
"""Characters of an id in evidence."""


def matches(path: str, pattern: str) -> bool:
    """Whether a path matches a glob: ``*`` and ``?`` stay inside a folder, ``**`` goes through folders."""
    pieces = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    return re.fullmatch("".join(pieces.get(part, re.escape(part)) for part in parts), path) is not None


def chosen(paths: Sequence[str], pattern: str) -> list[str]:
    """The paths that match a glob.

    Raises:
        DatasetError: None does.
    """
    found = [path for path in paths if matches(path, pattern)]
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
