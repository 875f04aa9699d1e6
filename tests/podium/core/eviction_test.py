"""A store that is too small for all models: who makes way, who waits, and who comes back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from podium.core.conditions import find_condition
from podium.core.jobs import Purpose
from podium.core.plan import CreateFetchJob
from tests.podium.core.objects import a_competition, a_submission
from tests.podium.core.worlds import World

_SIZE = 1000
"""Bytes of every model of these worlds."""


def _world(room: int, *names: str, **changes: object) -> World:
    changes = {"keep_top": 1, "max_contenders": 3, **changes}
    competition = a_competition(model_bytes=_SIZE, store_bytes=room * _SIZE, **changes)
    scores = {name: f"0.{9 - number}" for number, name in enumerate(names)}
    world = World(competition=competition, scores=scores)
    world.add(*(a_submission(name, number + 1) for number, name in enumerate(names)))
    return world


def _stored(world: World) -> set[str]:
    return {
        one.name
        for one in world.submissions.values()
        if one.status.manifest_digest is not None and one.status.evicted_block is None
    }


def _fetched(world: World, name: str) -> tuple[str, str]:
    condition = find_condition(world.submission(name).status.conditions, "Fetched")
    assert condition is not None
    return condition.reason, condition.message


def _fetches(world: World) -> list[CreateFetchJob]:
    return [one for one in world.applied if isinstance(one, CreateFetchJob)]


def test_a_store_with_room_for_all_keeps_all() -> None:
    world = _world(5, "a", "b", "c", "d")
    world.run_to(590)
    assert _stored(world) == {"a", "b", "c", "d"}
    assert not any(one.evict for one in _fetches(world))


def test_who_was_measured_and_has_no_seat_in_prospect_makes_way_for_the_next() -> None:
    world = _world(4, *"abcdefg")
    world.run_to(90)
    assert _stored(world) == {"a", "b", "c", "d"}
    world.run_to(790)
    assert all(one.status.evaluations for one in world.submissions.values())
    # Each was better than the one before.
    assert "g" in _stored(world)
    assert _fetched(world, "a")[0] == "Evicted"
    assert len(_stored(world)) <= 4


def test_what_was_evicted_keeps_its_history_and_the_next_fetch_removes_it() -> None:
    world = _world(2, "a", "b", "c")
    world.run_to(390)
    lost = world.submission("a").status
    assert lost.evicted_block is not None
    assert lost.manifest_digest == "sha256:a"
    assert lost.score == "0.9"
    assert lost.evaluations
    assert [one.evict for one in _fetches(world) if one.submission == "c"] == [("sha256:a",)]


def test_nothing_is_evicted_that_a_running_round_still_needs() -> None:
    world = _world(2, "a", "b", "c")
    world.stuck = {(Purpose.EVALUATE, "a"), (Purpose.EVALUATE, "b")}
    world.run_to(150)
    assert _stored(world) == {"a", "b"}
    reason, message = _fetched(world, "c")
    assert reason == "StoreFull"
    assert "store.maxBytes" in message


def test_who_waits_for_room_is_fetched_as_soon_as_the_organiser_gives_more() -> None:
    world = _world(2, "a", "b", "c")
    world.stuck = {(Purpose.EVALUATE, "a"), (Purpose.EVALUATE, "b")}
    world.run_to(150)
    world.competition = replace(world.competition, store_bytes=3 * _SIZE, generation=2)
    world.run_to(160)
    assert _stored(world) == {"a", "b", "c"}


def test_models_that_cannot_take_part_any_more_go_first() -> None:
    world = _world(3, "a", "b")
    world.run_to(190)
    world.add(a_submission("other", 191, hotkey="hotkey-b"), a_submission("c", 192))
    world.run_to(250)
    assert world.submission("b").status.evicted_block is not None
    assert world.submission("b").status.phase == "Superseded"
    assert world.submission("a").status.evicted_block is None


def test_bytes_that_somebody_else_still_needs_stay() -> None:
    """The copy is rejected, and its bytes are those of the original, which has not been measured yet."""
    world = _world(2, "a", "b", "copy", "c")
    world.contents["copy"] = "b"
    world.stuck = {(Purpose.EVALUATE, "a"), (Purpose.EVALUATE, "b")}
    world.run_to(160)
    assert _stored(world) == {"a", "b"}
    assert not any("sha256:b" in one.evict for one in _fetches(world))


def test_who_may_take_part_again_is_fetched_again() -> None:
    """Other tasks make all scores stale: those that were evicted get their turn once more."""
    world = _world(4, *"abcdefg")
    world.run_to(790)
    assert world.submission("a").status.evicted_block is not None
    before = len(world.submission("a").status.evaluations)
    (entry,) = world.competition.task_schedule
    world.competition = replace(
        world.competition, task_schedule=(replace(entry, digest="others"),), generation=2
    )
    world.run_to(1990)
    assert len(world.submission("a").status.evaluations) > before
    names = [one.name for one in _fetches(world)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("killed", range(1, 60, 3))
def test_killed_anywhere_no_round_ever_misses_its_models(killed: int) -> None:
    world = _world(4, *"abcdefg")
    world.killed_after = frozenset({killed})
    world.run_to(790)
    assert all(one.status.evaluations for one in world.submissions.values())


def test_the_settled_world_is_not_written_again() -> None:
    world = _world(2, "a", "b", "c")
    world.run_to(390)
    writes = len(world.applied)
    world.settle()
    assert len(world.applied) == writes
