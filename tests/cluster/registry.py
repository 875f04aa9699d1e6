"""A registry on this machine, from which containerd pulls over plain HTTP."""

from pathlib import Path

import yaml

from tests.cluster import processes
from tests.cluster.errors import ClusterError
from tests.cluster.folders import cache_folder
from tests.cluster.health import HealthCheck, wait_until_healthy
from tests.cluster.ports import is_free
from tests.cluster.settings import REGISTRY

_NAME = "docker-registry"


def registry_store() -> Path:
    """Where the registry keeps images between two clusters."""
    return cache_folder() / "registry"


def registry_config() -> dict[str, object]:
    """The registry's configuration file."""
    return {
        "version": 0.1,
        "log": {"level": "warn", "accesslog": {"disabled": True}},
        "storage": {"filesystem": {"rootdirectory": str(registry_store())}, "delete": {"enabled": True}},
        "http": {"addr": REGISTRY},
    }


def start_registry(state: Path) -> None:
    """Start the registry and return when it answers."""
    address, port = REGISTRY.split(":")
    if not is_free(address, int(port)):
        raise ClusterError(
            f"something listens on {REGISTRY} already, and the local registry needs a port of its own: end "
            "that, or choose another with PODIUM_CLUSTER_REGISTRY=127.0.0.1:PORT"
        )
    configuration = state / "registry.yaml"
    configuration.write_text(yaml.safe_dump(registry_config()))
    process = processes.start(state, _NAME, [_NAME, "serve", configuration])
    wait_until_healthy(state, process, HealthCheck(address, int(port), "/v2/"))
