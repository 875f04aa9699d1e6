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
    world = _world(task_schedule=(TaskEntry(0, _TASKS),), when_task_unavailable="Renormalize")
    world.script[PREPARE, "small-100"] = [_without_texts()]
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
    world = _world(task_schedule=(TaskEntry(0, _TASKS),), max_attempts=1, when_task_unavailable="Renormalize")
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


_SORTING = PreparedTask("sorting", 10, 0, None, "sha256:sorting")
_TEXTS = PreparedTask("texts", 10, 0, None, "sha256:texts")
_GONE = replace(_TEXTS, samples=0, digest=None, reason="TooFewSamples", message="9 of 50")


@pytest.mark.parametrize(
    ("tasks", "said"),
    [
        ((), "expected samples of the tasks ['sorting', 'texts'], found []"),
        ((_SORTING,), "found ['sorting']"),
        ((_SORTING, _TEXTS, _TEXTS), "found ['sorting', 'texts', 'texts']"),
        ((_SORTING, replace(_TEXTS, name="other")), "found ['other', 'sorting']"),
        ((_SORTING, replace(_TEXTS, reason="Gone")), "exactly one of digest and reason, not so: texts"),
        ((_SORTING, replace(_TEXTS, digest=None)), "exactly one of digest and reason, not so: texts"),
    ],
)
def test_a_result_that_is_not_of_the_rounds_tasks_is_tried_again(
    tasks: tuple[PreparedTask, ...], said: str
) -> None:
    world = _world(task_schedule=(TaskEntry(0, _TASKS),), when_task_unavailable="Renormalize")
    world.script[PREPARE, "small-100"] = [Ending(samples=Samples("sha256:samples", tasks))]
    world.scores["alice"] = "0.5"
    world.run_to(103)
    prepared = find_condition(world.round(100).status.conditions, "Prepared")
    assert prepared is not None
    assert (prepared.status, prepared.reason) == (False, "ResultUnreadable")
    assert said in prepared.message
    world.run_to(190)
    assert world.round(100).status.phase is RoundPhase.COMPLETED


@pytest.mark.parametrize(
    ("policy", "tasks"),
    [("Postpone", (_SORTING, _GONE)), ("Renormalize", (replace(_GONE, name="sorting"), _GONE))],
    ids=["the organiser wants all", "none is left"],
)
def test_tasks_that_cannot_be_left_out_postpone_the_round(
    policy: str, tasks: tuple[PreparedTask, ...]
) -> None:
    world = _world(task_schedule=(TaskEntry(0, _TASKS),), when_task_unavailable=policy)
    world.script[PREPARE, "small-100"] = [Ending(samples=Samples("sha256:samples", tasks))]
    world.run_to(190)
    ended = world.round(100).status
    assert (ended.phase, ended.samples, ended.results) == (RoundPhase.ABANDONED, None, ())
    assert "texts: TooFewSamples: 9 of 50" in _condition(world, "TasksAvailable").message


def test_a_round_says_why_its_samples_are_not_there_yet() -> None:
    world = _world(max_attempts=9, deadline_blocks=5)
    world.script[PREPARE, "small-100"] = [failed(reason="HubUnavailable")] * 9
    world.run_to(104)
    prepared = find_condition(world.round(100).status.conditions, "Prepared")
    assert prepared is not None
    assert (prepared.status, prepared.reason) == (False, "HubUnavailable")
    assert prepared.message == "attempt 1 of 9: as scripted"
    world.run_to(106)
    message = _condition(world, "TasksAvailable").message
    assert "not prepared by the deadline, block 105; HubUnavailable: attempt 2 of 9: as scripted" in message


def test_samples_make_it_ready_again_before_their_round_is_over() -> None:
    world = _world()
    for block in (100, 200, 300):
        world.script[PREPARE, f"small-{block}"] = [GONE]
    world.script[EVALUATE, "alice"] = [None]
    world.run_to(401)
    assert _condition(world, "Ready").reason == "TaskUnavailable"
    world.run_to(410)
    assert world.round(400).status.phase is RoundPhase.EVALUATING
    assert _condition(world, "Ready").status is True


def test_a_round_of_an_earlier_version_had_all_its_samples() -> None:
    world = _world()
    world.run_to(190)
    ended = world.round(100)
    complete = find_condition(ended.status.conditions, "Complete")
    assert complete is not None
    world.rounds[ended.uid] = replace(ended, status=replace(ended.status, conditions=(complete,)))
    world.competition = replace(world.competition, status=replace(world.competition.status, conditions=()))
    world.settle()
    available = _condition(world, "TasksAvailable")
    assert (available.status, available.reason) == (True, "AllTasks")


def test_a_postponement_for_a_task_neither_counts_for_the_leader_nor_forgives_it() -> None:
    """At most two rounds are postponed for one leader, however they mix with others."""
    world = _world(max_attempts=1)
    world.run_to(190)
    world.add(a_submission("bob", 190))
    world.scores["bob"] = "0.9"
    world.script[EVALUATE, "alice"] = [None, *[failed()] * 9]
    world.script[PREPARE, "small-300"] = [GONE]
    world.script[PREPARE, "small-500"] = [failed(Fault.EVALUATOR, "Bug")]
    world.competition = replace(world.competition, history_limit=9)
    world.run_to(690)
    assert [_ended(world, block) for block in range(200, 700, 100)] == [
        "LeaderMissing",
        "TaskUnavailable",
        "LeaderMissing",
        "Bug",
        "Ranked",
    ]


def test_a_leader_postponement_shows_that_samples_are_there() -> None:
    world = _world(max_attempts=1, history_limit=9)
    world.add(a_submission("bob", 190))
    world.script[EVALUATE, "alice"] = [scored("0.5"), failed()]
    for block in (200, 300, 500):
        world.script[PREPARE, f"small-{block}"] = [GONE]
    world.run_to(590)
    assert _ended(world, 400) == "LeaderMissing"
    assert world.round(500).task_postponements == 0
    assert _condition(world, "TasksAvailable").message.startswith("1 in a row was postponed")


def _ended(world: World, block: int) -> str:
    condition = find_condition(world.round(block).status.conditions, "Complete")
    assert condition is not None
    return condition.reason
