"""What a cluster made for real work would have: GPUs, volumes and the runtime class `isolated`."""

import json
import shutil
from pathlib import Path

from tests.cluster.access import ClusterAccess
from tests.cluster.processes import log_tail
from tests.cluster.settings import GPUS, NODE, VOLUME_SIZE, VOLUMES
from tests.cluster.waiting import wait_for

_READY_SECONDS = 60.0
_STORAGE_CLASS = "local"


def wait_for_node(access: ClusterAccess, state: Path) -> None:
    """Return when the node is ready and pods may be created."""

    def ready() -> bool:
        condition = '{.status.conditions[?(@.type=="Ready")].status}'
        node = access.kubectl("get", "node", NODE, f"--output=jsonpath={condition}", check=False)
        account = access.kubectl("get", "serviceaccount", "default", "--output=name", check=False)
        return node.stdout == "True" and bool(account.stdout)

    wait_for(
        ready,
        f"node {NODE} is ready",
        _READY_SECONDS,
        every=0.2,
        explain=lambda: log_tail(state, "kubelet"),
    )


def create_objects(access: ClusterAccess, state: Path) -> None:
    """Create the runtime class, the storage class and the volumes, and give the node its GPUs."""
    manifests = [_runtime_class(), _storage_class(), *(_volume(state, number) for number in range(VOLUMES))]
    _apply(access, manifests)
    count = {"nvidia.com/gpu": str(GPUS)}
    patch = json.dumps({"status": {"capacity": count, "allocatable": count}})
    access.kubectl("patch", "node", NODE, "--subresource=status", "--patch", patch)


def renew_volumes(access: ClusterAccess, state: Path) -> None:
    """Empty the volumes whose claim is gone and offer them again."""
    listed = json.loads(access.kubectl("get", "persistentvolumes", "--output=json").stdout)["items"]
    released = [item["metadata"]["name"] for item in listed if item["status"]["phase"] == "Released"]
    if not released:
        return
    access.kubectl("delete", "persistentvolume", *released)
    for number in range(VOLUMES):
        if _volume_name(number) in released:
            shutil.rmtree(_volume_folder(state, number))
            _apply(access, [_volume(state, number)])


def _runtime_class() -> dict[str, object]:
    return {
        "apiVersion": "node.k8s.io/v1",
        "kind": "RuntimeClass",
        "metadata": {"name": "isolated"},
        "handler": "isolated",
    }


def _storage_class() -> dict[str, object]:
    default = {"storageclass.kubernetes.io/is-default-class": "true"}
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": _STORAGE_CLASS, "annotations": default},
        "provisioner": "kubernetes.io/no-provisioner",
        "volumeBindingMode": "Immediate",
    }


def _volume(state: Path, number: int) -> dict[str, object]:
    """A volume on this machine; any user may write there, since hostPath ignores a pod's fsGroup."""
    folder = _volume_folder(state, number)
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": _volume_name(number)},
        "spec": {
            "storageClassName": _STORAGE_CLASS,
            "capacity": {"storage": VOLUME_SIZE},
            "accessModes": ["ReadWriteOnce", "ReadWriteMany", "ReadOnlyMany"],
            "persistentVolumeReclaimPolicy": "Retain",
            "hostPath": {"path": str(folder), "type": "Directory"},
        },
    }


def _volume_name(number: int) -> str:
    return f"local-{number}"


def _volume_folder(state: Path, number: int) -> Path:
    return state / "volumes" / _volume_name(number)


def _apply(access: ClusterAccess, manifests: list[dict[str, object]]) -> None:
    bundle = {"apiVersion": "v1", "kind": "List", "items": manifests}
    access.kubectl("apply", "--filename=-", input=json.dumps(bundle))
