"""The pod template of every Job: locked down the same way, whatever it does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from podium.api.evaluator import Evaluator
from podium_evaluator.contract import CONTAINER, REQUEST_VARIABLE

__all__ = ["Mount", "Run", "claim", "pod_template"]

Raw = dict[str, Any]  # Any: the JSON of a Kubernetes object

_USER: Final = 65532
"""The image's unprivileged user."""

_CONTAINER_SECURITY: Final = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
_TEMPORARY: Final = "2Gi"


@dataclass(frozen=True)
class Mount:
    """A volume and where it is mounted."""

    volume: Raw
    mount: Raw


def claim(name: str, claim_name: str, path: str, *, read_only: bool, sub_path: str = "") -> Mount:
    """A persistent volume claim, or one folder of it."""
    volume = {"name": name, "persistentVolumeClaim": {"claimName": claim_name, "readOnly": read_only}}
    mount: Raw = {"name": name, "mountPath": path, "readOnly": read_only}
    return Mount(volume, mount | ({"subPath": sub_path} if sub_path else {}))


@dataclass(frozen=True)
class Run:
    """One subcommand of the evaluator image, run once.

    Attributes:
        arguments: The subcommand and its options.
        request: Its request document.
        resources: Of the container.
        deadline_seconds: After it has started on its node, it is stopped then.
        mounts: Volumes besides the temporary one.
        token_secret: Secret whose key `token` is presented to the hub.
    """

    arguments: Sequence[str]
    request: str
    resources: Raw
    deadline_seconds: int
    mounts: Sequence[Mount] = ()
    token_secret: str | None = None


def pod_template(evaluator: Evaluator, run: Run, *, isolated: bool = False) -> Raw:
    """A pod that runs the evaluator image once.

    Args:
        evaluator: Image and placement.
        run: What it does.
        isolated: Whether it runs where strangers' models run: runtime class, nodes and priority.
    """
    volumes = {one.volume["name"]: one.volume for one in run.mounts}
    spec: Raw = {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "activeDeadlineSeconds": run.deadline_seconds,
        "terminationGracePeriodSeconds": 5,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": _USER,
            "runAsGroup": _USER,
            "fsGroup": _USER,
            "fsGroupChangePolicy": "OnRootMismatch",
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [_container(evaluator.image, run)],
        "volumes": [{"name": "temporary", "emptyDir": {"sizeLimit": _TEMPORARY}}, *volumes.values()],
    }
    return {"spec": spec | (_placement(evaluator) if isolated else {})}


def _container(image: str, run: Run) -> Raw:
    variables: list[Raw] = [
        {"name": REQUEST_VARIABLE, "value": run.request},
        {"name": "HOME", "value": "/tmp"},  # noqa: S108  # the pod's own emptyDir
    ]
    if run.token_secret is not None:
        reference = {"name": run.token_secret, "key": "token", "optional": True}
        variables.append({"name": "HF_TOKEN", "valueFrom": {"secretKeyRef": reference}})
    return {
        "name": CONTAINER,
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "args": list(run.arguments),
        "env": variables,
        "resources": run.resources,
        "securityContext": _CONTAINER_SECURITY,
        "terminationMessagePolicy": "File",
        "volumeMounts": [{"name": "temporary", "mountPath": "/tmp"}, *(one.mount for one in run.mounts)],  # noqa: S108
    }


def _placement(evaluator: Evaluator) -> Raw:
    """Where strangers' models run; absent settings are left to the cluster."""
    settings: Raw = {
        "runtimeClassName": evaluator.runtime_class_name,
        "priorityClassName": evaluator.priority_class_name,
        "nodeSelector": dict(evaluator.node_selector),
        "tolerations": [one.stored() for one in evaluator.tolerations],
    }
    return {key: value for key, value in settings.items() if value}
