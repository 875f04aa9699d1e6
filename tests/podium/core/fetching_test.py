"""Fetches: their order, retries, and checks under other constraints."""

from __future__ import annotations

from dataclasses import replace

from podium.core.faults import Fault
from podium.core.jobs import Purpose
from podium.core.kinds import Outcome, RoundPhase, Submission
from podium.core.plan import CreateFetchJob
from tests.podium.core.objects import a_competition, a_submission, failed, ledger_moment
from tests.podium.core.worlds import World

FETCH = Purpose.FETCH
NOT_YET = failed(Fault.SUBMISSION, "NotYetPublished", retriable=True)


def _world(*submissions: Submission) -> World:
    world = World()
    world.add(*submissions)
    return world


def test_earlier_commitments_are_fetched_first_and_two_at_a_time() -> None:
    world = _world(*(a_submission(f"model-{number}", 9 - number) for number in range(5)))
    world.now = ledger_moment(20)
    world.settle()
    world.run_to(22)
    starts = [action.submission for action in world.applied if isinstance(action, CreateFetchJob)]
    assert starts[:2] == ["model-4", "model-3"]
    assert len(starts) == 2


def test_an_unpublished_model_is_tried_at_the_next_two_rounds_and_no_more() -> None:
    world = _world(a_submission("alice", 1))
    world.script[FETCH, "alice"] = [NOT_YET] * 9
    tries = []
    for block in (50, 99, 150, 199, 250, 299, 350, 450):
        world.run_to(block)
        tries.append(len(world.fetches("alice")))
    assert tries == [1, 1, 2, 2, 3, 3, 3, 3]
    status = world.submission("alice").status
    assert status.phase == "Rejected"
    assert status.failure is not None
    assert (status.failure.reason, status.failure.retriable) == ("NotYetPublished", False)


def test_a_model_that_is_published_late_takes_part() -> None:
    world = _world(a_submission("alice", 1))
    world.script[FETCH, "alice"] = [NOT_YET]
    world.run_to(290)
    assert world.submission("alice").status.phase == "Ranked"


def test_a_verdict_that_the_bytes_prove_is_final() -> None:
    world = _world(a_submission("alice", 1))
    world.script[FETCH, "alice"] = [failed(Fault.SUBMISSION, "TensorsMismatch")]
    world.run_to(350)
    assert len(world.fetches("alice")) == 1
    assert (world.submission("alice").status.phase, world.reason("alice")) == (
        "Rejected",
        "TensorsMismatch",
    )
    assert world.rounds == {}


def test_the_infrastructure_is_tried_again_with_growing_pauses() -> None:
    world = _world(a_submission("alice", 1))
    world.script[FETCH, "alice"] = [failed()] * 4
    world.run_to(60)
    assert world.submission("alice").status.phase == "Fetched"
    assert world.submission("alice").status.fetch_attempts == 0
    assert world.submission("alice").status.fetch_disruptions == 4


def test_a_fetch_pod_that_never_starts_is_given_up_and_tried_again() -> None:
    world = _world(a_submission("alice", 1))
    world.competition = a_competition(pending_seconds=60)
    world.stuck = {(FETCH, "alice")}
    world.run_to(30)
    assert len(world.fetches("alice")) > 1
    assert world.submission("alice").status.phase != "Rejected"
    world.stuck = set()
    world.run_to(130)
    assert world.submission("alice").status.manifest_digest is not None


def test_a_deleted_submission_leaves_no_job() -> None:
    world = _world(a_submission("alice", 1))
    world.run_to(1)
    assert FETCH in {job.purpose for job in world.jobs.values()}
    world.delete("alice")
    world.settle()
    assert FETCH not in {job.purpose for job in world.jobs.values()}


def test_other_constraints_are_checked_again() -> None:
    world = _world(a_submission("alice", 1))
    world.run_to(50)
    world.competition = replace(world.competition, constraints_digest="constraints-2")
    world.script[FETCH, "alice"] = [None, failed(Fault.SUBMISSION, "ParametersOutOfRange")]
    world.run_to(90)
    status = world.submission("alice").status
    assert (status.phase, status.constraints_digest) == ("Rejected", "constraints-2")


