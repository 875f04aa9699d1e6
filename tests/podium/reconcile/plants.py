"""An API server in memory, its pods, and an operator and a signer that can lose calls and start anew."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, cast

from prometheus_client import CollectorRegistry

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
from podium.reconcile.evidence import read_evidence
from podium.reconcile.execute import Executor
from podium.reconcile.observe import Observer
from podium.reconcile.passes import Passes
from podium.reconcile.signing import Signing
from tests.podium.api.cases.case import changed, valid
from tests.podium.api.objects import ALICE, BOB
from tests.podium.reconcile.recording import Recording

__all__ = ["GENESIS", "GPU", "Plant", "digest"]

SPACE = "games"
GENESIS = datetime(2026, 1, 1, tzinfo=UTC)
GPU = (("gpu", "H100"),)
SCORES = {"uid-alice": "0.75", "uid-bob": "0.5"}


def digest(text: str) -> str:
    """Of a text."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


class Pods:
    """Takes the place of `Endings`: Jobs end, as told or well, in the pass after their creation."""

    def __init__(self, client: Recording, told: Callable[[Job], Ending | None]) -> None:
        self._job = Endings(cast("Client", client), Store()).job
        self._told = told
        self.ended: set[str] = set()

    async def job(self, raw: Raw, now: datetime) -> Job | None:
        """The Job, with its result once it has ended."""
        job = await self._job(raw, now)
        if job is None or job.name not in self.ended:
            return job
        return replace(job, ending=self._told(job) or self._ending(job))

    def _ending(self, job: Job) -> Ending:
        match job.purpose:
            case Purpose.PROBE:
                return Ending()
            case Purpose.FETCH:
                content = digest(job.subject_uid)
                return Ending(fetched=FetchedModel(content, content, 10, 5, "LlamaForCausalLM"))
            case Purpose.PREPARE:
                task = PreparedTask("word-sorting", 100, 0, None, digest("task"))
                return Ending(samples=Samples(digest("samples"), (task,)))
            case Purpose.EVALUATE:
                score = (TaskScore("word-sorting", SCORES[job.subject_uid]),)
                line = f"evidence of {job.subject_uid}"
                return Ending(
                    task_scores=score, evidence=line, evidence_digest=digest(line), environment=GPU, seconds=9
                )


@dataclass
class Plant:
    """An API server in memory, and an operator and a signer that may lose a call and are started anew.

    Attributes:
        told: How a Job ends; None is well.
        competition: Paths in the Competition to other values.
    """

    client: Recording = field(default_factory=Recording)
    now: datetime = GENESIS
    told: Callable[[Job], Ending | None] = field(default=lambda _: None)
    competition: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.pods = Pods(self.client, self.told)
        cadence = {"everyBlocks": 100, "deadlineBlocks": 90, "historyLimit": 1, "maxContenders": 8}
        ledger = {"blockSeconds": 12, "genesisTime": "2026-01-01T00:00:00Z"}
        weights = {"everyBlocks": 10}
        self._hold(SUBNETS, "Subnet", "main", {"spec/ledger": ledger, "spec/weights": weights})
        self._hold(COMPETITIONS, "Competition", "small", {"spec/rounds": cadence, **self.competition})
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
            partial(read_evidence, client),
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
        standing = _only(competition["status"], "phase", "movingAverage", "leader", "lastRound", "conditions")
        return rounds, told, paid, standing


def _only(status: Raw, *keys: str) -> Raw:
    return {key: status.get(key) for key in keys}
