"""How kopf runs for us: settings, login, liveness, and event handlers that only feed a view."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

import kopf

from podium.cluster.resources import Raw, Resource

__all__ = ["Feed", "configure", "new_registry", "run", "watch"]

Feed = Callable[[Resource, str | None, Raw], None]
"""Takes in the kind of a watch event (None for the first listing) and the object."""

_HEALTH_PATH: Final = "healthz"


def new_registry() -> kopf.OperatorRegistry:
    """A registry of our own, with the two ways to log in that a bare one lacks."""
    registry = kopf.OperatorRegistry()
    for login in (kopf.login_with_service_account, kopf.login_with_kubeconfig):
        kopf.on.login(registry=registry, id=login.__name__)(login)
    return registry


def configure(settings: kopf.OperatorSettings, resources: Iterable[Resource]) -> None:
    """Settings that keep kopf to what it is used for: namespaced watches with server-side selectors."""
    # No list of CRDs and namespaces of the whole cluster: our rights are namespaced.
    settings.scanning.disabled = True
    settings.watching.server_timeout = 600
    settings.watching.client_timeout = 660
    settings.watching.chunk_size = 500
    settings.networking.connect_timeout = 10
    settings.networking.request_timeout = 30
    settings.posting.enabled = False
    settings.persistence.finalizer = "podium.dev/never-used"
    settings.persistence.progress_storage = kopf.AnnotationsProgressStorage(prefix="podium.dev")
    settings.persistence.diffbase_storage = kopf.AnnotationsDiffBaseStorage(prefix="podium.dev")
    settings.execution.max_workers = 4
    settings.peering.standalone = True
    for resource in resources:
        if resource.selector:
            key = (resource.group, resource.version, resource.plural)
            settings.watching.label_selectors[key] = resource.selector


def watch(registry: kopf.OperatorRegistry, resources: Iterable[Resource], feed: Feed) -> None:
    """Registers an event handler for each resource."""
    for resource in resources:
        _watch_one(registry, resource, feed)


def _watch_one(registry: kopf.OperatorRegistry, resource: Resource, feed: Feed) -> None:
    # Any: kopf hands over an event and many keyword arguments that are not used.
    @kopf.on.event(resource.group, resource.version, resource.plural, registry=registry, id="feed")  # type: ignore[arg-type]  # kopf's protocol demands named arguments
    async def feed_event(event: dict[str, Any], **_: Any) -> None:
        raw = dict(event["object"])
        raw.setdefault("apiVersion", resource.api_version)
        raw.setdefault("kind", resource.kind)
        feed(resource, event["type"], raw)


async def run(
    registry: kopf.OperatorRegistry,
    settings: kopf.OperatorSettings,
    namespaces: Iterable[str],
    *,
    health_port: int,
) -> None:
    """Runs kopf until the process is told to stop.

    Args:
        registry: Handlers.
        settings: As `configure` left them.
        namespaces: What is watched.
        health_port: Port of the liveness answer; 0 serves none.
    """
    endpoint = f"http://0.0.0.0:{health_port}/{_HEALTH_PATH}" if health_port else None
    await kopf.operator(
        registry=registry,
        settings=settings,
        namespaces=list(namespaces),
        standalone=True,
        liveness_endpoint=endpoint,
    )
