"""One pass of each owner: observe, decide, execute, until nothing is left to do."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from podium.cluster.resources import COMPETITIONS, SUBNETS, Raw
from podium.cluster.store import Store
from podium.core.clock import BLOCK_SECONDS
from podium.core.competition import decide
from podium.core.evidence import Evidence
from podium.core.memo import Memo
from podium.core.orphans import decide_orphans
from podium.core.plan import Plan
from podium.core.subnet import decide_subnet
from podium.observability.metrics import Metrics
from podium.reconcile.execute import Executor
from podium.reconcile.observe import Observer

__all__ = ["Passes"]

_DECISIONS: Final = 20
"""Decisions in a row; a world that is not settled by then gives others their turn."""

ReadEvidence = Callable[[str, Sequence[str]], Awaitable[Mapping[str, Evidence]]]
"""From a namespace and names of ConfigMaps."""

Decide = Callable[[datetime], Awaitable[tuple[Raw, Plan] | None]]


class Passes:
    """The passes of competitions, subnets and namespaces over one view of the cluster."""

    def __init__(
        self,
        store: Store,
        observer: Observer,
        executor: Executor,
        metrics: Metrics,
        read_evidence: ReadEvidence,
        *,
        entropy: Callable[[int], bytes],
        block_seconds: int = BLOCK_SECONDS,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._observer = observer
        self._executor = executor
        self._metrics = metrics
        self._read_evidence = read_evidence
        self._entropy = entropy
        self._block = timedelta(seconds=block_seconds)
        self._now = now
        self._memos: dict[str, Memo] = {}

    async def competition(self, uid: str) -> datetime | None:
        """A pass of the competition of this UID; returns when to look again."""

        async def one(now: datetime) -> tuple[Raw, Plan] | None:
            raw = _live(self._store.get(COMPETITIONS, uid))
            if raw is None:
                self._memos.pop(uid, None)
                return None
            world = await self._observer.competition_world(raw, now, self._entropy(32))
            if world is None:
                return None
            plan = decide(world, self._memos.get(uid))
            if plan.evidence:
                held = await self._read_evidence(world.competition.namespace, plan.evidence)
                # Thousands of samples drawn hundreds of times take seconds: others go on meanwhile.
                plan = await asyncio.to_thread(decide, replace(world, evidence=held), plan.memo)
            self._memos[uid] = plan.memo
            return raw, plan

        return await self._measured(COMPETITIONS.kind, one)

    async def subnet(self, uid: str) -> datetime | None:
        """A pass of the subnet of this UID; returns when to look again."""

        async def one(now: datetime) -> tuple[Raw, Plan] | None:
            raw = _live(self._store.get(SUBNETS, uid))
            world = await self._observer.subnet_world(raw, now) if raw is not None else None
            if raw is None or world is None:
                return None
            plan = decide_subnet(world)
            # A chain tells nothing by itself: it is asked about every block.
            again = now + self._block if world.subnet.target is not None else None
            return raw, replace(plan, wake_at=again or plan.wake_at)

        return await self._measured(SUBNETS.kind, one)

    async def namespace(self, namespace: str) -> datetime | None:
        """A pass over the submissions of a namespace that name no competition."""

        async def one(now: datetime) -> tuple[Raw, Plan] | None:
            plan = decide_orphans(self._observer.orphans(namespace), now)
            return {"metadata": {"namespace": namespace}}, plan

        return await self._measured("Namespace", one)

    async def _measured(self, kind: str, decide_once: Decide) -> datetime | None:
        started = time.monotonic()
        result = "error"
        try:
            again = await self._settle(decide_once)
            result = "success"
        finally:
            self._metrics.passes.labels(kind, result).inc()
            self._metrics.pass_seconds.labels(kind).observe(time.monotonic() - started)
        return again

    async def _settle(self, decide_once: Decide) -> datetime | None:
        """Decides and executes until a plan changes nothing."""
        again = None
        for _ in range(_DECISIONS):
            # Statuses hold whole seconds: a moment that is stored reads back as the same moment.
            now = self._now().replace(microsecond=0)
            decided = await decide_once(now)
            if decided is None:
                return None
            owner, plan = decided
            again = plan.wake_at
            if not plan.stages or not await self._executor.execute(plan, owner, now):
                return again
        return self._now()


def _live(raw: Raw | None) -> Raw | None:
    """An object that is being deleted gets no more work."""
    return None if raw is None or raw["metadata"].get("deletionTimestamp") else raw
