"""A competition's passes: whole rounds, killed between any two writes, end with the same result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.core.faults import Fault
from podium.core.jobs import Purpose
from podium.core.kinds import RoundPhase
from tests.podium.core.objects import a_competition, a_submission, failed, scored
from tests.podium.core.worlds import World

Story = Callable[[frozenset[int]], World]


def _two_rounds(killed_after: frozenset[int]) -> World:
    """Three models, one of them a copy, one infrastructure failure, one that is nobody's fault twice."""
    world = World(killed_after=killed_after, scores={"alice": "0.9", "bob": "0.5", "carol": "0.7"})
    world.contents["dave"] = "alice"
    world.script[Purpose.EVALUATE, "bob"] = [failed(), failed(Fault.INFRASTRUCTURE, "OutOfMemory")]
    world.script[Purpose.FETCH, "carol"] = [failed(Fault.SUBMISSION, "NotYetPublished", retriable=True)]
    world.script[Purpose.PREPARE, "small-200"] = [failed()]
    world.add(a_submission("alice", 1), a_submission("bob", 2), a_submission("carol", 3))
    world.run_to(130)
    world.add(a_submission("dave", 130), a_submission("erin", 130))
    world.run_to(230)
    return world


def _late(killed_after: frozenset[int]) -> World:
    """The operator is away from a round's middle until the next sync block."""
    world = World(killed_after=killed_after, scores={"alice": "0.9", "bob": "0.5", "carol": "0.2"})
    world.competition = a_competition(keep_top=1, max_parallel=3)
    world.add(a_submission("alice", 1), a_submission("bob", 2), a_submission("carol", 3))
    world.script[Purpose.EVALUATE, "carol"] = [None]
    world.run_to(230)
    return world


def _sweeping(killed_after: frozenset[int]) -> World:
    """Rounds are swept as soon as they are over."""
    world = World(killed_after=killed_after, scores={"alice": "0.9", "bob": "0.5"})
    world.competition = a_competition(history_limit=1)
    world.add(a_submission("alice", 1))
    world.run_to(130)
    world.add(a_submission("bob", 130))
    world.run_to(330)
    return world


def _postponed(killed_after: frozenset[int]) -> World:
    """Samples and the leader are missing in turns, and the organiser edits and pauses in between."""
    world = World(killed_after=killed_after, scores={"alice": "0.5", "bob": "0.9"})
    world.competition = a_competition(history_limit=1, max_attempts=1)
    gone = failed(Fault.ORGANIZER, "TooFewSamples")
    world.script |= {(Purpose.PREPARE, f"small-{block}"): [gone] for block in (200, 400, 500)}
    world.script[Purpose.EVALUATE, "alice"] = [scored("0.5"), failed()]
    world.add(a_submission("alice", 1), a_submission("bob", 130))
    world.run_to(230)
    world.competition = replace(world.competition, when_task_unavailable="Renormalize", generation=2)
    world.run_to(430)
    world.competition = replace(world.competition, suspended=True)
    world.run_to(440)
    world.competition = replace(world.competition, suspended=False)
    world.run_to(630)
    return world


STORIES = {"postponed": _postponed, "two rounds": _two_rounds, "a late round": _late, "sweeping": _sweeping}


@cache
def _uninterrupted(story: Story) -> World:
    return story(frozenset())


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES.keys())
def test_a_kill_after_any_write_changes_no_result(story: Story) -> None:
    expected = _uninterrupted(story)
    for write in range(1, len(expected.applied) + 1):
        assert story(frozenset({write})).outcome() == expected.outcome(), expected.applied[write - 1]


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES.keys())
def test_a_kill_after_every_write_changes_no_result(story: Story) -> None:
    assert story(frozenset(range(10_000))).outcome() == _uninterrupted(story).outcome()


@settings(max_examples=20)
@given(kills=st.frozensets(st.integers(1, 150), max_size=20))
def test_any_number_of_kills_changes_no_result(kills: frozenset[int]) -> None:
    assert _two_rounds(kills).outcome() == _uninterrupted(_two_rounds).outcome()


def test_abandoned_rounds_do_not_push_out_the_completed_one_that_is_paid() -> None:
    world = World(competition=a_competition(history_limit=1))
    world.add(a_submission("alice", 1))
    world.run_to(130)
    world.stuck = {(Purpose.EVALUATE, "alice")}
    world.run_to(460)
    assert world.round(100).status.phase is RoundPhase.COMPLETED
    assert {one.block: one.status.phase for one in world.rounds.values()} == {
        100: RoundPhase.COMPLETED,
        300: RoundPhase.ABANDONED,
        400: RoundPhase.EVALUATING,
    }
