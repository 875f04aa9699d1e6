"""What the headers of an answer say about a file, by whose word."""

import httpx2
import pytest

from podium_evaluator.hub.answers import announced_file, offered, starts_at
from podium_evaluator.hub.body import HubFile

_SHA256 = "a" * 64
_BLOB = "b" * 40


def answer(
    headers: dict[str, str], status: int = 200, redirected: dict[str, str] | None = None
) -> httpx2.Response:
    history = [] if redirected is None else [httpx2.Response(302, headers=redirected)]
    return httpx2.Response(status, headers=headers, history=history)


@pytest.mark.parametrize(
    ("response", "file"),
    [
        (
            answer({"ETag": '"other"'}, redirected={"X-Linked-Etag": f'"{_SHA256}"', "X-Linked-Size": "9"}),
            HubFile(9, sha256=_SHA256),
        ),
        (answer({"ETag": f'"{_BLOB}"', "Content-Length": "9"}), HubFile(9, blob=_BLOB)),
        (
            answer({"ETag": f'"{_BLOB}"', "Content-Range": "bytes 4-8/9"}, status=206),
            HubFile(9, blob=_BLOB),
        ),
        # A storage's own etag may have the form of a digest and be none.
        (answer({"ETag": f'"{_BLOB}"', "Content-Length": "9"}, redirected={}), None),
        (answer({"ETag": f'"{_SHA256}"', "Content-Length": "9"}), None),
        (answer({"ETag": f'W/"{_BLOB}"', "Content-Length": "9"}), None),
        (answer({"X-Linked-Etag": f'"{_SHA256}"'}), None),
        (answer({}), None),
    ],
)
def test_digests_are_the_hubs_own_word(response: httpx2.Response, file: HubFile | None) -> None:
    assert announced_file(response) == file


@pytest.mark.parametrize(
    ("response", "total", "start"),
    [
        (answer({"Content-Length": "9"}), 9, 0),
        (answer({"Content-Length": "5", "Content-Range": "bytes 4-8/9"}, status=206), 9, 4),
        (answer({"Content-Length": "5", "Content-Range": "bytes 4-8/*"}, status=206), None, -1),
        (answer({"Content-Length": "5"}, status=206), None, -1),
        (answer({}), None, 0),
    ],
)
def test_a_part_says_where_it_lies_in_the_whole(
    response: httpx2.Response, total: int | None, start: int
) -> None:
    assert (offered(response), starts_at(response)) == (total, start)
