"""Hollow nodes (kwok): pods are scheduled, run and answer, and no container is started for any of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from podium.cluster.resources import Raw
from tests.cluster.access import ClusterAccess
from tests.cluster.control_plane import ControlPlane
from tests.cluster.health import HealthCheck
from tests.cluster.node import start_scheduler
from tests.cluster.ports import free_port
from tests.cluster.settings import LOOPBACK

__all__ = ["start_hollow_nodes"]

_STAGES: Final = Path(__file__).with_name("stages.yaml")
_NODES: Final = 10


def start_hollow_nodes(plane: ControlPlane, namespace: str, *claims: str) -> None:
    """Ten nodes with a thousand GPUs each, a scheduler, and volume claims that are bound."""
    start_scheduler(plane)
    objects = [_node(number) for number in range(_NODES)]
    objects += [one for name in claims for one in _volume(namespace, name)]
    _apply(plane.access, objects)
    port = free_port()
    plane.start(
        "kwok",
        HealthCheck(LOOPBACK, port, "/healthz"),
        [
            f"--kubeconfig={plane.kubeconfig('admin')}",
            f"--config={_STAGES}",
            f"--server-address={LOOPBACK}:{port}",
            "--manage-all-nodes=true",
        ],
    )


def _apply(access: ClusterAccess, objects: list[Raw]) -> None:
    listed = {"apiVersion": "v1", "kind": "List", "items": objects}
    access.kubectl("apply", "--filename=-", input=json.dumps(listed))


def _node(number: int) -> Raw:
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": f"hollow-{number}"}}


def _volume(namespace: str, name: str) -> list[Raw]:
    """A volume and the claim that it is for."""
    size, modes = {"storage": "1Ti"}, ["ReadWriteMany"]
    reference = {"namespace": namespace, "name": name}
    path = {"path": "/nowhere"}
    volume = {"capacity": size, "accessModes": modes, "claimRef": reference, "hostPath": path}
    claim = {
        "accessModes": modes,
        "resources": {"requests": size},
        "volumeName": name,
        "storageClassName": "",
    }
    return [
        {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name}, "spec": volume},
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": name, "namespace": namespace},
            "spec": claim,
        },
    ]
