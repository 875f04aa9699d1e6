"""The operator: which loops run and what wakes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from podium.cluster.client import Client
from podium.cluster.resources import (
    COMPETITION_UID,
    COMPETITIONS,
    JOBS,
    PODS,
    ROUNDS,
    SUBMISSIONS,
    SUBNETS,
    WATCHED,
    WEIGHT_UPDATES,
    Raw,
    Resource,
    label,
)
from podium.cluster.store import Store
from podium.observability.metrics import Metrics
from podium.reconcile.endings import Endings
from podium.reconcile.loops import Loops
from podium.reconcile.observe import Observer
from podium.reconcile.passes import Passes

__all__ = ["Operator"]


class Operator:
    """Keeps one loop a Competition, a Subnet and a namespace over one view of the cluster."""

    def __init__(
        self,
        client: Client,
        store: Store,
        namespaces: Sequence[str],
        *,
        passes: Passes,
        observer: Observer,
        endings: Endings,
        loops: Loops,
        metrics: Metrics,
    ) -> None:
        self._client = client
        self._store = store
        self._namespaces = tuple(namespaces)
        self._passes = passes
        self._observer = observer
        self._endings = endings
        self._loops = loops
        self._metrics = metrics
        self._blocks: dict[str, int] = {}

    async def relist(self) -> None:
        """Reads everything afresh: at the start, and from time to time, since watches lose deletions.

        Raises:
            ClusterError: The API server did not answer.
        """
        for namespace in self._namespaces:
            changed: list[tuple[Resource, Raw]] = []
            for resource in WATCHED:
                listed, version = await self._client.list(resource, namespace)
                fresh = self._store.replace_all(resource, namespace, listed, version)
                changed += [(resource, raw) for raw in fresh]
            # Loops start when the view is whole, or they would decide on half of it.
            for resource, raw in changed:
                self._notice(resource, raw)
            key = _namespace_key(namespace)
            self._loops.ensure(key, key, partial(self._passes.namespace, namespace))
        self._metrics.relisted()

    def on_event(self, resource: Resource, kind: str | None, raw: Raw) -> None:
        """Takes in one watch event. Makes no call and decides nothing."""
        if kind == "DELETED":
            # Also when it is no news, as after a deletion of our own: results hold evidence.
            self._forget(raw["metadata"]["uid"])
        news = self._store.remove(resource, raw) if kind == "DELETED" else self._store.put(resource, raw)
        if news:
            self._notice(resource, raw)

    def _notice(self, resource: Resource, raw: Raw) -> None:
        """Starts, wakes or ends the loops that an object matters to."""
        metadata = raw["metadata"]
        uid, namespace = metadata["uid"], metadata["namespace"]
        gone = self._store.get(resource, uid) is None
        if gone:
            self._forget(uid)
        if resource in (COMPETITIONS, SUBNETS):
            self._follow(resource, raw, gone=gone)
        if resource in (COMPETITIONS, SUBNETS, ROUNDS, WEIGHT_UPDATES):
            # Few and rarely changed: whoever may be concerned looks again.
            for other in (COMPETITIONS, SUBNETS):
                for one in self._store.all(other, namespace):
                    self._loops.wake(one["metadata"]["uid"])
            self._loops.wake(_namespace_key(namespace))
        elif resource is SUBMISSIONS:
            owner = self._store.find(COMPETITIONS, namespace, SUBMISSIONS.group_by(raw))
            self._loops.wake(owner["metadata"]["uid"] if owner else _namespace_key(namespace))
        elif resource in (JOBS, PODS):
            self._loops.wake(label(raw, COMPETITION_UID))

    def _forget(self, uid: str) -> None:
        self._blocks.pop(uid, None)
        self._observer.forget(uid)
        self._endings.forget(uid)

    def _follow(self, resource: Resource, raw: Raw, *, gone: bool) -> None:
        metadata = raw["metadata"]
        uid = metadata["uid"]
        if gone:
            self._loops.stop(uid)
            return
        name = f"{resource.kind.lower()}/{metadata['namespace']}/{metadata['name']}"
        if resource is COMPETITIONS:
            self._metrics.expect(f"{metadata['namespace']}/{metadata['name']}")
        run = self._passes.competition if resource is COMPETITIONS else self._subnet
        self._loops.ensure(uid, name, partial(run, uid))

    async def _subnet(self, uid: str) -> datetime | None:
        """A pass of a Subnet. Its competitions learn of a new block of a chain by nothing else."""
        again = await self._passes.subnet(uid)
        block, raw = self._observer.chain_block(uid), self._store.get(SUBNETS, uid)
        if block is not None and raw is not None and block != self._blocks.get(uid):
            self._blocks[uid] = block
            metadata = raw["metadata"]
            for one in self._store.group(COMPETITIONS, metadata["namespace"], metadata["name"]):
                self._loops.wake(one["metadata"]["uid"])
        return again


def _namespace_key(namespace: str) -> str:
    return f"namespace/{namespace}"
