"""Rounds: how evaluations are run, retried and given up, and that every round ends."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from podium.core.competition import decide
from podium.core.faults import Fault
from podium.core.jobs import Ending, Purpose
from podium.core.kinds import Normalization, Outcome, RoundPhase, RoundTask, TaskEntry
from podium.core.plan import DeleteJob, SetRoundStatus, StoreEvidence
from podium.core.shares import UNIT
from tests.podium.core.objects import (
    a_competition,
    a_submission,
    failed,
    ledger_moment,
    scored,
)
from tests.podium.core.worlds import World

EVALUATE, PREPARE = Purpose.EVALUATE, Purpose.PREPARE


def _world(**scores: str) -> World:
    world = World(scores=scores)
    world.add(*(a_submission(name, block) for block, name in enumerate(scores, start=1)))
    return world


def test_the_best_model_wins_a_round() -> None:
    world = _world(alice="0.9", bob="0.5", carol="0.7")
    world.run_to(190)
    ended = world.round(100)
    assert ended.status.phase is RoundPhase.COMPLETED
    assert [line.submission for line in ended.status.ranking] == ["bob", "carol", "alice"]
    assert [(share.hotkey, share.units) for share in ended.status.moving_average] == [("hotkey-bob", UNIT)]
    assert world.competition.status.leader is not None
    assert world.competition.status.leader.submission == "bob"
    assert [world.submission(name).status.place for name in ("alice", "bob", "carol")] == [3, 1, 2]


def test_jobs_are_gone_and_evidence_is_kept_when_a_round_is_over() -> None:
    world = _world(alice="0.9", bob="0.5")
    world.run_to(190)
    assert world.jobs == {}
    assert set(world.evidence) == {result.evidence for result in world.results().values()}


def test_an_unchanged_world_is_left_alone() -> None:
    world = _world(alice="0.9", bob="0.5")
    world.run_to(190)
    assert decide(world.seen()).actions == ()
    assert decide(replace(world.seen(), now=ledger_moment(199))).actions == ()


def test_evidence_is_stored_before_the_result_and_the_result_before_the_job_goes() -> None:
    world = _world(alice="0.9")
    world.run_to(190)
    kinds = [type(action) for action in world.applied]
    evidence = kinds.index(StoreEvidence)
    assert kinds[evidence:].index(SetRoundStatus) < kinds[evidence:].index(DeleteJob)


def test_evidence_whose_result_was_lost_does_not_stand_in_for_the_next_attempts() -> None:
    world = _world(alice="0.9")
    world.run_to(102)
    while not any(job.ending is not None or job.purpose is EVALUATE for job in world.jobs.values()):
        world.run_to(world.block + 1)
    (name,) = (one.name for one in world.jobs.values() if one.purpose is EVALUATE)
    running = world.jobs[name]
    world.jobs[name] = replace(running, started=world.now, ending=scored("0.1"))
    stored = decide(world.seen()).actions[0]
    assert isinstance(stored, StoreEvidence)
    world.apply(stored)
    # The operator dies, and the node goes with the pod and its log.
    world.jobs[name] = replace(world.jobs[name], ending=failed())
    world.run_to(190)
    result = world.results()["alice"]
    assert result.evidence is not None
    assert world.evidence[result.evidence] == result.evidence_digest == "sha256:0.9"


def test_infrastructure_is_retried_and_then_the_model_is_scored() -> None:
    world = _world(alice="0.9")
    world.script[EVALUATE, "alice"] = [failed(), failed()]
    world.run_to(190)
    result = world.results()["alice"]
    assert (result.outcome, result.attempts, result.cause) == (Outcome.SCORED, 2, None)
    assert [job.attempt for job in world.evaluations()] == [1, 2, 3]
    assert result.gpu_seconds == 1 + 1 + 7


def test_more_pods_than_allowed_never_run() -> None:
    world = _world(**{f"model-{number}": "1.0" for number in range(7)})
    world.run_to(190)
    assert world.round(100).status.phase is RoundPhase.COMPLETED
    assert world.most_running == world.competition.max_parallel == 2


def test_pods_that_wait_too_long_blame_the_infrastructure_and_hold_their_seat_until_they_are_gone() -> None:
    world = _world(alice="0.9", bob="0.5", carol="0.7")
    world.competition = a_competition(pending_seconds=60)
    world.stuck = {(EVALUATE, "alice"), (EVALUATE, "bob")}
    world.run_to(190)
    causes = [world.results()[name].cause for name in ("alice", "bob")]
    assert [cause.reason for cause in causes if cause is not None] == ["PendingTooLong", "PendingTooLong"]
    assert world.results()["carol"].outcome is Outcome.SCORED
    assert world.most_running == 2


def test_samples_are_tried_again() -> None:
    world = _world(alice="0.9")
    world.script[PREPARE, "small-100"] = [failed(), failed()]
    world.run_to(190)
    assert world.round(100).status.phase is RoundPhase.COMPLETED


@pytest.mark.parametrize(
    ("endings", "phase"),
    [
        ([failed()] * 3, RoundPhase.ABANDONED),
        ([failed(Fault.ORGANIZER, "NoSuchDataset")], RoundPhase.ABANDONED),
        ([failed(Fault.EVALUATOR, "Bug")], RoundPhase.FAILED),
        ([Ending()], RoundPhase.FAILED),
    ],
    ids=["unavailable", "organizer", "evaluator", "no result"],
)
def test_samples_that_cannot_be_made_end_the_round(endings: list[Ending], phase: RoundPhase) -> None:
    world = _world(alice="0.9")
    world.script[PREPARE, "small-100"] = list(endings)
    world.run_to(190)
    assert world.round(100).status.phase is phase
    assert world.evaluations() == []


def test_a_result_from_another_environment_does_not_count() -> None:
    world = _world(alice="0.9", bob="0.5")
    world.script[EVALUATE, "bob"] = [scored("0.1", gpu="B"), scored("0.2")]
    world.run_to(190)
    assert world.results()["bob"].score == "0.2"
    assert world.results()["bob"].attempts == 1
    assert world.round(100).status.environment == (("gpu", "A"),)


@pytest.mark.parametrize("tasks", [("sorting",), ("sorting", "reading", "more"), ("reading", "reading")])
def test_scores_of_other_tasks_than_the_rounds_are_unreadable(tasks: tuple[str, ...]) -> None:
    world = _world(alice="0.9")
    half = Fraction(1, 2)
    both = tuple(RoundTask(name, half, Normalization()) for name in ("sorting", "reading"))
    world.competition = a_competition(task_schedule=(TaskEntry(0, both),))
    world.script[EVALUATE, "alice"] = [scored(*("0" for _ in tasks), tasks=tasks)] * 3
    world.run_to(190)
    result = world.results()["alice"]
    assert (result.outcome, result.score) == (Outcome.MISSING, None)
    assert result.cause is not None
    assert result.cause.reason == "ResultUnreadable"


def _done(world: World, name: str) -> bool:
    return any(one.submission == name and one.outcome for one in world.round(100).status.results)


def test_what_an_operator_that_died_left_behind_is_removed() -> None:
    world = _world(alice="0.9", bob="0.5")
    world.script[EVALUATE, "bob"] = [failed(), None]
    world.run_to(102)
    seen = {}
    while not _done(world, "alice"):
        seen.update({name: job for name, job in world.jobs.items() if job.round_uid})
        world.run_to(world.block + 1)
    kept = dict(world.jobs)
    # As if none of the deletions had been carried out.
    left = {name: replace(job, ending=scored("0.3")) for name, job in seen.items() if name not in kept}
    assert {job.purpose for job in left.values()} == {PREPARE, EVALUATE}
    world.jobs |= left
    world.settle()
    assert world.jobs == kept


def test_nobody_is_tried_again_before_everybody_was_tried_once() -> None:
    world = _world(alice="0.9", bob="0.5", carol="0.7", dave="0.6")
    world.competition = a_competition(max_parallel=1)
    for name in ("alice", "bob"):
        world.script[EVALUATE, name] = [failed()] * 3
    world.run_to(190)
    assert [job.attempt for job in world.evaluations()] == [1, 1, 1, 1, 2, 2, 3, 3]
