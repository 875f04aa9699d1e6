"""Which loops run, and which of them an object wakes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from prometheus_client import CollectorRegistry

from podium.cluster.client import Client
from podium.cluster.resources import (
    COMPETITION_UID,
    COMPETITIONS,
    JOBS,
    PODS,
    ROUNDS,
    SUBMISSIONS,
    SUBNETS,
    WEIGHT_UPDATES,
    Raw,
    Resource,
)
from podium.cluster.store import Store
from podium.core.jobs import Ending
from podium.observability.metrics import Metrics
from podium.reconcile.endings import Endings
from podium.reconcile.loops import Loops, Pass
from podium.reconcile.observe import Observer
from podium.reconcile.operator import Operator
from podium.reconcile.passes import Passes
from tests.podium.api.cases.case import changed, valid
from tests.podium.reconcile.recording import Recording

SPACE = "games"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Wakes:
    """Takes the place of `Loops`: remembers what is asked of it."""

    running: set[str] = field(default_factory=set)
    woken: list[str] = field(default_factory=list)

    def ensure(self, uid: str, name: str, run: Pass) -> None:
        """A loop is there and awake."""
        assert name
        assert callable(run)
        self.running.add(uid)
        self.woken.append(uid)

    def wake(self, uid: str) -> None:
        """A loop is awake, if it is there."""
        if uid in self.running:
            self.woken.append(uid)

    def stop(self, uid: str) -> None:
        """A loop is gone."""
        self.running.discard(uid)


class Bench:
    """An operator over a recording API server whose loops only take notes."""

    def __init__(self) -> None:
        self.client, self.store, self.loops = Recording(), Store(), Wakes()
        client = cast("Client", self.client)
        self.endings = endings = Endings(client, self.store)
        self.registry = CollectorRegistry()
        self.operator = Operator(
            client,
            self.store,
            [SPACE],
            passes=cast("Passes", _AnyPass()),
            observer=Observer(self.store, endings),
            endings=endings,
            loops=cast("Loops", self.loops),
            metrics=Metrics(self.registry),
        )
        self._version = 0

    def tell(self, resource: Resource, raw: Raw, kind: str | None = "ADDED") -> set[str]:
        """Delivers an event; returns which loops it woke."""
        self.loops.woken.clear()
        self._version += 1
        version = changed(raw, [("metadata/resourceVersion", str(self._version))])
        self.operator.on_event(resource, kind, version)
        return set(self.loops.woken)


class _AnyPass:
    """Has every pass and runs none."""

    async def competition(self, uid: str) -> None:
        """Nothing to do."""

    async def subnet(self, uid: str) -> None:
        """Nothing to do."""

    async def namespace(self, namespace: str) -> None:
        """Nothing to do."""


@pytest.fixture
def bench() -> Bench:
    return Bench()


# Any: values of the JSON of Kubernetes objects.
def _object(kind: str, uid: str, **changes: Any) -> Raw:
    head = {"metadata/name": uid, "metadata/namespace": SPACE, "metadata/uid": uid}
    given = {path.replace("__", "/"): value for path, value in changes.items()}
    return changed(valid(kind), {**head, **given}.items())


def _child(uid: str, competition: str) -> Raw:
    labels = {COMPETITION_UID: competition}
    return {"metadata": {"name": uid, "namespace": SPACE, "uid": uid, "labels": labels}}


@pytest.fixture
def running(bench: Bench) -> Bench:
    """Two competitions of one subnet are known."""
    bench.tell(SUBNETS, _object("Subnet", "main"))
    bench.tell(COMPETITIONS, _object("Competition", "small"))
    bench.tell(COMPETITIONS, _object("Competition", "large"))
    return bench


def test_every_competition_and_subnet_has_a_loop(running: Bench) -> None:
    assert running.loops.running == {"main", "small", "large"}


def test_a_deleted_competition_has_no_loop_and_the_others_look_again(running: Bench) -> None:
    woken = running.tell(COMPETITIONS, _object("Competition", "small"), "DELETED")
    assert running.loops.running == {"main", "large"}
    assert woken == {"main", "large"}


@pytest.mark.parametrize(
    ("resource", "kind"), [(ROUNDS, "Round"), (WEIGHT_UPDATES, "WeightUpdate"), (SUBNETS, "Subnet")]
)
def test_what_is_few_wakes_everybody(running: Bench, resource: Resource, kind: str) -> None:
    assert {"main", "small", "large"} <= running.tell(resource, _object(kind, "one"))


def test_a_submission_wakes_its_competition_alone(running: Bench) -> None:
    raw = _object("ModelSubmission", "alice", spec__competition="small")
    assert running.tell(SUBMISSIONS, raw) == {"small"}
    assert running.tell(SUBMISSIONS, raw, "DELETED") == {"small"}


async def test_a_submission_without_a_competition_wakes_its_namespace(running: Bench) -> None:
    await running.operator.relist()
    raw = _object("ModelSubmission", "alice", spec__competition="nowhere")
    assert running.tell(SUBMISSIONS, raw) == {f"namespace/{SPACE}"}


@pytest.mark.parametrize("resource", [JOBS, PODS])
def test_a_job_and_its_pods_wake_their_competition(running: Bench, resource: Resource) -> None:
    raw = _child("job", "small")
    assert running.tell(resource, raw) == {"small"}
    assert running.tell(resource, raw, "MODIFIED") == {"small"}
    assert running.tell(resource, raw, "DELETED") == {"small"}


def test_an_event_that_tells_nothing_new_wakes_nobody(running: Bench) -> None:
    raw = changed(_child("job", "small"), [("metadata/resourceVersion", "5")])
    running.operator.on_event(JOBS, "ADDED", raw)
    running.loops.woken.clear()
    running.operator.on_event(JOBS, "MODIFIED", raw)
    assert running.loops.woken == []


def test_nothing_is_remembered_of_a_job_that_the_operator_deleted_itself(running: Bench) -> None:
    job = {"metadata": {"name": "done", "namespace": SPACE, "uid": "job-uid", "labels": {}}}
    running.tell(JOBS, job)
    running.endings._known["job-uid"] = Ending(evidence="x" * 1000)
    # The answer to the deletion comes before the watch tells of it, which is then no news.
    running.store.remove(JOBS, job)
    running.tell(JOBS, job, "DELETED")
    assert not running.endings._known


def test_an_event_without_a_kind_is_an_object_that_was_listed(running: Bench) -> None:
    assert running.tell(JOBS, _child("job", "small"), None) == {"small"}


async def test_a_start_reads_everything_before_any_loop_runs(bench: Bench) -> None:
    for resource, kind, name in (
        (SUBNETS, "Subnet", "main"),
        (COMPETITIONS, "Competition", "small"),
        (SUBMISSIONS, "ModelSubmission", "alice"),
    ):
        bench.client.hold(resource, _object(kind, name))
    await bench.operator.relist()
    assert bench.loops.running == {"main", "small", f"namespace/{SPACE}"}
    assert bench.store.find(SUBMISSIONS, SPACE, "alice") is not None
    assert bench.registry.get_sample_value("podium_relist_timestamp_seconds")


async def test_a_relist_finds_deletions_that_were_never_told(running: Bench) -> None:
    running.client.hold(SUBNETS, _object("Subnet", "main"))
    await running.operator.relist()
    assert running.loops.running == {"main", f"namespace/{SPACE}"}
