"""Old scores under new tasks or another image: kept, marked, never compared."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from podium.core.conditions import Condition, find_condition
from podium.core.kinds import Competition, Normalization, RoundTask, TaskEntry
from tests.podium.core.objects import a_competition, a_submission
from tests.podium.core.worlds import World

_OTHER = TaskEntry(150, (RoundTask("texts", Fraction(1), Normalization()),), "digest-2")


def _with_other_tasks(competition: Competition) -> Competition:
    return replace(competition, task_schedule=(*competition.task_schedule, _OTHER))


def _with_another_image(competition: Competition) -> Competition:
    return replace(competition, evaluator_image="image-2")


def _world(**scores: str) -> World:
    first = TaskEntry(0, a_competition().task_schedule[0].tasks, "digest-1")
    competition = a_competition(
        task_schedule=(first,), evaluator_image="image-1", keep_top=2, max_contenders=4
    )
    world = World(competition=competition, scores=scores)
    world.add(*(a_submission(name, block) for block, name in enumerate(scores, start=1)))
    return world


def _ranked(world: World, name: str) -> Condition:
    found = find_condition(world.submission(name).status.conditions, "Ranked")
    assert found is not None
    return found


change = pytest.mark.parametrize("change", [_with_other_tasks, _with_another_image])


@change
def test_a_score_is_kept_and_marked_until_it_is_made_anew(change: type) -> None:
    world = _world(alice="0.1", bob="0.2", carol="0.3", dave="0.4")
    world.run_to(190)
    before = world.submission("dave").status
    world.competition = change(world.competition)
    world.run_to(245)
    assert (_ranked(world, "dave").status, _ranked(world, "dave").reason) == (True, "Stale")
    assert (world.submission("dave").status.score, world.submission("dave").status.place) == (
        before.score,
        before.place,
    )
    assert _ranked(world, "alice").reason == "Ranked", "the best were scored anew"


@change
def test_who_was_only_measured_otherwise_gets_a_seat_again(change: type) -> None:
    world = _world(alice="0.1", bob="0.2", carol="0.3", dave="0.4")
    world.run_to(290)
    assert {one.submission for one in world.round(200).contenders} == {"alice", "bob"}
    world.competition = change(world.competition)
    world.run_to(395)
    assert {one.submission for one in world.round(300).contenders} == {"alice", "bob", "carol"}


def test_tasks_that_come_later_change_nothing_yet() -> None:
    world = _world(alice="0.1", bob="0.2")
    world.run_to(120)
    world.competition = _with_other_tasks(world.competition)
    world.run_to(140)
    assert _ranked(world, "bob").reason == "Ranked"
