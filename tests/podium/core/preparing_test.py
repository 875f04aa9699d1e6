"""Samples: what happens to rounds and to the competition when a task's samples cannot be had."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from podium.core.conditions import Condition, find_condition
from podium.core.faults import Fault
from podium.core.jobs import Ending, Purpose
from podium.core.kinds import (
    Normalization,
    Outcome,
    PreparedTask,
    RoundPhase,
    RoundTask,
    Samples,
    SamplesWindow,
    TaskEntry,
    TaskScore,
)
from podium.core.plan import CreateRound
from tests.podium.core.objects import a_competition, a_submission, failed, ledger_moment, scored
from tests.podium.core.worlds import World

EVALUATE, PREPARE = Purpose.EVALUATE, Purpose.PREPARE
GONE = failed(Fault.ORGANIZER, "TooFewSamples", retriable=False)
_TASKS = (
    RoundTask("sorting", Fraction(1, 4), Normalization()),
    RoundTask("texts", Fraction(3, 4), Normalization()),
)


def _world(**changes: object) -> World:
    world = World(scores={"alice": "0.5"}, competition=a_competition(**changes))
    world.add(a_submission("alice", 1))
    return world


def _condition(world: World, kind: str) -> Condition:
    condition = find_condition(world.competition.status.conditions, kind)
    assert condition is not None
    return condition


def _without_texts() -> Ending:
    return Ending(
        samples=Samples(
            "sha256:samples",
            (
                PreparedTask("sorting", 10, 0, None, "sha256:sorting"),
                PreparedTask("texts", 0, 90, None, None, "TooFewSamples", "texts: 9 of org/web, 50 needed"),
            ),
        )
    )


def test_a_task_that_cannot_be_had_postpones_the_round_and_says_why() -> None:
    world = _world()
    world.script[PREPARE, "small-100"] = [GONE]
    world.run_to(190)
    assert world.round(100).status.phase is RoundPhase.ABANDONED
    available = _condition(world, "TasksAvailable")
    assert (available.status, available.reason) == (False, "TaskUnavailable")
    assert "small-100: TooFewSamples: as scripted" in available.message
    assert _condition(world, "Ready").status is True


def test_after_three_postponements_in_a_row_the_competition_is_not_ready_and_goes_on_trying() -> None:
    world = _world()
    for block in (100, 200, 300):
        world.script[PREPARE, f"small-{block}"] = [GONE]
    world.run_to(290)
    assert _condition(world, "Ready").status is True
    world.run_to(390)
    ready = _condition(world, "Ready")
    assert (ready.status, ready.reason) == (False, "TaskUnavailable")
    assert ready.message.startswith("3 in a row were postponed, the last was small-300: TooFewSamples")
    world.run_to(490)
    assert world.round(400).status.phase is RoundPhase.COMPLETED
    assert _condition(world, "Ready").status is True
    assert _condition(world, "TasksAvailable").status is True


def test_postponements_are_counted_although_only_one_round_is_kept() -> None:
    world = _world(history_limit=1)
    for block in (100, 200, 300):
        world.script[PREPARE, f"small-{block}"] = [GONE]
    world.run_to(390)
    assert _condition(world, "Ready").reason == "TaskUnavailable"


def test_a_task_that_is_left_out_is_seen_and_the_others_fill_its_place() -> None:
    world = _world(task_schedule=(TaskEntry(0, _TASKS),))
    world.script[PREPARE, "small-100"] = [_without_texts()]
    world.script[EVALUATE, "alice"] = [scored("0.5", tasks=("sorting",))]
    world.run_to(190)
    ended = world.round(100)
    assert ended.status.phase is RoundPhase.COMPLETED
    assert ended.status.results[0].score == "0.5"
    prepared = find_condition(ended.status.conditions, "Prepared")
    assert prepared is not None
    assert (prepared.status, prepared.reason) == (True, "Renormalized")
    assert "texts: 9 of org/web, 50 needed" in prepared.message
    available = _condition(world, "TasksAvailable")
    assert (available.status, available.reason) == (False, "Renormalized")
    assert "9 of org/web" in available.message


def test_a_score_of_a_task_that_was_left_out_is_not_believed() -> None:
    world = _world(task_schedule=(TaskEntry(0, _TASKS),), max_attempts=1)
    world.script[PREPARE, "small-100"] = [_without_texts()]
    world.script[EVALUATE, "alice"] = [scored("0.5", "0.1", tasks=("sorting", "texts"))]
    world.run_to(190)
    cause = world.round(100).status.results[0].cause
    assert cause is not None
    assert cause.reason == "ResultUnreadable"


@pytest.mark.parametrize(
    ("normalization", "outcome", "score"),
    [
        (Normalization(), Outcome.FAILED, None),
        (Normalization("InverseExponential", Fraction(20)), Outcome.SCORED, "1.0"),
    ],
    ids=["without a bound the model fails", "with a ceiling it costs the task"],
)
def test_a_task_without_a_score(normalization: Normalization, outcome: Outcome, score: str | None) -> None:
    task = RoundTask("sorting", Fraction(1), normalization)
    world = _world(task_schedule=(TaskEntry(0, (task,)),))
    worst = TaskScore("sorting", None, "DegenerateOutput", "the same token 17 times")
    world.script[EVALUATE, "alice"] = [replace(scored("1"), task_scores=(worst,))]
    world.run_to(190)
    result = world.round(100).status.results[0]
    assert (result.outcome, result.score, result.task_scores) == (outcome, score, (worst,))
    assert result.evidence_digest is not None, "kept for whoever wants to know why"
    if outcome is Outcome.FAILED:
        assert result.cause is not None
        assert (result.cause.fault, result.cause.reason) == (Fault.SUBMISSION, "DegenerateOutput")


def test_fresh_rows_are_newer_than_every_commitment_that_takes_part() -> None:
    world = _world(submission_delay_blocks=30)
    world.run_to(110)
    opened = next(action for action in world.applied if isinstance(action, CreateRound))
    assert opened.window == SamplesWindow(ledger_moment(71), ledger_moment(100))
