"""The queue for a first evaluation, from the objects of a namespace."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from podium.commands.queue import QueuePlace, place_in_queue, world_of
from tests.podium.api.cases.case import changed, valid
from tests.podium.api.objects import ALICE, BOB

# Any: the JSON of Kubernetes objects.
Raw = dict[str, Any]


def _object(kind: str, name: str, **changes: Any) -> Raw:
    head = {"metadata/name": name, "metadata/namespace": "games"}
    given = {path.replace("__", "/"): value for path, value in changes.items()}
    return changed(valid(kind), {**head, **given}.items())


_LEDGER = _object(
    "Subnet", "main", metadata__uid="subnet", metadata__creationTimestamp="2026-01-01T00:00:00Z"
)
_NOW = datetime(2026, 1, 2, tzinfo=UTC)


def _waiting(name: str, minute: int, **status: Any) -> Raw:
    created = f"2026-01-01T01:{minute:02}:00Z"
    hotkeys = {"alice": ALICE, "bob": BOB}
    return _object(
        "ModelSubmission",
        name,
        metadata__uid=f"uid-{name}",
        metadata__creationTimestamp=created,
        spec__hotkey=hotkeys[name],
        status=status,
    )


def _place(name: str, *submissions: Raw, rounds: tuple[Raw, ...] = ()) -> QueuePlace | None:
    competition = _object("Competition", "small", metadata__uid="7d9b")
    world = world_of(competition, [_LEDGER], submissions, rounds, _NOW)
    assert world is not None
    return place_in_queue(world, name)


def test_the_queue_is_in_the_order_of_commitment_whatever_the_order_of_the_list() -> None:
    alice, bob = _waiting("alice", 5), _waiting("bob", 1)
    assert _place("alice", alice, bob) == _place("alice", bob, alice) == QueuePlace(2, 2)
    assert _place("bob", alice, bob) == QueuePlace(1, 2)


def test_who_was_evaluated_or_takes_part_now_is_not_in_the_queue() -> None:
    evaluation = {"round": "small-720", "block": 720, "outcome": "Scored", "score": "0.5"}
    done = _waiting("bob", 1, evaluations=[evaluation])
    assert _place("bob", _waiting("alice", 5), done) is None
    assert _place("alice", _waiting("alice", 5), done) == QueuePlace(1, 1)
    seat = {"spec__contenders": [{**valid("Round")["spec"]["contenders"][0], "submissionUID": "uid-alice"}]}
    running = _object("Round", "small-720", metadata__uid="round", **seat)
    assert _place("alice", _waiting("alice", 5), rounds=(running,)) is None


def test_a_submission_that_cannot_be_read_hides_no_other() -> None:
    broken = _object("ModelSubmission", "broken", spec={"competition": "small"})
    assert _place("alice", broken, _waiting("alice", 5)) == QueuePlace(1, 1)
