"""The fixtures that give tests a real Kubernetes.

`control_plane` is an API server of this test session's own (of each worker's under xdist), with a
`namespace` for each test. `cluster` is the machine's one local cluster, node and all. It may be up before
the tests and stays up then; else the first test that asks for it brings it up, and whichever session or
worker uses it last ends it.

The tests of `lifecycle_test.py` bring up and break clusters of their own, one of which fits a machine.
They run before all others, while nobody has asked for `cluster` yet, and are skipped if it is up.
"""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster import claims, local_cluster
from tests.cluster.access import ClusterAccess
from tests.cluster.control_plane import ControlPlane, start_control_plane, stop_control_plane
from tests.cluster.folders import state_folder
from tests.cluster.processes import Lifetime

_KINDS = Path(__file__).parents[2] / "crds"
_FIRST = "lifecycle_test.py"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests first that need the machine's only cluster for themselves."""
    items.sort(key=lambda item: item.path.name != _FIRST)


@pytest.fixture(scope="session")
def control_plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClusterAccess]:
    """A real API server with the project's kinds and the controllers, and without a node."""
    plane = ControlPlane(tmp_path_factory.mktemp("control-plane"), lifetime=Lifetime.CALLER)
    try:
        yield start_control_plane(plane, _KINDS)
    finally:
        stop_control_plane(plane)


@pytest.fixture
def namespace(control_plane: ClusterAccess) -> Iterator[str]:
    """The name of an empty namespace; its deletion is asked for after the test and not awaited."""
    name = f"test-{secrets.token_hex(4)}"
    control_plane.kubectl("create", "namespace", name)
    yield name
    control_plane.kubectl("delete", "namespace", name, "--wait=false")


@pytest.fixture(scope="session")
def cluster() -> Iterator[ClusterAccess]:
    """The local cluster with its node, registry, GPUs and volumes."""
    state = state_folder()
    try:
        with claims.in_use():
            yield local_cluster.up(state, for_tests=True)
    finally:
        local_cluster.down_after_tests(state)
