"""Paths of a repository: the globs that choose files, and the ids of their rows."""

from __future__ import annotations

import hashlib
import re
from typing import Final

__all__ = ["matches", "row_id", "short_id"]

_LONGEST_ID: Final = 128
"""Characters of an id in evidence."""


def matches(path: str, pattern: str) -> bool:
    """Whether a path matches a glob: ``*`` and ``?`` stay inside a folder, ``**`` goes through folders."""
    pieces = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    return re.fullmatch("".join(pieces.get(part, re.escape(part)) for part in parts), path) is not None


def row_id(path: str, row: int) -> str:
    """``<path>#<row>`` with the row's number in its file, from 0."""
    return short_id(f"{path}#{row}")


def short_id(text: str) -> str:
    """`text`, or where it is too long for an id a digest of it and its end."""
    if len(text) <= _LONGEST_ID:
        return text
    digest = f"{hashlib.sha256(text.encode()).hexdigest()[:16]}~"
    return digest + text[len(digest) - _LONGEST_ID :]
