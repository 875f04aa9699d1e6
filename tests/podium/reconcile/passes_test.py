"""Whole rounds through passes, manifests and stored objects, with calls lost and the operator restarted."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from podium.cluster.client import Client
from podium.cluster.resources import (
    COMPETITIONS,
    JOBS,
    ROUNDS,
    SUBMISSIONS,
    SUBNETS,
    WATCHED,
    WEIGHT_UPDATES,
    Raw,
    Resource,
)
from podium.cluster.store import Store
from podium.core.jobs import Ending, FetchedModel, Job, Purpose
from podium.core.kinds import PreparedTask, Samples, TaskScore
from podium.errors import ClusterError
from podium.observability.metrics import Metrics
from podium.reconcile.endings import Endings
from podium.reconcile.execute import Executor
from podium.reconcile.observe import Observer
from podium.reconcile.passes import Passes
from podium.reconcile.signing import Signing
from tests.podium.api.cases.case import changed, valid
from tests.podium.api.objects import ALICE, BOB
from tests.podium.reconcile.recording import Recording

SPACE = "games"
LAST = 22
"""The round of block 0 is over, and the epochs of blocks 10 and 20 are paid."""

GENESIS = datetime(2026, 1, 1, tzinfo=UTC)
SCORES = {"uid-alice": "0.75", "uid-bob": "0.5"}


def _digest(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


class Pods:
    """Takes the place of `Endings`: Jobs end well in the pass after the one that created them."""

    def __init__(self, client: Recording) -> None:
        self._job = Endings(cast("Client", client), Store()).job
        self.ended: set[str] = set()

    async def job(self, raw: Raw, now: datetime) -> Job | None:
        """The Job, with its result once it has ended."""
        job = await self._job(raw, now)
        if job is None or job.name not in self.ended:
            return job
        return replace(job, ending=self._ending(job))

    def _ending(self, job: Job) -> Ending:
        match job.purpose:
            case Purpose.PROBE:
                return Ending()
            case Purpose.FETCH:
                content = _digest(job.subject_uid)
                return Ending(fetched=FetchedModel(content, content, 10, 5, "LlamaForCausalLM"))
            case Purpose.PREPARE:
                task = PreparedTask("word-sorting", 100, 0, None, _digest("task"))
                return Ending(samples=Samples(_digest("samples"), (task,)))
            case Purpose.EVALUATE:
                score = (TaskScore("word-sorting", SCORES[job.subject_uid]),)
                line = f"evidence of {job.subject_uid}"
                return Ending(task_scores=score, evidence=line, evidence_digest=_digest(line), seconds=9)


@dataclass
class Plant:
    """An API server in memory, and an operator and a signer that may lose a call and are started anew."""

    client: Recording = field(default_factory=Recording)
    now: datetime = GENESIS

    def __post_init__(self) -> None:
        self.pods = Pods(self.client)
        cadence = {"everyBlocks": 100, "deadlineBlocks": 90, "historyLimit": 1, "maxContenders": 8}
        ledger = {"blockSeconds": 12, "genesisTime": "2026-01-01T00:00:00Z"}
        weights = {"everyBlocks": 10}
        self._hold(SUBNETS, "Subnet", "main", {"spec/ledger": ledger, "spec/weights": weights})
        self._hold(COMPETITIONS, "Competition", "small", {"spec/rounds": cadence})
        for name, hotkey in (("alice", ALICE), ("bob", BOB)):
            self._hold(SUBMISSIONS, "ModelSubmission", name, {"spec/hotkey": hotkey})
        self.start()

    # Any: values of the JSON of Kubernetes objects.
    def _hold(self, resource: Resource, kind: str, name: str, changes: dict[str, Any]) -> None:
        head = {"metadata/name": name, "metadata/namespace": SPACE, "metadata/uid": f"uid-{name}"}
        everything = {**head, "metadata/generation": 1, **changes}
        self.client.hold(resource, changed(valid(kind), everything.items()))

    def start(self) -> None:
        """New processes, which know nothing."""
        self.store, client = Store(), cast("Client", self.client)
        metrics = Metrics(CollectorRegistry())
        executor = Executor(client, self.store, metrics, "operator")
        self._passes = Passes(
            self.store,
            Observer(self.store, cast("Endings", self.pods)),
            executor,
            metrics,
            entropy=lambda count: count * b"\x07",
            now=lambda: self.now,
        )
        self._signing = Signing(client, self.store, executor, now=lambda: self.now)

    async def work(self) -> None:
        """Every loop once, over a view that is whole; after a lost call everything starts anew at once."""
        for run in (self._competition, self._subnet, self._sign):
            await self._relist()
            try:
                await run()
            except ClusterError:
                self.start()
                await self._relist()
                await run()

    async def _competition(self) -> None:
        await self._passes.competition("uid-small")

    async def _subnet(self) -> None:
        await self._passes.subnet("uid-main")

    async def _sign(self) -> None:
        await self._signing.namespace(SPACE)

    async def _relist(self) -> None:
        for resource in WATCHED:
            listed, version = await self.client.list(resource, SPACE)
            self.store.replace_all(resource, SPACE, listed, version)

    async def run_to(self, block: int) -> None:
        """Time passes block by block; Jobs end between passes."""
        end = GENESIS + timedelta(seconds=12 * block)
        while self.now < end:
            await self.work()
            self.pods.ended |= {raw["metadata"]["name"] for raw in self.all(JOBS)}
            self.now += timedelta(seconds=12)

    def all(self, resource: Resource) -> list[Raw]:
        """Everything of one resource, by name."""
        found = [(key, raw) for key, raw in self.client.objects.items() if key[0] == resource.plural]
        return [raw for _, raw in sorted(found, key=lambda one: one[0])]

    def outcome(self) -> object:
        """What everybody would agree on."""
        rounds = [
            _only(raw["status"], "phase", "ranking", "results", "movingAverage") for raw in self.all(ROUNDS)
        ]
        told = [
            _only(raw["status"], "phase", "place", "score", "share", "evaluations", "manifestDigest")
            for raw in self.all(SUBMISSIONS)
        ]
        paid = [(raw["metadata"]["name"], raw["spec"]["weights"]) for raw in self.all(WEIGHT_UPDATES)]
        (competition,) = self.all(COMPETITIONS)
        standing = _only(competition["status"], "phase", "movingAverage", "leader", "lastRound")
        return rounds, told, paid, standing


def _only(status: Raw, *keys: str) -> Raw:
    return {key: status.get(key) for key in keys}


async def _uninterrupted() -> Plant:
    plant = Plant()
    await plant.run_to(LAST)
    return plant


async def test_a_round_is_evaluated_and_paid() -> None:
    plant = await _uninterrupted()
    (round_,) = plant.all(ROUNDS)
    assert round_["status"]["phase"] == "Completed"
    assert [line["submission"] for line in round_["status"]["ranking"]] == ["bob", "alice"]
    assert [raw["status"]["phase"] for raw in plant.all(SUBMISSIONS)] == ["Ranked", "Ranked"]
    updates = plant.all(WEIGHT_UPDATES)
    assert {raw["spec"]["weights"][0]["hotkey"] for raw in updates} == {BOB}
    assert {raw["status"]["phase"] for raw in updates} == {"Verified"}
    assert plant.all(JOBS) == []


async def test_an_unchanged_world_is_not_written_to() -> None:
    plant = await _uninterrupted()
    await plant.work()
    before = len(plant.client.calls)
    await plant.work()
    plant.start()
    await plant.work()
    assert plant.client.calls[before:] == []


async def test_a_restart_at_every_step_changes_nothing() -> None:
    plant = Plant()
    while plant.now < GENESIS + timedelta(seconds=12 * LAST):
        plant.start()
        await plant.run_to(int((plant.now - GENESIS).total_seconds()) // 12 + 1)
    assert plant.outcome() == (await _uninterrupted()).outcome()


@pytest.mark.parametrize("first", [1, 2])
async def test_any_call_or_its_answer_may_be_lost(first: int) -> None:
    expected = await _uninterrupted()
    for number in range(first, len(expected.client.calls) + 1, 2):
        plant = Plant()
        # Which of the two is lost alternates, so that both happen to every kind of call.
        plant.client.lost_at, plant.client.reaches = number, number % 4 < 2
        with capture_logs():
            await plant.run_to(LAST)
        assert plant.outcome() == expected.outcome(), expected.client.calls[number - 1]
