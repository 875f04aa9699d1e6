"""Carrying out plans: in stages, each write once, and one refusal does not stop the others."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import cast

import pytest
from prometheus_client import CollectorRegistry

from podium.api.translate.round import round_from_stored
from podium.cluster.client import Client
from podium.cluster.resources import COMPETITIONS, EVENTS, JOBS, ROUNDS, SUBMISSIONS, Raw, Resource
from podium.cluster.store import Store
from podium.core import plan as act
from podium.core.conditions import Condition
from podium.core.kinds import Outcome, Result, RoundPhase, RoundStatus, SubmissionStatus
from podium.core.plan import in_stages
from podium.errors import AlreadyExistsError, ClusterError, ConflictError, NotFoundError, RefusedError
from podium.observability.metrics import Metrics
from podium.reconcile.execute import Executor
from tests.podium.api.cases.case import changed, valid
from tests.podium.api.objects import ALICE
from tests.podium.manifests.actions import EVALUATE, EVIDENCE, OPEN, PROBE
from tests.podium.reconcile.recording import Recording

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SPACE = "games"


def _named(kind: str, name: str, uid: str) -> Raw:
    metadata = {"metadata/name": name, "metadata/namespace": SPACE, "metadata/uid": uid}
    return changed(valid(kind), metadata.items())


@dataclass
class Bench:
    """An executor between a store and a recording API server that agree."""

    client: Recording = field(default_factory=Recording)
    store: Store = field(default_factory=Store)
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    def __post_init__(self) -> None:
        self.owner = self.hold(COMPETITIONS, _named("Competition", "small", "7d9b"))
        self.hold(ROUNDS, _named("Round", "small-720", "33cc"))
        for name, uid in (("alice-1", "11aa"), ("bob-1", "22bb")):
            self.hold(SUBMISSIONS, _named("ModelSubmission", name, uid))
        self.executor = Executor(
            cast("Client", self.client), self.store, Metrics(self.registry), "podium-operator"
        )

    def hold(self, resource: Resource, raw: Raw) -> Raw:
        """An object that the API server and the store have."""
        stored = self.client.hold(resource, raw)
        self.store.put(resource, stored)
        return stored

    async def execute(self, *actions: act.Action) -> int:
        """Carries out the plan of these actions."""
        return await self.executor.execute(in_stages(actions, None), self.owner, NOW)

    def writes(self) -> list[tuple[str, str, str]]:
        """What was asked of the API server, Events left out."""
        return [call for call in self.client.calls if call[1] != EVENTS.kind]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def _told(name: str, uid: str, reason: str = "TooLarge") -> act.SetSubmissionStatus:
    condition = Condition("Accepted", False, reason, "as decided", NOW, 1)
    return act.SetSubmissionStatus(name, uid, SubmissionStatus(phase="Rejected", conditions=(condition,)))


ALICE_TOLD, BOB_TOLD = _told("alice-1", "11aa"), _told("bob-1", "22bb")
ROUND_STATUS = act.SetRoundStatus(
    "small-720",
    "33cc",
    RoundStatus(
        phase=RoundPhase.COMPLETED,
        results=(Result("alice-1", "11aa", Outcome.SCORED, score="0.5", gpu_seconds=7),),
        started=NOW,
        completed=NOW,
    ),
)


async def test_stages_are_carried_out_in_order(bench: Bench) -> None:
    job = bench.hold(JOBS, {"metadata": {"name": "old", "namespace": SPACE, "uid": "old-uid"}})
    delete = act.DeleteJob("old", job["metadata"]["uid"])
    assert await bench.execute(delete, PROBE, OPEN_LATER, ALICE_TOLD, ROUND_STATUS, EVIDENCE) == 6
    assert bench.writes() == [
        ("create", "ConfigMap", "evidence-1"),
        ("status", "Round", "small-720"),
        ("status", "ModelSubmission", "alice-1"),
        ("create", "Round", "small-1080"),
        ("create", "Job", "probe-1"),
        ("delete", "Job", "old"),
    ]


OPEN_LATER = replace(OPEN, name="small-1080", block=1080, deadline_block=1380)


async def test_what_was_written_is_seen_by_the_next_pass(bench: Bench) -> None:
    await bench.execute(ROUND_STATUS, OPEN_LATER, PROBE)
    written = bench.store.get(ROUNDS, "33cc")
    assert written is not None
    assert round_from_stored(written).status == ROUND_STATUS.status
    assert bench.store.find(ROUNDS, SPACE, "small-1080") is not None
    assert bench.store.find(JOBS, SPACE, "probe-1") is not None


async def test_a_status_that_is_written_already_is_not_written_again(bench: Bench) -> None:
    assert await bench.execute(ALICE_TOLD) == 1
    assert await bench.execute(ALICE_TOLD) == 0
    assert len(bench.writes()) == 1


async def test_what_a_deleted_namesake_left_is_not_taken_for_ours(bench: Bench) -> None:
    owner = {"ownerReferences": [{"uid": "a deleted namesake"}]}
    bench.client.hold(ROUNDS, {"metadata": {"name": "small-1080", "namespace": SPACE, **owner}})
    with pytest.raises(AlreadyExistsError, match="a deleted namesake"):
        await bench.execute(OPEN_LATER)
    assert bench.store.find(ROUNDS, SPACE, "small-1080") is None


async def test_what_exists_already_was_created_by_a_pass_before(bench: Bench) -> None:
    await bench.execute(PROBE)
    assert await bench.execute(PROBE) == 0
    assert bench.store.count(JOBS) == 1


async def test_a_refused_submission_does_not_stop_the_others(bench: Bench) -> None:
    bench.client.refuse(RefusedError("no"), name="alice-1")
    with pytest.raises(RefusedError):
        await bench.execute(ALICE_TOLD, BOB_TOLD, PROBE)
    assert ("status", "ModelSubmission", "bob-1") in bench.writes()
    assert ("create", "Job", "probe-1") in bench.writes()


async def test_a_refused_round_does_not_stop_fetches_and_probes(bench: Bench) -> None:
    bench.client.refuse(RefusedError("no"), verb="create", kind="Round")
    with pytest.raises(RefusedError):
        await bench.execute(OPEN, PROBE)
    assert ("create", "Job", "probe-1") in bench.writes()


async def test_deletions_wait_when_something_was_refused(bench: Bench) -> None:
    bench.hold(JOBS, {"metadata": {"name": "old", "namespace": SPACE, "uid": "old-uid"}})
    bench.client.refuse(RefusedError("no"), name="alice-1")
    with pytest.raises(RefusedError):
        await bench.execute(ALICE_TOLD, act.DeleteJob("old", "old-uid"))
    assert ("delete", "Job", "old") not in bench.writes()


@pytest.mark.parametrize(
    "error", [RefusedError("no"), ConflictError("changed"), ClusterError("away")], ids=repr
)
async def test_nothing_rests_on_a_round_that_was_not_written(bench: Bench, error: Exception) -> None:
    bench.client.refuse(error, name="small-720")
    with pytest.raises(type(error)):
        await bench.execute(ROUND_STATUS, ALICE_TOLD, PROBE)
    assert bench.writes() == [("status", "Round", "small-720")]


async def test_evidence_that_is_not_stored_keeps_its_result_from_being_written(bench: Bench) -> None:
    bench.client.refuse(ClusterError("away"), verb="create")
    with pytest.raises(ClusterError):
        await bench.execute(EVIDENCE, ROUND_STATUS)
    assert bench.writes() == [("create", "ConfigMap", "evidence-1")]


async def test_a_conflict_ends_the_pass_and_the_next_one_sees_the_object_as_it_is(bench: Bench) -> None:
    newer = bench.client.hold(SUBMISSIONS, _named("ModelSubmission", "alice-1", "11aa"))
    with pytest.raises(ConflictError):
        await bench.execute(ALICE_TOLD, PROBE)
    assert bench.store.get(SUBMISSIONS, "11aa") == newer
    assert ("create", "Job", "probe-1") not in bench.writes()
    await bench.execute(ALICE_TOLD, PROBE)
    assert ("create", "Job", "probe-1") in bench.writes()


async def test_a_submission_that_was_deleted_meanwhile_is_forgotten(bench: Bench) -> None:
    del bench.client.objects["modelsubmissions", SPACE, "alice-1"]
    await bench.execute(ALICE_TOLD, PROBE)
    assert bench.store.get(SUBMISSIONS, "11aa") is None
    assert ("create", "Job", "probe-1") in bench.writes()


async def test_an_object_of_the_same_name_is_not_deleted(bench: Bench) -> None:
    bench.hold(JOBS, {"metadata": {"name": "old", "namespace": SPACE, "uid": "another"}})
    await bench.execute(act.DeleteJob("old", "old-uid"))
    assert await bench.client.get(JOBS, SPACE, "old")


async def test_a_job_of_a_round_that_is_gone_is_not_created(bench: Bench) -> None:
    bench.store.remove(ROUNDS, bench.client.objects["rounds", SPACE, "small-720"])
    with pytest.raises(NotFoundError):
        await bench.execute(EVALUATE)
    assert bench.writes() == []


async def test_transitions_are_told_as_events(bench: Bench) -> None:
    await bench.execute(ALICE_TOLD)
    (event,) = (raw for (plural, _, _), raw in bench.client.objects.items() if plural == "events")
    assert (event["reason"], event["type"], event["regarding"]["name"]) == ("TooLarge", "Warning", "alice-1")
    assert event["note"] == "as decided"


async def test_an_event_that_is_not_taken_does_not_fail_the_pass(bench: Bench) -> None:
    bench.client.refuse(RefusedError("no"), kind=EVENTS.kind)
    assert await bench.execute(ALICE_TOLD) == 1


async def test_outcomes_and_rounds_are_counted_once(bench: Bench) -> None:
    await bench.execute(ROUND_STATUS)
    await bench.execute(ROUND_STATUS)
    competition = {"competition": f"{SPACE}/small"}
    value = bench.registry.get_sample_value
    labels = {**competition, "outcome": "Scored", "fault": ""}
    assert value("podium_evaluations_total", labels) == 1
    assert value("podium_evaluation_gpu_seconds_total", competition) == 7
    assert value("podium_rounds_total", {**competition, "phase": "Completed"}) == 1


async def test_a_status_that_cannot_be_stored_does_not_stop_the_others(bench: Bench) -> None:
    unstorable = act.SetSubmissionStatus("alice-1", "11aa", SubmissionStatus(phase=f"no {ALICE}"))
    with pytest.raises(RefusedError, match="alice-1"):
        await bench.execute(unstorable, BOB_TOLD, PROBE)
    assert ("create", "Job", "probe-1") in bench.writes()


async def test_an_unusable_commitment_is_told_once_as_long_as_it_stands(bench: Bench) -> None:
    first, second = {("alice", 10): "no hash"}, {("bob", 20): "no commit"}
    told = []
    for unusable in (first, first, {**first, **second}, second, first):
        bench.client.calls.clear()
        await bench.execute(act.ReportCommitments("subnet-uid", unusable))
        told.append(len(bench.client.calls))
    assert told == [1, 0, 1, 0, 1]
