"""The fixtures that give tests a real Kubernetes.

`control_plane` is an API server of this test session's own (of each worker's under xdist), with a
`namespace` for each test.
"""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.access import ClusterAccess
from tests.cluster.control_plane import ControlPlane, start_control_plane, stop_control_plane
from tests.cluster.processes import Lifetime

_KINDS = Path(__file__).parents[2] / "crds"


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
