"""The organiser's own model: fetched before rounds open, and what its end tells in a round."""

from __future__ import annotations

import pytest

from podium.core.conditions import Condition, find_condition
from podium.core.faults import Fault
from podium.core.jobs import Ending, Purpose
from podium.core.kinds import Outcome, Result, Round, RoundPhase
from podium.core.plan import CreateEvaluateJob, CreateReferenceFetchJob
from tests.podium.core.objects import a_competition, a_submission, failed, scored
from tests.podium.core.worlds import World

FETCH, EVALUATE = Purpose.FETCH, Purpose.EVALUATE
REFERENCE = "competition-uid"
"""What its Jobs are about."""

CRASHED = failed(Fault.EVALUATOR, "EvaluatorBug")
OUT_OF_MEMORY = failed(reason="OutOfMemory")


def _world(**scores: str) -> World:
    world = World(
        scores=scores, competition=a_competition(reference_digest="sha256:r", evaluator_image="image-1")
    )
    world.add(*(a_submission(name, block) for block, name in enumerate(scores, start=1)))
    return world


def _results(round_: Round) -> dict[str, Result]:
    return {one.submission: one for one in round_.status.results}


def _ready(world: World) -> Condition:
    found = find_condition(world.competition.status.conditions, "Ready")
    assert found is not None
    return found


def _complete(round_: Round) -> str:
    found = find_condition(round_.status.conditions, "Complete")
    assert found is not None
    return found.reason


# --- in the store ----------------------------------------------------------------------------


def test_no_round_opens_before_the_reference_is_in_the_store() -> None:
    world = _world(alice="0.5")
    world.script[FETCH, REFERENCE] = [failed(Fault.INFRASTRUCTURE, "HubUnavailable")] * 8
    world.run_to(110)
    assert world.rounds == {}
    assert (_ready(world).status, _ready(world).reason) == (False, "ReferenceUnavailable")
    assert "HubUnavailable" in _ready(world).message
    world.run_to(600)
    assert _ready(world).status is True
    assert any(one.status.phase is RoundPhase.COMPLETED for one in world.rounds.values())


def test_it_is_fetched_once_and_again_when_the_organiser_names_another() -> None:
    world = _world(alice="0.5")
    world.run_to(90)
    assert sum(isinstance(one, CreateReferenceFetchJob) for one in world.applied) == 1
    world.competition = a_competition(reference_digest="sha256:other", status=world.competition.status)
    world.run_to(95)
    assert sum(isinstance(one, CreateReferenceFetchJob) for one in world.applied) == 2
    assert world.competition.status.reference is not None
    assert world.competition.status.reference.manifest_digest is not None


def test_without_a_reference_nothing_is_fetched_and_what_was_is_forgotten() -> None:
    world = _world(alice="0.5")
    world.run_to(2)
    world.competition = a_competition(status=world.competition.status)
    world.run_to(190)
    assert world.competition.status.reference is None
    assert not [job for job in world.jobs.values() if job.subject_uid == REFERENCE]
    assert world.round(100).reference is None


# --- in a round ------------------------------------------------------------------------------


def test_it_is_evaluated_first_and_has_no_place() -> None:
    world = _world(alice="0.5", bob="0.4")
    world.run_to(190)
    ended = world.round(100)
    first = next(one for one in world.applied if isinstance(one, CreateEvaluateJob))
    assert first.submission_uid == REFERENCE
    assert ended.status.reference is not None
    assert ended.status.reference.outcome is Outcome.SCORED
    assert [line.submission for line in ended.status.ranking] == ["bob", "alice"]
    assert set(_results(ended)) == {"alice", "bob"}


@pytest.mark.parametrize(
    "ending", [CRASHED, failed(Fault.SUBMISSION, "NonFiniteScore")], ids=["crashed", "no finite score"]
)
def test_a_reference_that_fails_fails_the_round_and_moves_no_average(ending: Ending) -> None:
    world = _world(alice="0.5")
    world.script[EVALUATE, REFERENCE] = [ending]
    world.run_to(190)
    ended = world.round(100)
    assert (ended.status.phase, _complete(ended)) == (RoundPhase.FAILED, "ReferenceFailed")
    assert ended.status.moving_average == ()
    assert not [job for job in world.jobs.values() if job.round_uid == ended.uid]
    assert world.submission("alice").status.evaluations == ()


def test_a_reference_that_the_cluster_did_not_let_run_tells_nothing() -> None:
    world = _world(alice="0.5", bob="0.4")
    world.script[EVALUATE, REFERENCE] = [failed()] * 3
    world.run_to(195)
    assert world.round(100).status.phase is RoundPhase.COMPLETED


def test_while_the_reference_passes_a_model_that_the_evaluator_fails_on_waits_for_another_image() -> None:
    world = _world(alice="0.5", bob="0.4")
    world.script[EVALUATE, "bob"] = [CRASHED]
    world.run_to(190)
    assert world.round(100).status.phase is RoundPhase.COMPLETED
    bob = world.submission("bob").status
    assert bob.quarantine == "image-1"
    told = find_condition(bob.conditions, "Evaluated")
    assert told is not None
    assert (told.status, told.reason) == (False, "Quarantined")
    world.run_to(290)
    assert [one.submission for one in world.round(200).contenders] == ["alice"]
    world.competition = a_competition(
        reference_digest="sha256:r", evaluator_image="image-2", status=world.competition.status
    )
    world.run_to(390)
    assert {one.submission for one in world.round(300).contenders} == {"alice", "bob"}
    assert world.round(300).status.ranking[0].submission == "bob"
    assert world.submission("bob").status.quarantine is None


def test_a_model_alone_that_does_not_fit_where_the_reference_does_has_failed() -> None:
    world = _world(alice="0.5")
    world.script[EVALUATE, "alice"] = [OUT_OF_MEMORY] * 3
    world.run_to(195)
    (alice,) = world.round(100).status.results
    assert alice.outcome is Outcome.FAILED
    assert alice.cause is not None
    assert (alice.cause.fault, alice.cause.reason) == (Fault.SUBMISSION, "OutOfMemory")


def test_scores_from_another_environment_than_most_count_no_more_for_the_reference() -> None:
    world = _world(alice="0.5", bob="0.4")
    world.script[EVALUATE, REFERENCE] = [scored("1", gpu="B"), scored("1")]
    world.run_to(195)
    reference = world.round(100).status.reference
    assert reference is not None
    assert (reference.outcome, reference.ends) == (Outcome.SCORED, ("EnvironmentDiffers",))


def test_an_evaluator_that_refuses_its_request_ends_the_round_at_once() -> None:
    world = _world(alice="0.5", bob="0.4")
    world.script[EVALUATE, "alice"] = [failed(Fault.ORGANIZER, "RequestInvalid")]
    world.run_to(190)
    ended = world.round(100)
    assert (ended.status.phase, _complete(ended)) == (RoundPhase.ABANDONED, "RequestInvalid")
