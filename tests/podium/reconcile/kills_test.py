"""A round on a real API server, with the operator and the signer killed after any of their writes."""

from __future__ import annotations

import difflib
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from pprint import pformat
from typing import Any, cast

import pytest
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from examples.demo.hotkeys import hotkey_of
from podium.cluster.client import Client
from podium.cluster.resources import (
    COMPETITIONS,
    EVENTS,
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
from podium.core.kinds import TaskScore
from podium.observability.metrics import Metrics
from podium.reconcile.endings import Endings
from podium.reconcile.evidence import read_evidence
from podium.reconcile.execute import Executor
from podium.reconcile.observe import Observer
from podium.reconcile.passes import Passes
from podium.reconcile.signing import Signing
from tests.cluster.access import ClusterAccess
from tests.podium.api.cases.case import changed, valid
from tests.podium.api.objects import ALICE, BOB
from tests.podium.reconcile.plants import GPU, Pods, digest
from tests.podium.reconcile.recording import Recording

pytestmark = pytest.mark.cluster

_BLOCK = timedelta(minutes=10)
"""Long, so that everybody commits in the first one."""
_LAST = 19
_MODELS = {"alice": (ALICE, "0.75"), "bob": (BOB, "0.5"), "carol": (hotkey_of("carol"), "0.625")}
_KILLS = 20


class KilledError(Exception):
    """The process ended here."""


class Mortal:
    """A client whose process is killed right after one of its writes reached the API server."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.writes: list[str] = []
        self.killed_after = 0

    async def _written(self, what: str, answer: Any) -> Any:  # Any: what the call answers
        self.writes.append(what)
        if len(self.writes) == self.killed_after:
            raise KilledError(what)
        return answer

    async def list(self, *arguments: Any) -> tuple[list[Raw], int]:  # Any: as the client's
        return await self._client.list(*arguments)

    async def get(self, resource: Resource, namespace: str, name: str) -> Raw:
        return await self._client.get(resource, namespace, name)

    async def create(self, resource: Resource, namespace: str, body: Raw) -> Raw:
        answer = await self._client.create(resource, namespace, body)
        if resource is EVENTS:
            return answer
        return cast("Raw", await self._written(f"create {resource.kind}", answer))

    async def replace_status(self, resource: Resource, observed: Raw, status: Raw) -> Raw:
        answer = await self._client.replace_status(resource, observed, status)
        return cast("Raw", await self._written(f"status {resource.kind}", answer))

    async def delete(self, resource: Resource, namespace: str, name: str, uid: str) -> None:
        await self._client.delete(resource, namespace, name, uid)
        await self._written(f"delete {resource.kind}", None)


class Site:
    """A namespace of a real API server with a competition, and processes that may be killed."""

    def __init__(self, client: Client, namespace: str) -> None:
        self.client = Mortal(client)
        self.namespace = namespace
        self.genesis = datetime.now(UTC).replace(microsecond=0)
        self.now = self.genesis + timedelta(seconds=30)
        self._names: dict[str, str] = {}
        self._pods = Pods(Recording(), self._ending)

    def _ending(self, job: Job) -> Ending | None:
        """Content and score follow from a model's name: UIDs are the API server's to choose."""
        name = self._names.get(job.subject_uid, "")
        if job.purpose is Purpose.FETCH:
            content = digest(name)
            return Ending(fetched=FetchedModel(content, content, 10, 5, "LlamaForCausalLM"))
        if job.purpose is not Purpose.EVALUATE:
            return None
        line = f"evidence of {name}"
        score = (TaskScore("word-sorting", _MODELS[name][1]),)
        return Ending(
            task_scores=score, evidence=line, evidence_digest=digest(line), environment=GPU, seconds=9
        )

    async def hold(self) -> None:
        """The objects as organiser and participants create them."""
        ledger = {"blockSeconds": 600, "genesisTime": self.genesis.strftime("%Y-%m-%dT%H:%M:%SZ")}
        await self._apply(SUBNETS, "Subnet", "main", {"spec/ledger": ledger, "spec/weights/everyBlocks": 8})
        cadence = {"everyBlocks": 10, "syncOffsetBlock": 4, "deadlineBlocks": 9, "maxContenders": 8}
        # Jobs are created at the API server's time, far behind the one that passes here.
        patient = {"spec/evaluator/pendingSeconds": 86_400}
        await self._apply(COMPETITIONS, "Competition", "small", {"spec/rounds": cadence, **patient})
        for name, (hotkey, _) in _MODELS.items():
            made = await self._apply(SUBMISSIONS, "ModelSubmission", name, {"spec/hotkey": hotkey})
            self._names[made["metadata"]["uid"]] = name
        self.start()

    # Any: values of the JSON of Kubernetes objects.
    async def _apply(self, resource: Resource, kind: str, name: str, changes: dict[str, Any]) -> Raw:
        body = changed(valid(kind), {"metadata/name": name, **changes}.items())
        return await self.client._client.create(resource, self.namespace, body)

    def start(self) -> None:
        """New processes, which know nothing."""
        store, client = Store(), cast("Client", self.client)
        metrics = Metrics(CollectorRegistry())
        executor = Executor(client, store, metrics, "operator")
        observer = Observer(store, cast("Endings", self._pods))
        self._store = store
        self._passes = Passes(
            store,
            observer,
            executor,
            metrics,
            partial(read_evidence, client),
            entropy=lambda count: count * b"\x07",
            now=lambda: self.now,
        )
        self._signing = Signing(client, store, executor, now=lambda: self.now)

    async def run(self) -> None:
        """A round and its payment: time passes block by block, Jobs end between passes."""
        for _ in range(_LAST):
            await self._work()
            jobs, _version = await self.client.list(JOBS, self.namespace)
            self._pods.ended |= {raw["metadata"]["name"] for raw in jobs}
            self.now += _BLOCK

    async def _work(self) -> None:
        await self._relist()
        for process in ("competition", "subnet", "signer"):
            try:
                await self._once(process)
            except KilledError:
                self.start()
                await self._relist()
                await self._once(process)

    async def _relist(self) -> None:
        for resource in WATCHED:
            listed, version = await self.client.list(resource, self.namespace)
            self._store.replace_all(resource, self.namespace, listed, version)

    async def _once(self, process: str) -> None:
        match process:
            case "competition":
                await self._passes.competition(await self._uid(COMPETITIONS, "small"))
            case "subnet":
                await self._passes.subnet(await self._uid(SUBNETS, "main"))
            case _:
                await self._signing.namespace(self.namespace)

    async def _uid(self, resource: Resource, name: str) -> str:
        return str((await self.client.get(resource, self.namespace, name))["metadata"]["uid"])

    async def outcome(self) -> object:
        """What everybody would agree on, without what the API server chooses."""
        rounds, submissions, updates = [
            sorted((await self.client.list(one, self.namespace))[0], key=lambda raw: raw["metadata"]["name"])
            for one in (ROUNDS, SUBMISSIONS, WEIGHT_UPDATES)
        ]
        results = ("submission", "outcome", "score", "attempts", "disruptions", "ends", "evidenceDigest")
        return (
            [
                (
                    raw["metadata"]["name"],
                    _only(raw["status"], "phase", "ranking", "movingAverage", "environment"),
                    sorted(
                        (_only(one, *results) for one in raw["status"]["results"]),
                        key=lambda one: str(one["submission"]),
                    ),
                )
                for raw in rounds
            ],
            [
                _only(raw["status"], "phase", "place", "score", "share", "evaluations", "manifestDigest")
                for raw in submissions
            ],
            [(raw["spec"]["epoch"], raw["spec"]["weights"], raw["status"]["phase"]) for raw in updates],
        )


def _only(found: Raw, *keys: str) -> Raw:
    return {key: found.get(key) for key in keys}


def _difference(killed_after: str, expected: object, found: object) -> str:
    lines = difflib.unified_diff(pformat(expected).splitlines(), pformat(found).splitlines(), n=1)
    return "\n".join([f"killed after {killed_after}", *lines])


@pytest.fixture
async def client(control_plane: ClusterAccess) -> AsyncIterator[Client]:
    async with await Client.connect(str(control_plane.kubeconfig)) as connected:
        yield connected


def _spread(count: int, among: int) -> Iterable[int]:
    return (1 + (among - 1) * number // (count - 1) for number in range(count))


async def _told(site: Site, killed_after: int) -> object:
    await site.hold()
    site.client.killed_after = killed_after
    with capture_logs():
        await site.run()
    return await site.outcome()


async def test_killed_after_twenty_different_writes_everything_ends_the_same(
    client: Client, control_plane: ClusterAccess, namespace: str
) -> None:
    undisturbed = Site(client, namespace)
    expected = await _told(undisturbed, 0)
    rounds, _, paid = cast("tuple[list[Any], list[Any], list[Any]]", expected)
    assert [one[1]["phase"] for one in rounds] == ["Completed", "Completed"]
    assert [line["submission"] for line in rounds[0][1]["ranking"]] == ["bob", "carol", "alice"]
    assert {phase for _, _, phase in paid} == {"Verified"}
    kinds = set(undisturbed.client.writes)
    assert len(undisturbed.client.writes) >= 2 * _KILLS
    killed = set()
    for number in _spread(_KILLS, len(undisturbed.client.writes)):
        name = f"{namespace}-{number}"
        control_plane.kubectl("create", "namespace", name)
        try:
            site = Site(client, name)
            found = await _told(site, number)
            assert found == expected, _difference(site.client.writes[number - 1], expected, found)
            killed.add(site.client.writes[number - 1])
        finally:
            control_plane.kubectl("delete", "namespace", name, "--wait=false")
    assert len(killed) > len(kinds) // 2, f"only {killed} of {kinds} were tried"
