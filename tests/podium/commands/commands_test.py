"""`podium leaderboard` and `podium explain`: sentences from objects alone."""

from __future__ import annotations

import json
from typing import Any, Self

import pytest

from podium.cluster.resources import COMPETITIONS, ROUNDS, SUBMISSIONS, WEIGHT_UPDATES, Resource
from podium.commands.explain import explain, explained
from podium.commands.leaderboard import leaderboard
from podium.commands.queue import QueuePlace
from podium.errors import PodiumError, RefusedError
from tests.podium.api.cases.case import changed, valid
from tests.podium.api.objects import ALICE, DIGEST

# Any: the JSON of Kubernetes objects.
Raw = dict[str, Any]


def _object(kind: str, name: str, **changes: Any) -> Raw:
    head = {"metadata/name": name, "metadata/namespace": "games"}
    given = {path.replace("__", "/"): value for path, value in changes.items()}
    return changed(valid(kind), {**head, **given}.items())


COMPETITION = _object(
    "Competition",
    "small",
    status={
        "phase": "Ready",
        "lastRound": {"name": "small-720", "block": 720},
        "nextRoundBlock": 1080,
        "submissions": {"total": 3, "fetched": 2, "waiting": 0, "rejected": 1},
        "leader": {"submission": "alice", "share": "0.900000000000000000"},
    },
)


def _ranked(name: str, place: int, score: str, block: int = 720) -> Raw:
    evaluation = {"round": f"small-{block}", "block": block, "outcome": "Scored", "score": score}
    status = {"phase": "Ranked", "place": place, "score": score, "share": "0.25", "evaluations": [evaluation]}
    return _object("ModelSubmission", name, status=status)


REJECTED = _object(
    "ModelSubmission",
    "mallory",
    status={
        "phase": "Rejected",
        "conditions": [{"type": "Accepted", "status": "False", "reason": "Duplicate", "message": "of alice"}],
    },
)


def test_the_leaderboard_is_by_the_newest_round_then_by_place_and_the_others_follow() -> None:
    old = _ranked("old", 1, "0.1", 360)
    lines = leaderboard(COMPETITION, [REJECTED, old, _ranked("bob", 2, "0.75"), _ranked("alice", 1, "0.5")])
    assert lines[0] == "small: Ready, last round small-720, next at block 1080"
    assert [line.split()[1] for line in lines[3:]] == ["alice", "bob", "old", "mallory"]
    assert lines[3].split() == ["1", "alice", "0.5000", "25.0%", "small-720", "Ranked"]
    assert lines[6].split() == ["-", "mallory", "-", "-", "-", "Rejected:", "Duplicate"]


def test_columns_are_aligned() -> None:
    lines = leaderboard(COMPETITION, [_ranked("a-very-long-name-of-a-model", 1, "0.5"), _ranked("b", 2, "1")])
    column = lines[2].index("SCORE")
    assert lines[3][column:].startswith("0.5000")
    assert lines[4][column:].startswith("1.0000")


def test_an_empty_leaderboard_is_a_header() -> None:
    lines = leaderboard(_object("Competition", "new"), [])
    assert lines[0].startswith("new: new, last round none yet")
    assert len(lines) == 3


def test_a_waiting_submission_is_told_its_next_round() -> None:
    waiting = _object("ModelSubmission", "alice", status={"phase": "Fetched", "commitBlock": 12})
    lines = explain(SUBMISSIONS, waiting, COMPETITION).lines()
    assert lines[0] == "ModelSubmission alice: Fetched"
    assert any("committed at block 12" in line and ALICE in line for line in lines)
    assert any("the next one is at block 1080" in line for line in lines)


def test_a_rejected_submission_is_told_why_and_promised_nothing() -> None:
    lines = explain(SUBMISSIONS, REJECTED, COMPETITION).lines()
    assert "  Accepted is False (Duplicate): of alice" in lines
    assert not any("the next one" in line for line in lines)


def test_a_ranked_submission_is_told_its_place_and_share() -> None:
    stored = {"manifestDigest": DIGEST, "architecture": "Llama", "parameters": 3_300_000_000, "bytes": 10**9}
    ranked = _ranked("alice", 1, "0.5")
    ranked["status"] |= stored
    text = "\n".join(explain(SUBMISSIONS, ranked, COMPETITION).lines())
    assert "place 1; share of the moving average 0.25" in text
    assert "round small-720 at block 720: Scored, score 0.5" in text
    assert "Llama of 3,300,000,000 parameters" in text


def test_a_round_names_what_became_of_everybody() -> None:
    status = {
        "phase": "Completed",
        "results": [
            {"submission": "alice", "outcome": "Scored", "score": "0.5"},
            {"submission": "bob", "outcome": "Missing", "reason": "Timeout", "message": "too slow"},
            {"submission": "carol"},
        ],
        "ranking": [{"submission": "alice", "place": 1, "wins": 1, "share": "1"}],
    }
    text = "\n".join(explain(ROUNDS, _object("Round", "small-720", status=status)).lines())
    assert "alice: Scored, score 0.5" in text
    assert "bob: Missing, score - (Timeout: too slow)" in text
    assert "carol: being evaluated" in text
    assert "place 1: alice beat 1, share 1" in text


