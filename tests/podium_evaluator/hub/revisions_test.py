"""A branch stands for the newest commit that was there at a given time."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from podium_evaluator.hub import revisions
from podium_evaluator.hub.client import Hub
from podium_evaluator.hub.problems import HubError, HubProblem
from podium_evaluator.hub.revisions import resolve_revision
from tests.hub import Hub as Server
from tests.hub import Refuse, hub_in_thread

_REPOSITORY = "org/data"
_COMMITS = [f"{number:040x}" for number in range(7)]
_DAY = 86_400
_NEW_YEAR = 1_767_225_600
"""2026 began."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Commit number n is of January n+1, the last one is what is there now."""
    folder = tmp_path / "datasets" / _REPOSITORY
    folder.mkdir(parents=True)
    newest, *earlier = [
        {"commit": commit, "date": f"2026-01-{number + 1:02d}T00:00:00.000Z"}
        for number, commit in reversed([*enumerate(_COMMITS)])
    ]
    (folder / ".hub.json").write_text(json.dumps({**newest, "history": earlier}), encoding="utf-8")
    with hub_in_thread(tmp_path, page_entries=2) as hub:
        yield hub


def resolve(server: Server, revision: str, until: int | None, repository: str = _REPOSITORY) -> str:
    hub = Hub(server.endpoint, None, lambda _: None)
    return resolve_revision(hub, repository, revision, "dataset", until)


def test_a_commit_stands_for_itself_and_is_not_looked_up(server: Server) -> None:
    assert resolve(server, "f" * 40, _NEW_YEAR) == "f" * 40
    assert server.requests == []


@pytest.mark.parametrize(
    ("until", "number"),
    [
        (None, 6),
        (_NEW_YEAR + 100 * _DAY, 6),
        (_NEW_YEAR + 6 * _DAY, 6),
        (_NEW_YEAR + 6 * _DAY - 1, 5),
        (_NEW_YEAR + _DAY, 1),
        (_NEW_YEAR, 0),
    ],
)
def test_a_branch_is_its_newest_commit_not_after_a_time(
    server: Server, until: int | None, number: int
) -> None:
    assert resolve(server, "main", until) == _COMMITS[number]


def test_no_more_of_the_history_is_read_than_needed(server: Server) -> None:
    resolve(server, "main", _NEW_YEAR + 4 * _DAY)

    assert len(server.requests) == 2, "two pages of two commits"


def test_a_time_before_the_history_is_told(server: Server) -> None:
    with pytest.raises(HubError, match="main has no commit of 2025-12-31 23:59:59 UTC or earlier") as caught:
        resolve(server, "main", _NEW_YEAR - 1)
    assert caught.value.problem is HubProblem.REVISION


def test_a_bounded_number_of_pages_is_read(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revisions, "_PAGES", 2)

    with pytest.raises(HubError, match="or earlier in 2 pages"):
        resolve(server, "main", _NEW_YEAR)
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("repository", "revision", "problem"),
    [
        (_REPOSITORY, "nothing", HubProblem.REVISION),
        ("org/nothing", "main", HubProblem.REPOSITORY),
        ("no name", "main", HubProblem.REPOSITORY),
        ("org/../data", "main", HubProblem.REPOSITORY),
    ],
)
def test_what_does_not_exist_is_told_apart(
    server: Server, repository: str, revision: str, problem: HubProblem
) -> None:
    with pytest.raises(HubError) as caught:
        resolve(server, revision, None, repository)
    assert caught.value.problem is problem


def test_a_short_trouble_changes_nothing_and_a_lasting_one_is_the_hubs(server: Server) -> None:
    server.faults.add(Refuse(503), times=2)
    assert resolve(server, "main", None) == _COMMITS[6]

    server.faults.add(Refuse(503))
    with pytest.raises(HubError) as caught:
        resolve(server, "main", None)
    assert caught.value.problem is HubProblem.UNAVAILABLE


@pytest.mark.parametrize(
    "document",
    [
        "{}",
        "no JSON",
        '[{"id": "short", "date": "2026-01-01T00:00:00Z"}]',
        f'[{{"id": "{"a" * 40}"}}]',
        f'[{{"id": "{"a" * 40}", "date": "soon"}}]',
        "[1]",
    ],
)
def test_a_strange_history_is_refused(document: str) -> None:
    with pytest.raises((HubError, ValueError)):
        revisions._commits(document.encode())
