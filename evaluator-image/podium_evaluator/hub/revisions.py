"""From a branch or tag to the commit that it was at a given time."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Final, cast
from urllib.parse import quote, urlsplit

from huggingface_hub import constants, get_session, hf_raise_for_status

from podium_evaluator.canonical import strict_json
from podium_evaluator.hub.client import Hub, RepositoryKind
from podium_evaluator.hub.problems import HubError, HubProblem

__all__ = ["resolve_revision"]

_COMMIT: Final = re.compile(r"[0-9a-f]{40}")
_REPOSITORY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}/[A-Za-z0-9][A-Za-z0-9._-]{0,95}")
_PAGES: Final = 100
"""Of a history, newest first: some thousands of commits."""
_PAGE_BYTES: Final = 4 * 1024 * 1024
_TIMEOUT: Final = 60.0


def resolve_revision(
    hub: Hub, repository: str, revision: str, kind: RepositoryKind, until: int | None
) -> str:
    """The commit that a revision stands for.

    Args:
        hub: Where the repository is.
        repository: Its name.
        revision: A commit, which stands for itself and is not looked up, or a branch or tag.
        kind: Of the repository.
        until: A branch stands for its newest commit of this time or earlier, in seconds since the epoch,
            so that everybody who asks later gets the same. None is for its newest.

    Raises:
        HubError: The history cannot be had, or had not begun by then.
    """
    if _COMMIT.fullmatch(revision):
        return revision
    if not _REPOSITORY.fullmatch(repository):
        raise HubError(HubProblem.REPOSITORY, "not a repository name")
    for commit, date in _history(hub, repository, revision, kind):
        if until is None or date <= until:
            return commit
    when = "" if until is None else f" of {dt.datetime.fromtimestamp(until, dt.UTC):%Y-%m-%d %H:%M:%S} UTC"
    raise HubError(HubProblem.REVISION, f"{revision} has no commit{when} or earlier in {_PAGES} pages")


def _history(hub: Hub, repository: str, revision: str, kind: RepositoryKind) -> Iterator[tuple[str, float]]:
    """Commits and their times in seconds since the epoch, newest first, read page by page."""
    endpoint = (hub.endpoint or constants.ENDPOINT).rstrip("/")
    url = f"{endpoint}/api/{kind}s/{repository}/commits/{quote(revision, safe='')}"
    query = ""
    for _ in range(_PAGES):
        commits, query = _page(hub, f"{url}?{query}" if query else url)
        yield from commits
        if not query:
            return


def _page(hub: Hub, url: str) -> tuple[list[tuple[str, float]], str]:
    """One page, and the query of the next: of its address the rest is ours, whatever the hub calls itself."""
    headers = {"Accept-Encoding": "identity", "User-Agent": "podium"}
    if hub.token:
        headers["Authorization"] = f"Bearer {hub.token}"

    def read() -> tuple[list[tuple[str, float]], str]:
        body = bytearray()
        with get_session().stream("GET", url, headers=headers, timeout=_TIMEOUT) as response:
            if response.is_error:
                response.read()
            hf_raise_for_status(response)
            for chunk in response.iter_raw():
                body += chunk
                if len(body) > _PAGE_BYTES:
                    raise HubError(HubProblem.UNAVAILABLE, "a page of the history is too long")
            following = response.links.get("next", {}).get("url", "")
        return _commits(bytes(body)), urlsplit(following).query

    return hub.patiently(read)


def _commits(document: bytes) -> list[tuple[str, float]]:
    match strict_json(document):
        case list(rows) if all(isinstance(row, dict) for row in rows):
            return [_commit(cast("dict[str, object]", row)) for row in rows]
        case _:
            raise HubError(HubProblem.UNAVAILABLE, "the history is no list of commits")


def _commit(row: dict[str, object]) -> tuple[str, float]:
    match row:
        case {"id": str(commit), "date": str(date)} if _COMMIT.fullmatch(commit):
            moment = dt.datetime.fromisoformat(date)
            return commit, (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp()
        case _:
            raise HubError(HubProblem.UNAVAILABLE, "a commit has no id or no date")
