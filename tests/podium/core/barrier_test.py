"""The barrier: what a round ends with, whatever became of its contenders."""

from __future__ import annotations

from podium.core.faults import Fault
from podium.core.jobs import Purpose
from podium.core.kinds import Outcome, RoundPhase
from tests.podium.core.objects import a_competition, a_submission, failed
from tests.podium.core.worlds import World

EVALUATE, PREPARE = Purpose.EVALUATE, Purpose.PREPARE


def _world(**scores: str) -> World:
    world = World(scores=scores)
    world.add(*(a_submission(name, block) for block, name in enumerate(scores, start=1)))
    return world


def test_a_submission_at_fault_is_not_tried_again_and_comes_last() -> None:
    world = _world(alice="0.9", bob="0.5")
    world.script[EVALUATE, "bob"] = [failed(Fault.SUBMISSION, "OutOfVocabulary")]
    world.run_to(190)
    ended = world.round(100).status
    assert [(line.submission, line.score) for line in ended.ranking] == [("alice", "0.9"), ("bob", None)]
    assert world.results()["bob"].attempts == 1
    failure = world.submission("bob").status.failure
    assert failure is not None
    assert failure.reason == "OutOfVocabulary"


def test_a_round_in_which_everybody_failed_moves_no_average() -> None:
    world = _world(alice="0.5")
    world.run_to(190)
    world.script[EVALUATE, "alice"] = [None, failed(Fault.SUBMISSION, "Broken")]
    world.run_to(290)
    assert world.round(200).status.phase is RoundPhase.COMPLETED
    assert world.round(200).status.moving_average == world.round(100).status.moving_average


def test_an_evaluator_bug_for_one_contender_does_not_stop_the_others() -> None:
    world = _world(alice="0.9", bob="0.5")
    world.script[EVALUATE, "bob"] = [failed(Fault.EVALUATOR, "Bug")]
    world.run_to(190)
    assert world.round(100).status.phase is RoundPhase.COMPLETED
    assert world.results()["bob"].outcome is Outcome.MISSING
    assert world.submission("bob").status.evaluations == ()


def test_an_evaluator_bug_for_everybody_fails_the_round() -> None:
    world = _world(alice="0.9", bob="0.5")
    for name in ("alice", "bob"):
        world.script[EVALUATE, name] = [failed(Fault.EVALUATOR, "Bug")]
    world.run_to(190)
    assert (world.round(100).status.phase, world.ended(100)) == (RoundPhase.FAILED, "EvaluatorBug")
    assert world.competition.status.moving_average == ()


def test_a_round_without_a_result_is_abandoned() -> None:
    world = _world(alice="0.9")
    world.script[EVALUATE, "alice"] = [failed()] * 3
    world.run_to(190)
    ended = world.round(100)
    assert (ended.status.phase, world.ended(100)) == (RoundPhase.ABANDONED, "NobodyEvaluated")


def test_after_the_last_attempt_the_contender_is_missing_and_keeps_its_place() -> None:
    world = _world(alice="0.9", bob="0.5")
    world.script[EVALUATE, "alice"] = [failed()] * 3
    world.run_to(190)
    result = world.results()["alice"]
    assert (result.outcome, result.attempts) == (Outcome.MISSING, 3)
    assert [line.submission for line in world.round(100).status.ranking] == ["bob"]
    assert world.submission("alice").status.evaluations == ()
    world.run_to(290)
    assert "alice" in [one.submission for one in world.round(200).contenders]
    assert world.results(200)["alice"].outcome is Outcome.SCORED


def test_a_missing_leader_of_yesterday_keeps_its_evaluation() -> None:
    world = _world(alice="0.5", bob="0.9")
    world.competition = a_competition(when_leader_missing="Publish")
    world.run_to(190)
    world.script[EVALUATE, "alice"] = [None, failed(), failed(), failed()]
    world.run_to(290)
    assert world.results(200)["alice"].outcome is Outcome.MISSING
    assert world.submission("alice").status.place == 1
    assert [one.block for one in world.submission("alice").status.evaluations] == [100]


def test_a_submission_that_is_deleted_in_the_round_is_evaluated_to_its_end() -> None:
    world = _world(alice="0.9", bob="0.5")
    world.run_to(105)
    world.delete("bob")
    world.run_to(190)
    assert [line.submission for line in world.round(100).status.ranking] == ["bob", "alice"]
    world.run_to(290)
    assert [one.submission for one in world.round(200).contenders] == ["alice"]


def test_what_is_not_evaluated_by_the_deadline_is_missing() -> None:
    world = _world(alice="0.9", bob="0.5")
    world.competition = a_competition(deadline_blocks=50)
    world.script[EVALUATE, "bob"] = [None]
    world.run_to(149)
    assert world.round(100).status.phase is RoundPhase.EVALUATING
    world.run_to(150)
    cause = world.results()["bob"].cause
    assert cause is not None
    assert cause.reason == "DeadlinePassed"
    assert world.round(100).status.phase is RoundPhase.COMPLETED
    assert world.jobs == {}


def test_samples_that_are_late_abandon_the_round() -> None:
    world = _world(alice="0.9")
    world.competition = a_competition(deadline_blocks=50)
    world.script[PREPARE, "small-100"] = [None]
    world.run_to(150)
    ended = world.round(100)
    assert (ended.status.phase, world.ended(100)) == (RoundPhase.ABANDONED, "TaskUnavailable")
    assert world.jobs == {}
    assert world.submission("alice").status.evaluations == ()
