"""What the end of an evaluation means, and that the order in which pods end means nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.core.faults import Fault, disrupted
from podium.core.jobs import Ending, Purpose
from podium.core.kinds import Outcome, Result, RoundPhase
from podium.core.plan import CreateEvaluateJob
from podium.core.settling import MOST_DISRUPTIONS
from tests.podium.core.objects import GENESIS, a_competition, a_submission, failed, scored
from tests.podium.core.worlds import World

EVALUATE = Purpose.EVALUATE
OUT_OF_MEMORY = failed(reason="OutOfMemory")
NODE_LOST = Ending(disrupted("NodeLost", "as scripted", GENESIS), seconds=1)


def _world(*names: str, **competition: object) -> World:
    world = World(competition=a_competition(**competition))
    world.add(*(a_submission(name, block) for block, name in enumerate(names, start=1)))
    return world


def _results(world: World, block: int = 100) -> dict[str, Result]:
    return {one.submission: one for one in world.round(block).status.results}


def _reason(result: Result) -> tuple[Fault, str] | None:
    return (result.cause.fault, result.cause.reason) if result.cause is not None else None


# --- environments ----------------------------------------------------------------------------


def test_one_odd_node_that_is_first_does_not_take_the_round() -> None:
    world = _world("alice", "bob", "carol", max_parallel=1)
    world.script[EVALUATE, "alice"] = [scored("0.1", gpu="B")] * 3
    world.run_to(195)
    results = _results(world)
    assert {name: one.outcome for name, one in results.items()} == {
        "alice": Outcome.MISSING,
        "bob": Outcome.SCORED,
        "carol": Outcome.SCORED,
    }
    assert _reason(results["alice"]) == (Fault.INFRASTRUCTURE, "EnvironmentDiffers")
    assert world.round(100).status.environment == (("gpu", "A"),)
    assert world.round(100).status.phase is RoundPhase.COMPLETED


def test_scores_without_an_environment_do_not_count() -> None:
    world = _world("alice")
    world.script[EVALUATE, "alice"] = [replace(scored("0.1"), environment=())] * 3
    world.run_to(195)
    assert _reason(_results(world)["alice"]) == (Fault.INFRASTRUCTURE, "ResultUnreadable")


def test_scores_count_as_soon_as_most_contenders_have_one_in_the_same_environment() -> None:
    world = _world("alice", "bob", "carol", max_parallel=1)
    world.script[EVALUATE, "carol"] = [None]
    world.run_to(195)
    assert [one.outcome for one in _results(world).values()] == [Outcome.SCORED, Outcome.SCORED, None]


@settings(max_examples=30, deadline=None)
@given(
    st.permutations(["alice", "bob", "carol", "dave"]),
    st.lists(st.sampled_from("ABC"), min_size=4, max_size=4),
    st.integers(1, 4),
)
def test_the_order_in_which_pods_end_never_changes_a_round(
    order: list[str], gpus: list[str], parallel: int
) -> None:
    ends = []
    for names in (sorted(order), order):
        world = World(competition=a_competition(max_parallel=parallel))
        # Seats are by commitment, so this is the order of the pods too.
        world.add(*(a_submission(name, 1, uid=f"uid-{names.index(name)}-{name}") for name in names))
        for name, gpu in zip(sorted(order), gpus, strict=True):
            world.script[EVALUATE, f"{names.index(name)}-{name}"] = [scored("0.5", gpu=gpu)] * 3
        world.run_to(198)
        status = world.round(100).status
        ends.append(
            (status.phase, status.environment, {one.submission: one.outcome for one in status.results})
        )
    assert ends[0] == ends[1]


# --- interruptions ---------------------------------------------------------------------------


def test_what_the_cluster_interrupts_is_no_attempt() -> None:
    world = _world("alice")
    world.script[EVALUATE, "alice"] = [NODE_LOST, NODE_LOST, NODE_LOST, failed(), failed()]
    world.run_to(395)
    result = _results(world, 100)["alice"]
    assert (result.outcome, result.attempts, result.disruptions) == (Outcome.SCORED, 2, 3)
    assert result.ends == ("NodeLost",) * 5


def test_interruptions_do_not_go_on_for_ever() -> None:
    world = _world("alice", "bob", deadline_blocks=100)
    world.script[EVALUATE, "alice"] = [NODE_LOST] * 99
    world.run_to(199)
    result = _results(world)["alice"]
    assert (result.outcome, result.attempts, result.disruptions) == (Outcome.MISSING, 0, MOST_DISRUPTIONS)
    assert len({one.name for one in world.applied if isinstance(one, CreateEvaluateJob)}) == 6


def test_pods_that_kubernetes_replaces_inside_one_job_count_too() -> None:
    world = _world("alice")
    world.run_to(100)
    world.settle()
    while not (mine := [job for job in world.jobs.values() if job.purpose is EVALUATE]):
        world.run_to((world.seen().block or 0) + 1)
    world.jobs[mine[0].name] = replace(mine[0], started=world.now, disruptions=MOST_DISRUPTIONS)
    world.settle()
    result = _results(world)["alice"]
    assert (result.outcome, _reason(result)) == (Outcome.MISSING, (Fault.INFRASTRUCTURE, "Disrupted"))


# --- memory and time -------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["OutOfMemory", "Timeout"])
def test_a_model_that_never_fits_where_others_do_is_at_fault(reason: str) -> None:
    world = _world("alice", "bob")
    world.script[EVALUATE, "alice"] = [failed(reason=reason)] * 3
    world.run_to(195)
    alice = _results(world)["alice"]
    assert (alice.outcome, _reason(alice)) == (Outcome.FAILED, (Fault.SUBMISSION, reason))
    assert alice.cause is not None
    assert "3 pods ended so, while 1 models" in alice.cause.message
    assert [line.submission for line in world.round(100).status.ranking] == ["bob", "alice"]


@pytest.mark.parametrize(
    ("alice", "bob"),
    [
        ([OUT_OF_MEMORY] * 3, [OUT_OF_MEMORY] * 3),
        ([OUT_OF_MEMORY, failed(), failed()], []),
        ([OUT_OF_MEMORY, failed(reason="Timeout"), failed()], []),
    ],
    ids=["nobody fits", "only once", "different ends"],
)
def test_without_evidence_nobody_is_blamed(alice: list[Ending | None], bob: list[Ending | None]) -> None:
    world = _world("alice", "bob")
    world.script[EVALUATE, "alice"], world.script[EVALUATE, "bob"] = alice, bob
    world.run_to(195)
    assert _results(world)["alice"].outcome is Outcome.MISSING


def test_where_nodes_differ_a_node_may_have_been_too_small() -> None:
    world = _world("alice", "bob", "carol")
    world.script[EVALUATE, "alice"] = [OUT_OF_MEMORY] * 3
    world.script[EVALUATE, "bob"] = [scored("0.1", gpu="B")]
    world.run_to(198)
    assert _results(world)["alice"].outcome is Outcome.MISSING
    assert _results(world)["bob"].outcome is Outcome.SCORED


def test_a_leader_cannot_stay_by_failing() -> None:
    world = _world("alice")
    world.run_to(195)
    world.add(a_submission("bob", 150))
    world.scores = {"bob": "0.9"}
    world.script[EVALUATE, "alice"] = [scored("1.0"), *[OUT_OF_MEMORY] * 99]
    world.run_to(295)
    second = world.round(200).status
    assert second.phase is RoundPhase.COMPLETED
    assert second.ranking[0].submission == "bob"
