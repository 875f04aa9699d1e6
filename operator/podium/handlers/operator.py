"""`podium run`: the operator process."""

from __future__ import annotations

import asyncio
import random
import secrets
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

import kopf
import structlog
from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.process_collector import ProcessCollector

from podium.chain.opening import open_reader
from podium.cluster.client import Client
from podium.cluster.resources import WATCHED
from podium.cluster.store import Store
from podium.errors import ClusterError
from podium.handlers.framework import configure, new_registry, run, watch
from podium.observability.metrics import Metrics, StoreCollector
from podium.reconcile.chains import Chains
from podium.reconcile.endings import Endings
from podium.reconcile.evidence import read_evidence
from podium.reconcile.execute import Executor
from podium.reconcile.loops import Loops
from podium.reconcile.observe import Observer
from podium.reconcile.operator import Operator
from podium.reconcile.passes import Passes
from podium.settings import Settings

__all__ = ["run_operator"]

_log = structlog.get_logger(__name__)

_RELISTS_MISSED: Final = 3
"""Re-lists that may fail in a row before the process calls itself dead."""


def _now() -> datetime:
    return datetime.now(UTC)


async def run_operator(settings: Settings) -> None:
    """Runs until the process is told to stop, or kopf gives up on a watch.

    Ending is a normal path: the next process reads everything afresh and goes on.
    """
    store, collectors = Store(), CollectorRegistry()
    metrics = Metrics(collectors)
    collectors.register(StoreCollector(store))
    ProcessCollector(registry=collectors)
    loops = Loops(now=_now, jitter=random.SystemRandom().random)
    async with await Client.connect() as client:
        operator = _wired(client, store, metrics, loops, settings)
        registry, kopf_settings = new_registry(), kopf.OperatorSettings()
        configure(kopf_settings, WATCHED)
        watch(registry, WATCHED, operator.on_event)
        relisting = _Relisting(operator, timedelta(seconds=settings.relist_seconds))
        _answer_liveness(registry, relisting)
        if settings.metrics_port:
            start_http_server(settings.metrics_port, registry=collectors)
        await operator.relist()
        task = asyncio.create_task(relisting.forever(), name="relist")
        try:
            await run(registry, kopf_settings, settings.watch_namespaces, health_port=settings.health_port)
        finally:
            task.cancel()
            await loops.stop_all()


def _wired(client: Client, store: Store, metrics: Metrics, loops: Loops, settings: Settings) -> Operator:
    endings = Endings(client, store)
    observer = Observer(store, endings, Chains(open_reader, _now))
    executor = Executor(client, store, metrics, settings.instance)
    passes = Passes(
        store,
        observer,
        executor,
        metrics,
        partial(read_evidence, client),
        entropy=secrets.token_bytes,
        block_seconds=settings.block_seconds,
        now=_now,
    )
    return Operator(
        client,
        store,
        settings.watch_namespaces,
        passes=passes,
        observer=observer,
        endings=endings,
        loops=loops,
        metrics=metrics,
    )


class _Relisting:
    """Reads everything afresh from time to time, and knows when it last could."""

    def __init__(self, operator: Operator, every: timedelta) -> None:
        self._operator = operator
        self._every = every
        self._last = _now()

    async def forever(self) -> None:
        """Runs until it is cancelled."""
        while True:
            await asyncio.sleep(self._every.total_seconds())
            try:
                await self._operator.relist()
            except ClusterError as error:
                _log.warning("re-list failed", error=str(error))
            else:
                self._last = _now()

    @property
    def overdue(self) -> bool:
        """Whether so many re-lists failed that a restart is the better try."""
        return _now() - self._last > self._every * _RELISTS_MISSED


def _answer_liveness(registry: kopf.OperatorRegistry, relisting: _Relisting) -> None:
    # A failing probe hangs the endpoint unless its errors are permanent.
    # Any: kopf hands over keyword arguments that are not used.
    @kopf.on.probe(registry=registry, id="relist", errors=kopf.ErrorsMode.PERMANENT)
    async def relist_age(**_: Any) -> str:
        if relisting.overdue:
            raise kopf.PermanentError("nothing could be read afresh for too long")
        return "current"