def test_a_verdict_under_the_old_constraints_does_not_count_as_one_under_the_new() -> None:
    world = _world(a_submission("alice", 1))
    world.run_to(1)
    world.competition = replace(world.competition, constraints_digest="constraints-2")
    world.script[FETCH, "alice"] = [None, failed(Fault.SUBMISSION, "ParametersOutOfRange")]
    for name, job in world.jobs.items():
        if job.purpose is FETCH:
            world.jobs[name] = replace(job, ending=world.good_ending(job))
    world.run_to(90)
    assert world.reason("alice") == "ParametersOutOfRange"


def test_messages_fit_what_is_stored() -> None:
    world = _world(a_submission("alice", 1, volume_claim="mine"))
    claims = frozenset(f"{number:03}" + "x" * 250 for number in range(16))
    world.competition = a_competition(volume_claims=claims)
    world.run_to(2)
    failure = world.submission("alice").status.failure
    assert failure is not None
    assert len(failure.message) <= 1024


def test_who_is_not_fetched_in_time_is_missing_and_comes_next_time() -> None:
    world = _world(a_submission("alice", 1), a_submission("bob", 2))
    world.script[FETCH, "bob"] = [NOT_YET]
    world.run_to(190)
    outcomes = {one.submission: one.outcome for one in world.round(100).status.results}
    assert outcomes == {"alice": Outcome.SCORED, "bob": Outcome.MISSING}
    world.run_to(290)
    assert world.round(200).status.phase is RoundPhase.COMPLETED
    assert world.submission("bob").status.evaluations[-1].block == 200


def _stricter(world: World) -> None:
    world.competition = replace(world.competition, constraints_digest="constraints-2")


def test_while_models_are_checked_again_nobody_loses_a_seat_or_a_content() -> None:
    names = ("alice", "bob", "carol", "dave")
    world = _world(*(a_submission(name, number) for number, name in enumerate(names)))
    world.run_to(190)
    world.add(a_submission("eve", 195))
    world.contents["eve"] = "alice"
    _stricter(world)
    world.script |= {(FETCH, name): [None, None] for name in names}
    world.run_to(201)
    assert [(one.submission, one.manifest_digest) for one in world.round(200).contenders[:2]] == [
        ("alice", "sha256:alice"),
        ("bob", "sha256:bob"),
    ]
    assert {world.reason(name) for name in names} == {"Accepted"}
    world.script.clear()
    world.run_to(290)
    assert world.submission("eve").status.duplicate_of == "alice"


def test_the_best_are_checked_again_first() -> None:
    world = _world(*(a_submission(f"model-{number}", number) for number in range(4)))
    world.scores = {"model-3": "0.1", "model-2": "0.2"}
    world.competition = a_competition(keep_top=2, max_contenders=4)
    world.run_to(190)
    world.add(a_submission("newcomer", 191))
    before = len(world.applied)
    _stricter(world)
    world.settle()
    fetches = [one.submission for one in world.applied[before:] if isinstance(one, CreateFetchJob)]
    assert set(fetches) <= {f"model-{number}" for number in range(4)}


def test_a_check_that_the_infrastructure_broke_leaves_the_old_verdict() -> None:
    world = _world(a_submission("alice", 1))
    world.run_to(50)
    _stricter(world)
    world.script[FETCH, "alice"] = [None, *[failed()] * 5]
    world.run_to(60)
    status = world.submission("alice").status
    assert (status.manifest_digest, status.constraints_digest) == ("sha256:alice", "constraints-1")
    world.run_to(150)
    assert world.submission("alice").status.constraints_digest == "constraints-2"


def test_constraints_that_change_back_and_forth_use_no_name_twice() -> None:
    world = _world(a_submission("alice", 1))
    for number in range(6):
        world.competition = replace(world.competition, constraints_digest=f"constraints-{number % 2}")
        world.run_to(20 + 10 * number)
    names = [one.name for one in world.fetches("alice")]
    assert len(set(names)) == len(names) == 6


def test_newcomers_are_fetched_for_the_next_two_rounds_only() -> None:
    world = _world(*(a_submission(f"model-{number:02}", number + 1) for number in range(12)))
    world.competition = a_competition(max_contenders=4, keep_top=2)
    world.run_to(90)
    fetched = [name for number in range(12) if world.submission(name := f"model-{number:02}").status.bytes]
    assert len(fetched) == 8
    assert fetched == sorted(fetched)
    waiting = world.submission("model-11").status.conditions
    assert next(one.reason for one in waiting if one.type == "Fetched") == "Waiting"
    world.run_to(195)
    assert world.submission("model-11").status.bytes
