"""Rounds: how evaluations are run, retried and given up, and that every round ends."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.core.clock import LedgerClock
from podium.core.competition import decide
from podium.core.conditions import find_condition
from podium.core.faults import Fault
from podium.core.jobs import Ending, Purpose
from podium.core.kinds import Normalization, Outcome, Result, Round, RoundPhase, RoundTask, TaskEntry
from podium.core.plan import CreateEvaluateJob, DeleteJob, SetRoundStatus, StoreEvidence
from podium.core.shares import UNIT
from tests.podium.core.objects import (
    a_competition,
    a_submission,
    a_subnet,
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


def _results(world: World, block: int = 100) -> dict[str, Result]:
    return {one.submission: one for one in world.round(block).status.results}


def _reason(round_: Round) -> str:
    condition = find_condition(round_.status.conditions, "Complete")
    assert condition is not None
    return condition.reason


def _evaluations(world: World) -> list[CreateEvaluateJob]:
    return [action for action in world.applied if isinstance(action, CreateEvaluateJob)]


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
    assert set(world.evidence) == {result.evidence for result in _results(world).values()}


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
        world.run_to(_block(world) + 1)
    (name,) = (one.name for one in world.jobs.values() if one.purpose is EVALUATE)
    running = world.jobs[name]
    world.jobs[name] = replace(running, started=world.now, ending=scored("0.1"))
    stored = decide(world.seen()).actions[0]
    assert isinstance(stored, StoreEvidence)
    world.apply(stored)
    # The operator dies, and the node goes with the pod and its log.
    world.jobs[name] = replace(world.jobs[name], ending=failed())
    world.run_to(190)
    result = _results(world)["alice"]
    assert result.evidence is not None
    assert world.evidence[result.evidence] == result.evidence_digest == "sha256:0.9"


def test_infrastructure_is_retried_and_then_the_model_is_scored() -> None:
    world = _world(alice="0.9")
    world.script[EVALUATE, "alice"] = [failed(), failed()]
    world.run_to(190)
    result = _results(world)["alice"]
    assert (result.outcome, result.attempts, result.cause) == (Outcome.SCORED, 2, None)
    assert [job.attempt for job in _evaluations(world)] == [1, 2, 3]
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
    causes = [_results(world)[name].cause for name in ("alice", "bob")]
    assert [cause.reason for cause in causes if cause is not None] == ["PendingTooLong", "PendingTooLong"]
    assert _results(world)["carol"].outcome is Outcome.SCORED
    assert world.most_running == 2


def test_a_result_that_was_there_at_the_deadline_counts() -> None:
    world = _world(alice="0.9")
    world.run_to(100)
    world.settle()
    while not any(job.purpose is EVALUATE for job in world.jobs.values()):
        world.run_to(_block(world) + 1)
    for name, job in world.jobs.items():
        world.jobs[name] = replace(job, started=world.now, ending=scored("0.25"))
    world.now = ledger_moment(205)
    world.settle()
    assert _results(world)["alice"].score == "0.25"


def _block(world: World) -> int:
    block = world.seen().block
    assert block is not None
    return block


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
    assert _evaluations(world) == []


def test_a_result_from_another_environment_does_not_count() -> None:
    world = _world(alice="0.9", bob="0.5")
    world.script[EVALUATE, "bob"] = [scored("0.1", gpu="B"), scored("0.2")]
    world.run_to(190)
    assert _results(world)["bob"].score == "0.2"
    assert _results(world)["bob"].attempts == 1
    assert world.round(100).status.environment == (("gpu", "A"),)


@pytest.mark.parametrize("tasks", [("sorting",), ("sorting", "reading", "more"), ("reading", "reading")])
def test_scores_of_other_tasks_than_the_rounds_are_unreadable(tasks: tuple[str, ...]) -> None:
    world = _world(alice="0.9")
    half = Fraction(1, 2)
    both = tuple(RoundTask(name, half, Normalization()) for name in ("sorting", "reading"))
    world.competition = a_competition(task_schedule=(TaskEntry(0, both),))
    world.script[EVALUATE, "alice"] = [scored(*("0" for _ in tasks), tasks=tasks)] * 3
    world.run_to(190)
    result = _results(world)["alice"]
    assert (result.outcome, result.score) == (Outcome.MISSING, None)
    assert result.cause is not None
    assert result.cause.reason == "ResultUnreadable"


def test_a_suspended_competition_starts_nothing_and_its_round_ends_at_the_deadline() -> None:
    world = _world(alice="0.9", bob="0.5", carol="0.7")
    world.run_to(104)
    world.competition = replace(world.competition, suspended=True)
    before = len(_evaluations(world))
    world.run_to(390)
    assert len(_evaluations(world)) == before
    assert world.round(100).status.phase.terminal
    assert [one.block for one in world.rounds.values()] == [100]
    assert world.competition.status.phase == "Suspended"
    world.competition = replace(world.competition, suspended=False)
    world.run_to(490)
    assert world.round(400).status.phase is RoundPhase.COMPLETED


def test_without_its_subnet_a_competition_waits() -> None:
    world = _world(alice="0.9")
    world.run_to(101)
    world.subnet = None
    world.settle()
    ready = find_condition(world.competition.status.conditions, "Ready")
    assert ready is not None
    assert (ready.status, ready.reason) == (False, "SubnetNotFound")
    world.subnet = a_subnet()
    world.run_to(190)
    assert world.round(100).status.phase is RoundPhase.COMPLETED


@pytest.mark.parametrize("prepared", [True, False])
def test_a_round_ends_in_time_even_if_its_subnet_is_deleted_for_good(*, prepared: bool) -> None:
    world = _world(alice="0.9", bob="0.5", carol="0.7")
    world.script[EVALUATE, "carol"] = [None]
    if not prepared:
        world.script[PREPARE, "small-100"] = [None]
    world.run_to(108)
    world.subnet = None
    world.run_to(199)
    assert not world.round(100).status.phase.terminal
    world.run_to(201)
    ended = world.round(100)
    assert ended.status.phase is (RoundPhase.COMPLETED if prepared else RoundPhase.ABANDONED)
    assert world.jobs == {} or all(job.round_uid is None for job in world.jobs.values())


def test_what_an_operator_that_died_left_behind_is_removed() -> None:
    world = _world(alice="0.9", bob="0.5")
    world.script[EVALUATE, "bob"] = [failed(), None]
    world.run_to(102)
    seen = {}
    while not _done(world, "alice"):
        seen.update({name: job for name, job in world.jobs.items() if job.round_uid})
        world.run_to(_block(world) + 1)
    kept = dict(world.jobs)
    # As if none of the deletions had been carried out.
    left = {name: replace(job, ending=scored("0.3")) for name, job in seen.items() if name not in kept}
    assert {job.purpose for job in left.values()} == {PREPARE, EVALUATE}
    world.jobs |= left
    world.settle()
    assert world.jobs == kept


def _done(world: World, name: str) -> bool:
    return any(one.submission == name and one.outcome for one in world.round(100).status.results)


_ENDINGS = st.sampled_from(
    [
        None,
        failed(),
        failed(Fault.SUBMISSION, "Broken"),
        failed(Fault.EVALUATOR, "Bug"),
        failed(Fault.ORGANIZER, "NoSuchDataset"),
        Ending(),
        scored("0.5"),
        scored("1.5"),
        scored("0.5", gpu="B"),
        scored("0.5", tasks=("other",)),
    ]
)
_NAMES = ("alice", "bob", "carol")


@settings(max_examples=40)
@given(
    st.dictionaries(st.sampled_from(_NAMES), st.lists(_ENDINGS, max_size=4)),
    st.lists(_ENDINGS, max_size=3),
    st.frozensets(st.integers(1, 80), max_size=8),
    st.sets(st.sampled_from([(EVALUATE, "alice"), (EVALUATE, "bob"), (PREPARE, "small-100")]), max_size=2),
)
def test_whatever_pods_do_every_round_ends_at_its_deadline(
    evaluations: dict[str, list[Ending | None]],
    preparations: list[Ending | None],
    kills: frozenset[int],
    stuck: set[tuple[Purpose, str]],
) -> None:
    world = _world(alice="0.9", bob="0.5", carol="0.7")
    world.killed_after, world.stuck = kills, stuck
    world.script |= {(EVALUATE, name): endings for name, endings in evaluations.items()}
    world.script[PREPARE, "small-100"] = preparations
    world.run_to(210)
    ended = world.round(100)
    assert ended.status.phase.terminal
    assert not [job for job in world.jobs.values() if job.round_uid == ended.uid]
    assert world.most_running <= world.competition.max_parallel
    assert all(one.status.phase.terminal or one.block == 200 for one in world.rounds.values())
    paid = {share.hotkey for share in ended.status.moving_average}
    assert paid <= {f"hotkey-{one.submission}" for one in ended.status.results if one.score is not None}


def test_nobody_is_tried_again_before_everybody_was_tried_once() -> None:
    world = _world(alice="0.9", bob="0.5", carol="0.7", dave="0.6")
    world.competition = a_competition(max_parallel=1)
    for name in ("alice", "bob"):
        world.script[EVALUATE, name] = [failed()] * 3
    world.run_to(190)
    assert [job.attempt for job in _evaluations(world)] == [1, 1, 1, 1, 2, 2, 3, 3]


def test_a_round_of_a_clock_that_was_set_back_ends_and_others_follow() -> None:
    world = _world(alice="0.9", bob="0.5")
    world.run_to(301)
    assert world.round(300).status.phase is not RoundPhase.COMPLETED
    # The Subnet was made anew and counts from its own creation.
    world.subnet = a_subnet(uid="another", clock=LedgerClock(world.now, 0, 12))
    world.settle()
    assert _reason(world.round(300)) == "ClockSetBack"
    world.add(a_submission("carol", 301))
    world.scores["carol"] = "0.1"
    world.run_to(301 + 90)
    ended = world.round(0)
    assert [line.submission for line in ended.status.ranking] == ["carol"]
    assert world.competition.status.average_block == 0
    world.run_to(301 + 490)
    latest = max(world.rounds.values(), key=lambda one: one.created)
    assert (latest.block, latest.status.phase) == (400, RoundPhase.COMPLETED)
    assert [line.submission for line in latest.status.ranking] == ["carol", "bob"]
    assert [one.block for one in world.submission("bob").status.evaluations][-1] == 400
