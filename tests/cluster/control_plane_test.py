"""The API server that the `cluster` tier runs against."""

import json
import os
import time
from pathlib import Path

import pytest

from tests.cluster import processes
from tests.cluster.access import ClusterAccess
from tests.cluster.control_plane import ControlPlane, start_control_plane, stop_control_plane
from tests.cluster.processes import Lifetime
from tests.cluster.programs import KUBERNETES_VERSION, find_program
from tests.cluster.waiting import wait_for

pytestmark = pytest.mark.cluster


def test_is_ready_within_five_seconds_and_leaves_nothing_running(tmp_path: Path) -> None:
    for program in ("etcd", "kube-apiserver", "kube-controller-manager"):
        find_program(program)
    # The best of three: something else may run beside one of them.
    assert any(_starts_within(5.0 * _slowness(), tmp_path / str(number)) for number in range(3))


def _starts_within(seconds: float, root: Path) -> bool:
    plane = ControlPlane(root, lifetime=Lifetime.CALLER)
    begun = time.monotonic()
    try:
        access = start_control_plane(plane)
        took = time.monotonic() - begun
        version = json.loads(access.kubectl("version", "--output=json").stdout)
    finally:
        stop_control_plane(plane)
    assert version["serverVersion"]["gitVersion"] == f"v{KUBERNETES_VERSION}"
    assert processes.owned(root) == []
    return took < seconds


def test_controllers_collect_what_has_no_owner_any_more(control_plane: ClusterAccess, namespace: str) -> None:
    owner = _create_config_map(control_plane, namespace, "owner", [])
    reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": owner}
    _create_config_map(control_plane, namespace, "owned", [reference])
    control_plane.kubectl("--namespace", namespace, "delete", "configmap", "owner")

    def gone() -> bool:
        left = control_plane.kubectl("--namespace", namespace, "get", "configmap", "--output=name").stdout
        return "configmap/owned" not in left

    wait_for(gone, "the owned ConfigMap is collected", 20.0)


def _slowness() -> float:
    """How much longer things take here since others run too: 1 on a machine with nothing else to do."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def _create_config_map(access: ClusterAccess, namespace: str, name: str, owners: list[dict[str, str]]) -> str:
    manifest = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": namespace, "ownerReferences": owners},
    }
    created = access.kubectl("create", "--filename=-", "--output=json", input=json.dumps(manifest)).stdout
    uid: str = json.loads(created)["metadata"]["uid"]
    return uid
