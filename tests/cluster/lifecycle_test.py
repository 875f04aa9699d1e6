"""Bringing clusters up and down, and what is left of them: needs the machine's only cluster for itself.

`fixtures.py` puts these tests before all others. They are skipped where a cluster is up.
"""

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster import cgroups, claims, local_cluster, mounts, network, processes
from tests.cluster.access import ClusterAccess
from tests.cluster.errors import ClusterError
from tests.cluster.probe_pods import ProbePods
from tests.cluster.runtime import image_store
from tests.cluster.settings import REGISTRY
from tests.cluster.waiting import wait_for

pytestmark = pytest.mark.e2e


@pytest.fixture
def own_state(tmp_path: Path) -> Iterator[Path]:
    """The state folder of a cluster that nobody else uses."""
    with claims.unused() as nobody:
        if not nobody or network.bridge_owner() is not None:
            pytest.skip("needs to be the machine's only cluster, and one is up: `make cluster-down` ends it")
        yield tmp_path / "state"
        local_cluster.down(tmp_path / "state")


def test_up_twice_is_one_cluster_and_there_is_no_second_beside_it(own_state: Path) -> None:
    local_cluster.up(own_state)
    first = processes.recorded(own_state)
    local_cluster.up(own_state)
    assert processes.recorded(own_state) == first
    with pytest.raises(ClusterError, match=f"another local cluster .* {own_state}"):
        local_cluster.up(own_state.parent / "second")


def test_down_leaves_nothing_after_a_crash_and_up_begins_anew(own_state: Path) -> None:
    before = _kernel_settings()
    access = local_cluster.up(own_state)
    _run_pods(access)
    assert set(cgroups.pod_processes())
    for name in ("kubelet", "containerd", "kube-apiserver"):
        os.kill(processes.recorded(own_state)[name].pid, signal.SIGKILL)
    wait_for(lambda: not local_cluster.is_up(own_state), "what was killed is gone", 10.0)

    local_cluster.down(own_state)
    _assert_nothing_is_left(own_state)
    assert _kernel_settings() == before

    pods = local_cluster.up(own_state).kubectl("get", "pods", "--output=name").stdout
    assert pods == ""
    local_cluster.down(own_state)
    _assert_nothing_is_left(own_state)


def test_what_came_up_half_is_removed(own_state: Path) -> None:
    address, port = REGISTRY.split(":")
    with socket.create_server((address, int(port))), pytest.raises(ClusterError, match=REGISTRY):
        local_cluster.up(own_state)
    assert network.bridge_owner() == str(own_state)
    local_cluster.down(own_state)
    _assert_nothing_is_left(own_state)


def _run_pods(access: ClusterAccess) -> None:
    pods = ProbePods(access, "default")
    pods.create("default", "pause")
    pods.create("isolated", "pause", runtimeClassName="isolated")
    for name in ("default", "isolated"):
        pods.wait(name)


def _assert_nothing_is_left(state: Path) -> None:
    assert not state.exists()
    assert processes.owned(state) == []
    assert list(cgroups.pod_processes()) == []
    assert not any((hierarchy / cgroups.NAME).exists() for hierarchy in cgroups.hierarchies())
    # Network namespaces are mounts in the state folder, and a veth goes with its namespace.
    assert mounts.mounts_under(state) == []
    assert mounts.mounts_under(image_store()) == []
    assert not {name for name in network.interfaces() if name.startswith(("podium", "veth"))}
    assert network.tables() == []


def _kernel_settings() -> list[str]:
    names = ("net/ipv4/ip_forward", "kernel/panic", "vm/overcommit_memory")
    return [Path("/proc/sys", name).read_text() for name in names]
