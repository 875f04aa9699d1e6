"""How kopf runs for us: settings, login, liveness, and event handlers that only feed a view."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

import kopf

from podium.cluster.resources import Raw, Resource

__all__ = ["Feed", "configure", "new_registry", "run", "watch"]

Feed = Callable[[Resource, str | None, Raw], None]
"""Takes in the kind of a watch event (None for the first listing) and the object."""

_SERVICE_ACCOUNT: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_HEALTH_PATH: Final = "healthz"


def new_registry() -> kopf.OperatorRegistry:
    """A registry of our own, with the two ways to log in that a bare one lacks."""
    registry = kopf.OperatorRegistry()
    for login in (_service_account, kopf.login_with_kubeconfig):
        kopf.on.login(registry=registry, id=login.__name__)(login)
    return registry


# Any: kopf hands over keyword arguments that are not used.
def _service_account(**_: Any) -> kopf.ConnectionInfo | None:
    """The pod's service account, by the address that the kubelet gives.

    kopf's own login asks the cluster's DNS for the API server; not every cluster has one, and
    where it has, it is one more thing that can be away. The token is read anew at each login.
    """
    host, port = os.environ.get("KUBERNETES_SERVICE_HOST"), os.environ.get("KUBERNETES_SERVICE_PORT", "443")
    token = _SERVICE_ACCOUNT / "token"
    if not host or not token.exists():
        return None
    return kopf.ConnectionInfo(
        server=f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}",
        ca_path=str(_SERVICE_ACCOUNT / "ca.crt"),
        scheme="Bearer",
        token=token.read_text().strip(),
    )


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
