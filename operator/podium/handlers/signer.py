"""`podium sign`: the signer process."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from fractions import Fraction
from functools import partial

import kopf
import structlog
from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.process_collector import ProcessCollector

from podium.chain.opening import open_signer
from podium.cluster.client import Client
from podium.cluster.resources import WEIGHT_UPDATES, Raw, Resource
from podium.cluster.store import Store
from podium.core.kinds import ChainTarget
from podium.handlers.framework import configure, new_registry, run, watch
from podium.observability.metrics import Metrics
from podium.reconcile.chain_signing import Binding
from podium.reconcile.execute import Executor
from podium.reconcile.loops import Loops
from podium.reconcile.signing import Signing
from podium.settings import Settings, SignerTarget

__all__ = ["run_signer"]


_log = structlog.get_logger(__name__)


def _now() -> datetime:
    return datetime.now(UTC)


def _binding(target: SignerTarget) -> Binding:
    """A target with its key, once that has signed a probe."""
    meant = ChainTarget(target.genesis_hash, target.netuid, target.mechanism, target.hotkey)
    chain = open_signer(meant, target.endpoints, target.key_file)
    _log.info("key is usable", hotkey=target.hotkey, netuid=target.netuid, subnet=target.subnet)
    return Binding(target.namespace, target.subnet, meant, chain, Fraction(target.most_percent, 100))


async def run_signer(settings: Settings) -> None:
    """Runs until the process is told to stop, or kopf gives up on a watch.

    Raises:
        ChainUnavailableError: There are targets and this image has no chain's SDK.
        KeyUnusableError: A key file does not hold its target's hotkey; nothing was started.
    """
    bindings = [_binding(one) for one in settings.targets]
    store, collectors = Store(), CollectorRegistry()
    ProcessCollector(registry=collectors)
    loops = Loops(now=_now, jitter=random.SystemRandom().random)
    async with await Client.connect() as client:
        executor = Executor(client, store, Metrics(collectors), settings.instance)
        signing = Signing(
            client, store, executor, bindings=bindings, block_seconds=settings.block_seconds, now=_now
        )
        registry, kopf_settings = new_registry(), kopf.OperatorSettings()
        configure(kopf_settings, (WEIGHT_UPDATES,))

        def feed(resource: Resource, kind: str | None, raw: Raw) -> None:
            news = store.remove(resource, raw) if kind == "DELETED" else store.put(resource, raw)
            if news:
                loops.wake(raw["metadata"]["namespace"])

        watch(registry, (WEIGHT_UPDATES,), feed)
        for namespace in settings.watch_namespaces:
            listed, version = await client.list(WEIGHT_UPDATES, namespace)
            store.replace_all(WEIGHT_UPDATES, namespace, listed, version)
            loops.ensure(namespace, f"signer/{namespace}", partial(signing.namespace, namespace))
        if settings.metrics_port:
            start_http_server(settings.metrics_port, registry=collectors)
        try:
            await run(registry, kopf_settings, settings.watch_namespaces, health_port=settings.health_port)
        finally:
            await loops.stop_all()
