"""Stored objects to which anything may happen: what users, pods and time do to them, and what is kept."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ValidationError

from podium.api.competition import Competition
from podium.api.subnet import Subnet
from podium.cluster.resources import COMPETITIONS, JOBS, ROUNDS, SUBMISSIONS, SUBNETS, Raw, Resource
from podium.core.faults import Fault, disrupted
from podium.core.jobs import Ending, Job, Purpose
from podium.core.kinds import TaskScore
from tests.podium.api.cases.case import changed, valid
from tests.podium.api.objects import ALICE, BOB
from tests.podium.core.objects import failed
from tests.podium.reconcile.plants import GENESIS, GPU, SPACE, Plant, digest
from tests.podium.reconcile.recording import Recording

__all__ = [
    "COMPETITION_EDITS",
    "EVERY",
    "FAILURES",
    "HOTKEYS",
    "MODELS",
    "SUBNET_EDITS",
    "TERMINAL",
    "StoredWorld",
    "timeless",
]

HOTKEYS = (ALICE, BOB, "5DAAnrj7VHTznn2AWBemMuyBwZWs6FNFjdyVXUeYum3PTXFy")
EVERY = 50
_MOST_PASSES = 40
_STEP = timedelta(seconds=5 * 12)
FAILURES = (
    failed(),
    failed(reason="OutOfMemory"),
    Ending(disrupted("NodeLost", "as scripted", GENESIS)),
    failed(Fault.SUBMISSION, "Broken"),
    failed(Fault.EVALUATOR, "Bug"),
    failed(Fault.ORGANIZER, "RequestInvalid"),
    Ending(),
)
TERMINAL = {"Completed", "Abandoned", "Failed"}

# Any, here and below: values of the JSON of Kubernetes objects.
COMPETITION_EDITS: tuple[dict[str, Any], ...] = (
    {"spec/suspend": True},
    {"spec/suspend": False},
    {"spec/constraints/parameters": {"min": 1, "max": 10}},
    {"spec/constraints/maxBytes": 2**30},
    {"spec/constraints/maxBytes": 10, "spec/store/maxBytes": 25},
    {"spec/store/maxBytes": 2**40},
    {"spec/evaluator/image": "images.example/podium/evaluator@sha256:" + 64 * "d"},
    {"spec/evaluator/maxParallel": 2},
    {"spec/evaluator/maxAttempts": 1},
    {"spec/rounds/maxContenders": 2, "spec/rounds/keepTop": 1},
    {"spec/rounds/maxContenders": 8, "spec/rounds/keepTop": 2},
    {"spec/rounds/historyLimit": 1},
    {"spec/rounds/everyBlocks": 30, "spec/rounds/deadlineBlocks": 20},
    {"spec/rounds/whenLeaderMissing": "Publish"},
    {"spec/rounds/whenTaskUnavailable": "Renormalize"},
    {"spec/taskSchedule/0/tasks/0/dataset/wordSorting/samples": 200},
    {"spec/ranking/selection": "Softmax", "spec/ranking/temperature": "0.1"},
    {"spec/ranking/cloneFilter": "On"},
    {"spec/ranking/dethrone": "Significant"},
    {"spec/ranking/audit": "NewLeader"},
    {"spec/isolation": "Preferred"},
)
SUBNET_EDITS: tuple[dict[str, Any], ...] = (
    {"spec/weights/mode": "Paused"},
    {"spec/weights/mode": "DryRun"},
    {"spec/weights/mode": "Set"},
    {"spec/weights/everyBlocks": 15},
    {"spec/weights/burnPercent": 50},
    {"spec/weights/whenNobodyEarned": "Burn"},
    {"spec/schedule": []},
)


MODELS: dict[Resource, type[BaseModel]] = {COMPETITIONS: Competition, SUBNETS: Subnet}


class Strict(Recording):
    """An API server that keeps what the schemas say must not change, and knows what the store has lost.

    Attributes:
        models: Digests of models that the store has, by competition.
        swept: Jobs that have swept: each does it once.
    """

    def __init__(self) -> None:
        super().__init__()
        self.models: dict[str, set[str]] = {}
        self.swept: set[str] = set()

    async def create(self, resource: Resource, namespace: str, body: Raw) -> Raw:
        if resource is JOBS:
            self._remove(body)
            marks, store = body["metadata"]["annotations"], self.store_of(body)
            if marks["podium.dev/purpose"] == Purpose.EVALUATE:
                assert marks["podium.dev/manifest-digest"] in store
        return await super().create(resource, namespace, body)

    def store_of(self, job: Raw) -> set[str]:
        """What the competition of a Job has in its folder of the store."""
        return self.models.setdefault(job["metadata"]["labels"]["podium.dev/competition"], set())

    def end(self, job: Raw) -> None:
        """As pods of these stories leave the store; of what they remove nobody knows when."""
        self._remove(job)
        marks = job["metadata"]["annotations"]
        if marks["podium.dev/purpose"] == Purpose.FETCH:
            self.store_of(job).add(digest(marks["podium.dev/subject-uid"]))

    def _remove(self, job: Raw) -> None:
        (container,) = job["spec"]["template"]["spec"]["containers"]
        request = json.loads(container["env"][0]["value"])
        store = self.store_of(job)
        store -= set(request.get("evict", ()))
        # Nothing is spared for being young, but what comes when the Job runs already.
        if "sweep" in request and job["metadata"]["name"] not in self.swept:
            self.swept.add(job["metadata"]["name"])
            store &= set(request["sweep"]["models"])

    async def replace_status(self, resource: Resource, observed: Raw, status: Raw) -> Raw:
        old = (await self.get(resource, SPACE, observed["metadata"]["name"])).get("status", {})
        if resource is SUBMISSIONS and "commitBlock" in old:
            assert status["commitBlock"] == old["commitBlock"]
        if resource is ROUNDS:
            if old.get("phase") in TERMINAL:
                assert status["phase"] == old["phase"]
            new = {one["submissionUID"]: one for one in status["results"]}
            for one in old.get("results", ()):
                kept = {
                    key: one[key] for key in ("outcome", "evidenceDigest") if "outcome" in one and key in one
                }
                assert kept.items() <= new[one["submissionUID"]].items()
        return await super().replace_status(resource, observed, status)


@dataclass
class StoredWorld(Plant):
    """A plant in which every Job ends as it was told, or never, and several competitions live.

    Attributes:
        endings: How the Jobs of a subject end, oldest first; the others end well.
        scores: By submission's UID.
        stuck: Purposes of which no Job ends.
    """

    client: Strict = field(default_factory=Strict)
    endings: dict[tuple[Purpose, str], list[Ending]] = field(default_factory=dict)
    scores: dict[str, str] = field(default_factory=dict)
    stuck: set[Purpose] = field(default_factory=set)
    names: int = 0

    def __post_init__(self) -> None:
        self.told = self._told
        super().__post_init__()
        for name in ("alice", "bob"):
            self.client.remove(SUBMISSIONS, SPACE, name)

    def _told(self, job: Job) -> Ending | None:
        script = self.endings.get((job.purpose, job.subject_uid), [])
        if script:
            return script[(job.attempt - 1) % len(script)] if job.attempt <= len(script) else self._well(job)
        return self._well(job)

    def _well(self, job: Job) -> Ending | None:
        if job.purpose is not Purpose.EVALUATE:
            return None
        line = f"evidence of {job.subject_uid}"
        score = (TaskScore("word-sorting", self.scores.get(job.subject_uid, "1.0")),)
        return Ending(
            task_scores=score, evidence=line, evidence_digest=digest(line), environment=GPU, seconds=9
        )

    async def _competition(self) -> None:
        for raw in self.all(COMPETITIONS):
            await self._passes.competition(raw["metadata"]["uid"])
        await self._passes.namespace(SPACE)

    async def _subnet(self) -> None:
        for raw in self.all(SUBNETS):
            await self._passes.subnet(raw["metadata"]["uid"])

    async def create(self, resource: Resource, kind: str, name: str, changes: dict[str, Any]) -> str:
        """As users do; returns the UID."""
        body = changed(valid(kind), {"metadata/name": name, "metadata/namespace": SPACE, **changes}.items())
        body["metadata"].pop("uid", None)
        made = await self.client.create(resource, SPACE, body)
        return str(made["metadata"]["uid"])

    def edit(self, resource: Resource, name: str, changes: dict[str, Any]) -> None:
        """As organisers do; what breaks the schema is refused."""
        raw = changed(self.client.objects[resource.plural, SPACE, name], changes.items())
        with contextlib.suppress(ValidationError):
            MODELS[resource].model_validate(raw)
            self.client.edit(resource, SPACE, name, raw["spec"])

    async def settle(self) -> None:
        """Passes until nothing is written any more."""
        self.client.created = self.now.strftime("%Y-%m-%dT%H:%M:%SZ")
        for _ in range(_MOST_PASSES):
            before = len(self.client.calls)
            await self.work()
            if len(self.client.calls) == before:
                return
        raise AssertionError(f"still not settled: {self.client.calls[-12:]}")

    async def wait(self, steps: int) -> None:
        """Time passes; Jobs end one step after they were created."""
        for _ in range(steps):
            await self.settle()
            jobs = self.all(JOBS)
            ended = [raw for raw in jobs if not self._is_stuck(raw)]
            self.pods.ended |= {raw["metadata"]["name"] for raw in ended}
            for raw in ended:
                self.client.end(raw)
            self.now += _STEP
        await self.settle()

    def _is_stuck(self, raw: Raw) -> bool:
        return raw["metadata"]["annotations"]["podium.dev/purpose"] in self.stuck

    def statuses(self) -> dict[tuple[str, str], Raw]:
        """Every status there is."""
        return {
            (plural, name): raw.get("status", {}) for (plural, _, name), raw in self.client.objects.items()
        }


def timeless(status: Raw) -> Raw:
    conditions = [{**one, "lastTransitionTime": None} for one in status["conditions"]]
    return {**status, "conditions": conditions}