def test_a_round_tells_its_samples_and_the_score_of_each_task() -> None:
    prepared = [
        {"name": "web", "samples": 390, "dropped": 10, "revision": 40 * "a", "digest": DIGEST},
        {"name": "rules", "samples": 0, "reason": "TooFewSamples", "message": "3 of org/rows, 10 needed"},
    ]
    tasks = [
        {"name": "web", "score": "2.5"},
        {"name": "choice", "reason": "NonFiniteScore", "message": "sample a#1"},
    ]
    results = [{"submission": "alice", "outcome": "Scored", "score": "0.5", "tasks": tasks}]
    status = {"phase": "Completed", "samples": {"tasks": prepared}, "results": results}
    text = "\n".join(explain(ROUNDS, _object("Round", "small-720", status=status)).lines())
    assert f"task web: 390 samples of commit {40 * 'a'}, 10 dropped" in text
    assert "task rules is left out (TooFewSamples: 3 of org/rows, 10 needed)" in text
    assert "    web: 2.5" in text
    assert "    choice: the worst there is (NonFiniteScore: sample a#1)" in text


def test_a_weight_update_shows_where_it_comes_from() -> None:
    text = "\n".join(explain(WEIGHT_UPDATES, _object("WeightUpdate", "weights-720")).lines())
    assert "weights of epoch 720 to 1079" in text
    assert "small gives 100 %, from the average after small-720" in text


def test_a_competition_counts_and_names_its_leader() -> None:
    text = "\n".join(explain(COMPETITIONS, COMPETITION).lines())
    assert "submissions: 3, of which 2 take part" in text
    assert "alice leads with 0.900000000000000000" in text


@pytest.mark.parametrize(
    ("resource", "kind"),
    [
        (COMPETITIONS, "Competition"),
        (SUBMISSIONS, "ModelSubmission"),
        (ROUNDS, "Round"),
        (WEIGHT_UPDATES, "WeightUpdate"),
    ],
)
def test_an_object_that_nobody_has_looked_at_is_explained(resource: Resource, kind: str) -> None:
    lines = explain(resource, _object(kind, "new"), COMPETITION).lines()
    assert lines[0] == f"{kind} new: not looked at yet"
    assert lines[-1] == "  none yet"


@pytest.mark.parametrize("target", ["alice", "pod/alice", "msub/", ""])
async def test_what_cannot_be_explained_says_what_was_expected(target: str) -> None:
    with pytest.raises(PodiumError, match="expected msub/NAME"):
        await explained(None, "games", target)


def test_the_document_says_what_the_text_says() -> None:
    waiting = _object("ModelSubmission", "alice", status={"phase": "Fetched", "commitBlock": 12})
    found = explain(SUBMISSIONS, waiting, COMPETITION, QueuePlace(3, 14))
    assert "  3 of 14 in the queue for a first evaluation" in found.lines()
    assert json.loads(found.document()) == {
        "kind": "ModelSubmission",
        "name": "alice",
        "phase": "Fetched",
        "reasons": [
            f"committed at block 12 by {ALICE}",
            "takes part in rounds from block 12 on; the next one is at block 1080",
            "3 of 14 in the queue for a first evaluation",
        ],
        "queue": {"position": 3, "length": 14},
        "conditions": [],
    }


def test_the_document_of_a_rejected_submission_has_its_conditions() -> None:
    document = json.loads(explain(SUBMISSIONS, REJECTED, COMPETITION).document())
    assert [one["reason"] for one in document["conditions"]] == ["Duplicate"]
    assert document["queue"] is None


class _Cluster:
    """The API server for `explained`: what it holds, and what it refuses to list."""

    def __init__(self, objects: list[Raw], *refused: str) -> None:
        self.objects = objects
        self.refused = refused

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def get(self, resource: Resource, _namespace: str, name: str) -> Raw:
        return next(one for one in (await self.list(resource, "", ""))[0] if one["metadata"]["name"] == name)

    async def list(
        self, resource: Resource, _namespace: str, selector: str | None = None
    ) -> tuple[list[Raw], int]:
        if selector is None and resource.kind in self.refused:
            raise RefusedError(f"{resource.kind} is forbidden")
        return [one for one in self.objects if one["kind"] == resource.kind], 1


@pytest.mark.parametrize(("refused", "queue"), [((), QueuePlace(1, 1)), (("Round",), None)])
async def test_the_queue_is_told_to_those_who_may_see_it(
    monkeypatch: pytest.MonkeyPatch, refused: tuple[str, ...], queue: QueuePlace | None
) -> None:
    moment = {"metadata__creationTimestamp": "2026-01-01T00:00:00Z"}
    objects = [
        _object("Subnet", "main", metadata__uid="subnet", **moment),
        _object("Competition", "small", metadata__uid="7d9b", **moment),
        _object("ModelSubmission", "alice", metadata__uid="uid-alice", **moment),
    ]

    async def connect(_: str | None) -> _Cluster:
        return _Cluster(objects, *refused)

    monkeypatch.setattr("podium.commands.explain.Client.connect", connect)
    found = await explained(None, "games", "msub/alice")
    assert found.queue == queue
    assert found.reasons[0].startswith("committed at block")
