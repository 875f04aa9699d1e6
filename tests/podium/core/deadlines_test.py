"""Every round ends: at its deadline, suspended, without its Subnet, whatever pods do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.core.clock import LedgerClock
from podium.core.conditions import find_condition
from podium.core.faults import Fault
from podium.core.jobs import Ending, Purpose
from podium.core.kinds import RoundPhase
from tests.podium.core.objects import (
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


def test_a_result_that_was_there_at_the_deadline_counts() -> None:
    world = _world(alice="0.9")
    world.run_to(100)
    world.settle()
    while not any(job.purpose is EVALUATE for job in world.jobs.values()):
        world.run_to(world.block + 1)
    for name, job in world.jobs.items():
        world.jobs[name] = replace(job, started=world.now, ending=scored("0.25"))
    world.now = ledger_moment(205)
    world.settle()
    assert world.results()["alice"].score == "0.25"


def test_a_suspended_competition_starts_nothing_and_its_round_ends_at_the_deadline() -> None:
    world = _world(alice="0.9", bob="0.5", carol="0.7")
    world.run_to(104)
    world.competition = replace(world.competition, suspended=True)
    before = len(world.evaluations())
    world.run_to(390)
    assert len(world.evaluations()) == before
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


def test_a_round_of_a_clock_that_was_set_back_ends_and_others_follow() -> None:
    world = _world(alice="0.9", bob="0.5")
    world.run_to(301)
    assert world.round(300).status.phase is not RoundPhase.COMPLETED
    # The Subnet was made anew and counts from its own creation.
    world.subnet = a_subnet(uid="another", clock=LedgerClock(world.now, 0, 12))
    world.settle()
    assert world.ended(300) == "ClockSetBack"
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
