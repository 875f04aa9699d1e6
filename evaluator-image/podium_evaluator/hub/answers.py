"""What the headers of an answer to a request for a file say about the file."""

from __future__ import annotations

import re
from typing import Final

import httpx2  # the HTTP library of huggingface_hub

from podium_evaluator.hub.body import HubFile

__all__ = ["announced_file", "offered", "starts_at"]

_SHA256: Final = re.compile(r'"([0-9a-f]{64})"')
_BLOB: Final = re.compile(r'"([0-9a-f]{40})"')
_RANGE: Final = re.compile(r"bytes (\d{1,18})-\d{1,18}/(\d{1,18})")
_PARTIAL_CONTENT: Final = 206


def announced_file(response: httpx2.Response) -> HubFile | None:
    """Size and digest by the hub's own headers; those of the storage it redirects to are not its word."""
    first = (*response.history, response)[0].headers
    linked, size = _SHA256.fullmatch(first.get("X-Linked-Etag", "")), first.get("X-Linked-Size", "")
    if linked and size.isdecimal():
        return HubFile(int(size), sha256=linked[1])
    blob, total = _BLOB.fullmatch(first.get("ETag", "")), offered(response)
    if blob and total is not None and not response.history:
        return HubFile(total, blob=blob[1])
    return None


def offered(response: httpx2.Response) -> int | None:
    """The whole file's size by the length of the body or by the range that it is."""
    if response.status_code == _PARTIAL_CONTENT:
        part = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
        return int(part[2]) if part else None
    length = response.headers.get("Content-Length", "")
    return int(length) if length.isdecimal() else None


def starts_at(response: httpx2.Response) -> int:
    """The offset of the body's first byte in the file."""
    if response.status_code != _PARTIAL_CONTENT:
        return 0
    part = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
    return int(part[1]) if part else -1
