"""Who would take the lead is evaluated once more before it is paid."""

from __future__ import annotations

from dataclasses import replace

import pytest

from podium.core.faults import Fault
from podium.core.jobs import Ending, Purpose
from podium.core.kinds import Outcome, Result, Round, RoundPhase
from podium.core.plan import CreateEvaluateJob
from tests.podium.core.objects import a_competition, a_submission, failed, scored
from tests.podium.core.worlds import World


def _world(**script: list[Ending | None]) -> World:
    """Bob is better than alice; what the pods of each do is scripted, and else they give its score."""
    world = World(audit=True, scores={"alice": "0.9", "bob": "0.5"})
    world.competition = a_competition(max_parallel=3)
    world.script = {(Purpose.EVALUATE, name): ends for name, ends in script.items()}
    world.add(a_submission("alice", 1), a_submission("bob", 2))
    return world


def _audits(round_: Round) -> list[tuple[str, Outcome | None, str]]:
    return [
        (one.submission, one.outcome, one.cause.reason if one.cause else "") for one in round_.status.audits
    ]


def _ranking(round_: Round) -> list[str]:
    return [line.submission for line in round_.status.ranking]


def _result(round_: Round, name: str) -> Result:
    return next(one for one in round_.status.results if one.submission == name)


def test_a_new_leader_is_confirmed_in_a_pod_of_its_own_and_paid() -> None:
    world = _world()
    world.run_to(190)
    first = world.round(100)
    assert first.status.phase is RoundPhase.COMPLETED
    assert _ranking(first) == ["bob", "alice"]
    assert _audits(first) == [("bob", Outcome.SCORED, "")]
    assert first.status.audits[0].score == _result(first, "bob").score
    jobs = [one for one in world.applied if isinstance(one, CreateEvaluateJob)]
    assert sorted(one.submission_uid for one in jobs) == ["uid-alice", "uid-bob", "uid-bob"]
    assert len({one.name for one in jobs}) == 3
    assert world.jobs == {} or all(job.purpose is not Purpose.EVALUATE for job in world.jobs.values())


def test_who_leads_already_is_not_evaluated_twice() -> None:
    world = _world()
    world.run_to(290)
    assert _audits(world.round(200)) == []
    assert _ranking(world.round(200)) == ["bob", "alice"]


def test_without_the_setting_nobody_is() -> None:
    world = _world()
    world.audit = False
    world.run_to(190)
    assert _audits(world.round(100)) == []


def test_a_score_that_does_not_come_again_has_no_place_and_the_next_best_is_audited() -> None:
    world = _world(bob=[scored("0.5"), scored("0.6")])
    world.run_to(190)
    first = world.round(100)
    assert _audits(first) == [("bob", Outcome.MISSING, "AuditDiffers"), ("alice", Outcome.SCORED, "")]
    assert _ranking(first) == ["alice"]
    result = _result(first, "bob")
    assert result.outcome is Outcome.SCORED, "a recorded outcome never changes"
    assert result.cause is not None
    assert (result.cause.fault, result.cause.reason) == (Fault.INFRASTRUCTURE, "AuditDiffers")
    assert "gave sorting 0.6, the first sorting 0.5" in result.cause.message
    assert [share.hotkey for share in first.status.moving_average] == ["hotkey-alice"]


def test_who_was_not_believed_may_take_part_again() -> None:
    world = _world(bob=[scored("0.5"), scored("0.6")])
    world.run_to(390)
    assert _ranking(world.round(200)) == ["bob", "alice"]
    assert _audits(world.round(200)) == [("bob", Outcome.SCORED, "")]


@pytest.mark.parametrize(
    "end",
    [
        failed(),
        failed(Fault.SUBMISSION, "Broken"),
        failed(Fault.EVALUATOR, "Bug"),
        failed(reason="OutOfMemory"),
    ],
)
def test_a_pod_that_gives_no_second_score_blames_nobody(end: Ending) -> None:
    world = _world(bob=[scored("0.5"), *6 * [end]])
    world.run_to(190)
    first = world.round(100)
    assert first.status.phase is RoundPhase.COMPLETED
    assert _audits(first)[0][:2] == ("bob", Outcome.MISSING)
    assert _ranking(first) == ["alice"]
    assert world.submission("bob").status.phase != "Rejected"


def test_a_second_pod_that_failed_once_is_tried_again() -> None:
    world = _world(bob=[scored("0.5"), failed()])
    world.run_to(190)
    assert _audits(world.round(100)) == [("bob", Outcome.SCORED, "")]
    assert world.round(100).status.audits[0].attempts == 1


def test_another_kind_of_gpu_confirms_nothing_and_is_tried_again() -> None:
    world = _world(bob=[scored("0.5"), scored("0.5", gpu="B")])
    world.run_to(190)
    (audit,) = world.round(100).status.audits
    assert audit.outcome is Outcome.SCORED
    assert audit.ends == ("EnvironmentDiffers",)


def test_an_audit_on_other_gpus_alone_says_what_differs() -> None:
    world = _world(bob=[scored("0.5"), *6 * [scored("0.5", gpu="B")]])
    world.run_to(190)
    (audit, _) = world.round(100).status.audits
    assert audit.outcome is Outcome.MISSING
    assert audit.cause is not None
    assert audit.cause.reason == "EnvironmentDiffers"
    assert "gpu" in audit.cause.message


def test_a_round_whose_audit_never_ends_is_over_at_its_deadline_and_pays_nobody_new() -> None:
    world = _world(bob=[scored("0.5"), None])
    world.run_to(330)
    first = world.round(100)
    assert first.status.phase is RoundPhase.COMPLETED
    assert ("bob", Outcome.MISSING, "NotAudited") in _audits(first)
    assert first.status.moving_average == ()


def test_the_leader_wins_when_its_challenger_is_not_confirmed() -> None:
    world = _world()
    world.run_to(190)
    world.scores["carol"] = "0.1"
    world.script[Purpose.EVALUATE, "carol"] = [scored("0.1"), scored("0.7")]
    world.add(a_submission("carol", 191))
    world.run_to(290)
    assert _ranking(world.round(200)) == ["bob", "alice"]
    assert [share.hotkey for share in world.round(200).status.moving_average] == ["hotkey-bob"]


@pytest.mark.parametrize("killed", range(1, 40, 2))
def test_killed_anywhere_the_round_ends_the_same(killed: int) -> None:
    script: dict[str, list[Ending | None]] = {"bob": [scored("0.5"), failed(), scored("0.5")]}
    calm, world = _world(**script), _world(**script)
    world.killed_after = frozenset({killed})
    calm.run_to(290)
    world.run_to(290)
    assert world.outcome() == calm.outcome()
    assert world.round(100).status.audits == calm.round(100).status.audits


def test_a_suspended_competition_makes_no_new_job_for_it() -> None:
    world = _world()
    world.run_to(100)
    world.competition = replace(world.competition, suspended=True)
    world.run_to(190)
    assert not any(one.submission == "bob" and one.outcome for one in world.round(100).status.audits)
