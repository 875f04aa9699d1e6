"""Isolation: proved before anything is evaluated, and doubted when an evaluate pod says otherwise."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from podium.core.conditions import find_condition
from podium.core.faults import Fault
from podium.core.jobs import Ending, Purpose
from podium.core.kinds import RoundPhase
from podium.core.plan import CreateEvaluateJob, CreateProbeJob
from tests.podium.core.objects import a_competition, a_submission, failed, ledger_moment
from tests.podium.core.worlds import World

PROBE = (Purpose.PROBE, "competition-uid")
CONNECTED = Ending(reachable=("10.0.0.1:443",))
NOT_ISOLATED = failed(Fault.INFRASTRUCTURE, "NotIsolated")


def _world(*probes: Ending | None, isolation: str = "Required") -> World:
    world = World(scores={"alice": "0.5"})
    world.competition = a_competition(isolation=isolation)
    world.script[PROBE] = list(probes)
    world.add(a_submission("alice", 1))
    return world


def _isolated(world: World) -> tuple[bool | None, str]:
    condition = find_condition(world.competition.status.conditions, "Isolated")
    assert condition is not None
    return condition.status, condition.reason


def _probes(world: World) -> int:
    return sum(isinstance(action, CreateProbeJob) for action in world.applied)


def _evaluations(world: World) -> int:
    return sum(isinstance(action, CreateEvaluateJob) for action in world.applied)


def test_nothing_reachable_is_isolated_and_asked_once() -> None:
    world = _world()
    world.run_to(290)
    assert _isolated(world) == (True, "NothingReachable")
    assert _probes(world) == 1


def test_before_the_answer_the_isolation_is_unknown() -> None:
    world = _world()
    world.settle()
    assert _isolated(world) == (None, "ProbePending")


def test_required_means_that_a_connected_pod_is_never_given_a_model() -> None:
    world = _world(*[CONNECTED] * 99)
    world.run_to(290)
    assert (_isolated(world), world.competition.status.phase) == ((False, "Reachable"), "NotReady")
    assert (world.rounds, _evaluations(world)) == ({}, 0)


def test_preferred_means_that_rounds_are_run_all_the_same() -> None:
    world = _world(*[CONNECTED] * 99, isolation="Preferred")
    world.run_to(190)
    assert _isolated(world) == (False, "Reachable")
    assert world.round(100).status.phase is RoundPhase.COMPLETED


@pytest.mark.parametrize("isolation", ["Required", "Preferred"])
def test_without_an_answer_nothing_is_evaluated(isolation: str) -> None:
    world = _world(*[failed()] * 200, isolation=isolation)
    world.run_to(190)
    assert _isolated(world) == (None, "ProbeFailed")
    assert world.rounds == {}


def test_a_mended_network_is_noticed() -> None:
    world = _world(CONNECTED)
    world.run_to(190)
    assert _isolated(world) == (True, "NothingReachable")
    assert world.round(100).status.phase is RoundPhase.COMPLETED


def test_other_evaluator_settings_are_probed_again() -> None:
    world = _world()
    world.run_to(50)
    world.competition = replace(world.competition, evaluator_digest="evaluator-2")
    world.settle()
    assert _isolated(world)[0] is None
    world.run_to(60)
    assert (_isolated(world)[0], _probes(world)) == (True, 2)


def test_a_probe_that_never_starts_is_given_up_and_repeated() -> None:
    world = _world()
    world.competition = replace(world.competition, pending_seconds=60)
    world.stuck = {PROBE}
    world.run_to(60)
    assert _isolated(world) == (None, "ProbeFailed")
    world.stuck = set()
    world.run_to(80)
    assert _isolated(world)[0] is True


def test_a_probe_may_run_longer_than_it_may_wait() -> None:
    world = _world(None)
    world.competition = replace(world.competition, pending_seconds=60)
    world.settle()
    world.jobs = {name: replace(job, started=world.now) for name, job in world.jobs.items()}
    world.run_to(20)
    assert _isolated(world) == (None, "ProbePending")


@pytest.mark.parametrize("kills", [frozenset[int](), frozenset(range(1, 10_000))], ids=["", "killed"])
def test_an_evaluate_pod_that_finds_itself_connected_stops_the_competition(kills: frozenset[int]) -> None:
    world = _world(None, *[CONNECTED] * 9)
    world.killed_after = kills
    world.script[PROBE] = [Ending(), *[CONNECTED] * 99]
    world.script[Purpose.EVALUATE, "alice"] = [NOT_ISOLATED] * 99
    world.run_to(195)
    assert _isolated(world) == (False, "Reachable")
    assert _evaluations(world) == 1
    world.run_to(201)
    assert world.round(100).status.phase is RoundPhase.ABANDONED


def test_after_the_network_is_mended_the_round_goes_on() -> None:
    world = _world()
    world.script[Purpose.EVALUATE, "alice"] = [NOT_ISOLATED]
    world.run_to(195)
    assert _isolated(world)[0] is True
    assert world.round(100).status.phase is RoundPhase.COMPLETED


def test_a_long_answer_fits_what_is_stored() -> None:
    ending = failed()
    assert ending.failure is not None
    world = _world(replace(ending, failure=replace(ending.failure, message="x" * 1024)))
    world.now = ledger_moment(1)
    world.settle()
    world.now += timedelta(seconds=30)
    world.run_to(4)
    verdict = world.competition.status.isolation
    assert verdict is not None
    assert 0 < len(verdict.message) <= 1024
