"""From the store to worlds: what a Job's pods say, and that one unreadable object stops nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from podium.cluster.client import Client
from podium.cluster.resources import COMPETITIONS, JOBS, PODS, SUBMISSIONS, SUBNETS, Raw
from podium.cluster.store import Store
from podium.reconcile.endings import Endings
from podium.reconcile.observe import Observer
from tests.podium.api.cases.case import changed, valid
from tests.podium.cluster.pods import ended, evaluate_job
from tests.podium.reconcile.recording import Recording

SPACE = "games"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Bench:
    """An observer of a store."""

    def __init__(self) -> None:
        self.store = Store()
        self.endings = Endings(cast("Client", Recording()), self.store)
        self.observer = Observer(self.store, self.endings)

    # Any: values of the JSON of Kubernetes objects.
    def hold(self, kind: str, name: str, **changes: Any) -> Raw:
        """One of our objects."""
        resources = {"Subnet": SUBNETS, "Competition": COMPETITIONS, "ModelSubmission": SUBMISSIONS}
        head = {
            "metadata/name": name,
            "metadata/namespace": SPACE,
            "metadata/uid": f"uid-{name}",
            "metadata/resourceVersion": "1",
            "metadata/creationTimestamp": "2026-01-01T00:00:00Z",
        }
        given = {path.replace("__", "/"): value for path, value in changes.items()}
        raw = changed(valid(kind), {**head, **given}.items())
        self.store.put(resources[kind], raw)
        return raw


@pytest.fixture
def bench() -> Bench:
    return Bench()


def _job(**changes: Any) -> Raw:
    raw = evaluate_job()
    raw["status"] = {}
    given = {path.replace("__", "/"): value for path, value in changes.items()}
    return changed(raw, given.items())


def _pod(**status: Any) -> Raw:
    owner = [{"controller": True, "uid": "job-uid"}]
    head = {"name": "pod", "namespace": SPACE, "uid": "pod-uid", "ownerReferences": owner}
    return {"metadata": {**head, "resourceVersion": "1"}, "status": status}


def _container(**state: Any) -> dict[str, Any]:
    return {"containerStatuses": [{"name": "evaluator", "state": state}]}


@pytest.mark.parametrize(
    ("status", "started", "waiting"),
    [
        ({}, False, "the pod is pending"),
        (_container(running={"startedAt": "2026-01-01T00:00:00Z"}), True, "the pod is pending"),
        (
            _container(terminated={"exitCode": 0, "startedAt": "2026-01-01T00:00:00Z"}),
            True,
            "the pod is pending",
        ),
        (
            _container(waiting={"reason": "ErrImagePull", "message": "denied"}),
            False,
            "ErrImagePull: denied",
        ),
        (
            {
                "conditions": [
                    {
                        "type": "PodScheduled",
                        "status": "False",
                        "reason": "Unschedulable",
                        "message": "no GPU",
                    }
                ]
            },
            False,
            "Unschedulable: no GPU",
        ),
    ],
)
async def test_a_job_that_waits_says_why(
    bench: Bench, status: dict[str, Any], waiting: str, *, started: bool
) -> None:
    bench.store.put(PODS, _pod(**status))
    job = await bench.endings.job(_job(), NOW)
    assert job is not None
    assert (job.started is not None, job.waiting) == (started, waiting)
    assert job.ending is None


async def test_a_job_without_a_pod_waits_for_one(bench: Bench) -> None:
    job = await bench.endings.job(_job(), NOW)
    assert job is not None
    assert job.waiting.startswith("no pod has been created for the Job")


@pytest.mark.parametrize("annotations", [{}, {"podium.dev/purpose": "Mine"}, {"podium.dev/purpose": "Fetch"}])
async def test_a_job_without_our_marks_is_none_of_ours(bench: Bench, annotations: dict[str, str]) -> None:
    assert await bench.endings.job(_job(metadata__annotations=annotations), NOW) is None


async def test_a_result_is_read_once(bench: Bench) -> None:
    job = evaluate_job()
    pod, memory = ended(job)
    endings = Endings(cast("Client", memory), bench.store)
    pod["metadata"]["resourceVersion"] = "1"
    bench.store.put(PODS, pod)
    first = await endings.job(job, NOW)
    asked = len(memory.asked)
    assert await endings.job(job, NOW) == first
    assert len(memory.asked) == asked == 1
    endings.forget("job-uid")
    await endings.job(job, NOW)
    assert len(memory.asked) == 2


async def test_a_job_that_is_being_deleted_is_not_seen(bench: Bench) -> None:
    owner = bench.hold("Competition", "small")
    job = _job(metadata__deletionTimestamp="2026-01-01T00:00:00Z")
    job["metadata"]["labels"]["podium.dev/competition-uid"] = "uid-small"
    bench.store.put(JOBS, {**job, "metadata": {**job["metadata"], "resourceVersion": "1"}})
    world = await bench.observer.competition_world(owner, NOW, b"")
    assert world is not None
    assert world.jobs == {}


async def test_a_world_has_what_belongs_to_the_competition(bench: Bench) -> None:
    owner = bench.hold("Competition", "small")
    bench.hold("Subnet", "main")
    bench.hold("ModelSubmission", "alice", spec__competition="small")
    bench.hold("ModelSubmission", "bob", spec__competition="large")
    world = await bench.observer.competition_world(owner, NOW, b"seed")
    assert world is not None
    assert world.subnet is not None
    assert [one.name for one in world.submissions] == ["alice"]
    assert world.same_id == ()


async def test_of_two_competitions_with_one_id_the_younger_knows_the_older(bench: Bench) -> None:
    elder = bench.hold("Competition", "elder")
    younger = bench.hold("Competition", "younger", metadata__creationTimestamp="2026-01-02T00:00:00Z")
    bench.hold("Competition", "other", spec__competitionId=5)
    worlds = [await bench.observer.competition_world(raw, NOW, b"") for raw in (elder, younger)]
    assert [world.same_id for world in worlds if world is not None] == [(), ("elder",)]
    subnet = await bench.observer.subnet_world(bench.hold("Subnet", "main"), NOW)
    assert subnet is not None
    assert sorted(one.name for one in subnet.competitions) == ["elder", "other"]


async def test_an_object_that_cannot_be_read_is_left_out(bench: Bench) -> None:
    owner = bench.hold("Competition", "small")
    bench.hold("ModelSubmission", "alice", spec__competition="small")
    bench.hold("ModelSubmission", "bob", spec__competition="small", spec__hotkey="no address")
    world = await bench.observer.competition_world(owner, NOW, b"")
    assert world is not None
    assert [one.name for one in world.submissions] == ["alice"]
    assert world.unreadable_submissions == 1
    assert (
        await bench.observer.competition_world({**owner, "spec": {}, "metadata": {"uid": "x"}}, NOW, b"")
        is None
    )


def test_orphans_name_no_competition_of_their_namespace(bench: Bench) -> None:
    bench.hold("Competition", "small")
    bench.hold("ModelSubmission", "alice", spec__competition="small")
    bench.hold("ModelSubmission", "bob", spec__competition="nowhere")
    assert [one.name for one in bench.observer.orphans(SPACE)] == ["bob"]


async def test_a_changed_object_is_read_again(bench: Bench) -> None:
    owner = bench.hold("Competition", "small")
    await bench.observer.competition_world(owner, NOW, b"")
    paused = bench.hold("Competition", "small", spec__suspend=True, metadata__resourceVersion="2")
    world = await bench.observer.competition_world(paused, NOW, b"")
    assert world is not None
    assert world.competition.suspended
