"""Bringing the whole cluster up and down."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from tests.cluster import cgroups, claims, kernel, mounts, network, objects, processes
from tests.cluster.access import ClusterAccess
from tests.cluster.control_plane import STOP_ORDER, ControlPlane, start_control_plane
from tests.cluster.errors import ClusterError
from tests.cluster.node import start_node
from tests.cluster.packages import check_machine, prepare_machine
from tests.cluster.program_image import push_program
from tests.cluster.programs import find_program
from tests.cluster.registry import registry_store, start_registry
from tests.cluster.runtime import image_store, remove_shim_sockets, start_containerd
from tests.cluster.settings import API_PORT, NODE_ADDRESS, PAUSE_IMAGE, PROBE_IMAGE

_MARK = "podium-cluster"  # a file that says: this folder is ours, `down` may delete it
_READY = "ready"
_FOR_TESTS = "for-tests"
_STOP_ORDER = ("kubelet", "kube-proxy", *STOP_ORDER, "containerd", "docker-registry")
_STOP_SECONDS = 5.0


def up(state: Path, *, for_tests: bool = False) -> ClusterAccess:
    """Bring the cluster up, and return when pods can run; where it is up, only renew its volumes.

    One that is brought up `for_tests` is ended by `down_after_tests`.
    """
    prepare_machine()
    for program in ("etcd", "kubelet", "pause"):  # one of each module that the cluster needs
        find_program(program)
    with claims.changing():
        if is_up(state):
            access = access_to(state)
            objects.renew_volumes(access, state)
            return access
        if (state / _MARK).exists():
            print("a part of the cluster has ended: removing the rest and beginning anew", flush=True)
        _take_down(state)
        network.check_network_is_free(state)
        _claim_folder(state)
        if for_tests:
            (state / _FOR_TESTS).touch()
        try:
            return _bring_up(state)
        except ClusterError as problem:
            raise ClusterError(
                f"{problem}\nAll logs are in {state / 'log'}. Bringing the cluster up again begins anew; "
                "`python -m tests.cluster down` removes what was started."
            ) from problem


def down(state: Path, *, purge: bool = False) -> None:
    """End the cluster and leave nothing of it; `purge` also deletes the images that outlive it."""
    check_machine()
    with claims.changing():
        _take_down(state)
        if purge:
            if (owner := network.bridge_owner()) is not None:
                raise ClusterError(f"the images stay: the cluster of {owner} uses them")
            for folder in (image_store(), registry_store()):
                mounts.unmount_all(folder)
                shutil.rmtree(folder, ignore_errors=True)


def down_after_tests(state: Path) -> None:
    """End the cluster if tests brought it up and no others use it."""
    with claims.unused() as nobody:
        if nobody and (state / _FOR_TESTS).exists():
            down(state)


def is_up(state: Path) -> bool:
    """Whether the cluster was brought up and everything that it consists of still runs."""
    recorded = processes.recorded(state)
    return (state / _READY).exists() and all(
        name in recorded and processes.alive(recorded[name]) for name in _STOP_ORDER
    )


def access_to(state: Path) -> ClusterAccess:
    """The way into the cluster of a state folder."""
    return _plane(state).access


def _plane(state: Path) -> ControlPlane:
    return ControlPlane(state, address=NODE_ADDRESS, api_port=API_PORT)


def _claim_folder(state: Path) -> None:
    if state.exists() and any(state.iterdir()):
        raise ClusterError(f"{state} holds files that are not the local cluster's: choose an empty folder")
    state.mkdir(parents=True, exist_ok=True)
    (state / _MARK).touch()


def _bring_up(state: Path) -> ClusterAccess:
    plane = _plane(state)
    kernel.prepare_kernel(state)
    cgroups.create_cgroup()
    network.create_network(state)
    _timed("registry", lambda: _start_registry(state))
    _timed("containerd", lambda: start_containerd(state))
    _timed("control plane", lambda: start_control_plane(plane))
    _timed("node", lambda: start_node(plane))
    _timed("node ready", lambda: objects.wait_for_node(plane.access, state))
    _timed("objects", lambda: objects.create_objects(plane.access, state))
    (state / _READY).touch()
    return plane.access


def _start_registry(state: Path) -> None:
    start_registry(state)
    push_program(find_program("pause"), PAUSE_IMAGE)
    push_program(find_program("probe"), PROBE_IMAGE)


def _take_down(state: Path) -> None:
    owner = network.bridge_owner()
    if not (state / _MARK).exists() and owner not in {"", str(state)}:
        return
    processes.stop_all(state, _STOP_ORDER, grace=_STOP_SECONDS)
    mounts.unmount_all(state)
    if owner in {None, "", str(state)}:  # else what the machine has now is another cluster's
        cgroups.remove_cgroup()
        mounts.unmount_all(image_store())
        kernel.restore_kernel(state)
        network.remove_network(state)
    if left := mounts.mounts_under(state):
        raise ClusterError(f"still mounted after unmounting: {left}; {state} is left as it is")
    remove_shim_sockets(state)
    if state.exists():
        shutil.rmtree(state)


def _timed(what: str, step: Callable[[], object]) -> None:
    begun = time.monotonic()
    step()
    print(f"  {what}: {time.monotonic() - begun:.1f} s", flush=True)
