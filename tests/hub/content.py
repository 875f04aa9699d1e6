"""Bytes of a file to a client: headers, ranges, and the faults of a body."""

import asyncio
from collections.abc import AsyncIterator, Callable
from http import HTTPStatus
from typing import BinaryIO

from aiohttp import web

from tests.hub.faults import Faults, Slow, Truncate, WrongEtag, WrongSize
from tests.hub.repository import Repository, StoredFile

_CHUNK_BYTES = 1024 * 1024
_SLOW_STEPS = 20  # chunks a second of a slow body


def describe_file(repository: Repository, file: StoredFile, faults: Faults) -> dict[str, str]:
    """The headers about a file that `resolve` answers with."""
    name = name_of(repository, file)
    wrong_etag, wrong_size = faults.take(WrongEtag, name), faults.take(WrongSize, name)
    etag = wrong_etag.etag if wrong_etag else file.etag
    headers = {"X-Repo-Commit": repository.commit, "ETag": f'"{etag}"', "Accept-Ranges": "bytes"}
    if file.sha256:
        headers["X-Linked-Etag"] = f'"{etag}"'
        headers["X-Linked-Size"] = str(wrong_size.size if wrong_size else file.size)
    return headers


def name_of(repository: Repository, file: StoredFile) -> str:
    """What faults on a file are matched with."""
    return f"{repository.kind}/{repository.name}/{file.path}"


async def send_file(
    request: web.Request,
    repository: Repository,
    file: StoredFile,
    faults: Faults,
    count: Callable[[int], None],
) -> web.StreamResponse:
    """Answer HEAD or GET with the file, or the range of it that was asked for; `count` the bytes sent."""
    headers = describe_file(repository, file, faults)
    try:
        wanted = request.http_range
        start, stop, _ = wanted.indices(file.size)
    except ValueError:
        start, stop, wanted = 0, 0, slice(file.size, None)
    ranged = wanted.start is not None or wanted.stop is not None
    if ranged and start >= stop:
        refused = {**headers, "Content-Range": f"bytes */{file.size}"}
        return web.Response(status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers=refused)
    response = web.StreamResponse(headers=headers)
    response.content_type = "application/octet-stream"
    response.content_length = stop - start
    if ranged:
        response.set_status(HTTPStatus.PARTIAL_CONTENT)
        response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{file.size}"
    await response.prepare(request)
    if request.method == "GET":
        name = name_of(repository, file)
        await _send_body(request, response, file, slice(start, stop), faults, name, count)
    return response


async def _send_body(
    request: web.Request,
    response: web.StreamResponse,
    file: StoredFile,
    part: slice,
    faults: Faults,
    name: str,
    count: Callable[[int], None],
) -> None:
    truncate, slow = faults.take(Truncate, name), faults.take(Slow, name)
    length = part.stop - part.start
    sent = min(length, truncate.after) if truncate else length
    with file.file.open("rb") as stream:
        stream.seek(part.start)
        async for chunk in _chunks(stream, sent, slow):
            count(len(chunk))  # first, so that nobody has bytes that are not counted
            await response.write(chunk)
    if sent < length and request.transport is not None:
        request.transport.close()  # sends what is buffered, unlike abort


async def _chunks(stream: BinaryIO, length: int, slow: Slow | None) -> AsyncIterator[bytes]:
    size = max(1, slow.bytes_per_second // _SLOW_STEPS) if slow else _CHUNK_BYTES
    while length:
        chunk = await asyncio.to_thread(stream.read, min(size, length))
        if not chunk:
            return
        length -= len(chunk)
        yield chunk
        if slow:
            await asyncio.sleep(len(chunk) / slow.bytes_per_second)
