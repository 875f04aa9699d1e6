"""Podium as users have it: images from the registry, the chart installed by the real Helm."""

import contextlib
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.cluster import images
from tests.cluster.access import ClusterAccess
from tests.cluster.kinds import wait_until_served
from tests.cluster.waiting import wait_for
from tests.helm.chart import CHART, helm

__all__ = ["Installation", "Raw", "installation"]

Raw = dict[str, Any]  # Any: the JSON of Kubernetes objects

_RELEASE = "e2e-podium"
_KEY = "validator-hotkey"
_KINDS = Path(__file__).parents[2] / "crds"
_HELM_SECONDS = 300
_PULL_SECONDS = 600.0
_EXISTS_SECONDS = 30.0
_GONE_SECONDS = 120.0
_RESTRICTED = "pod-security.kubernetes.io/enforce=restricted"


@dataclass(frozen=True)
class Installation:
    """A release that watches one namespace. Its names are its own, so others may be beside it.

    Attributes:
        namespace: The watched one.
        evaluator_image: By digest.
    """

    access: ClusterAccess = field(repr=False)
    namespace: str
    operator_image: str
    evaluator_image: str
    release: str = _RELEASE

    @property
    def system_namespace(self) -> str:
        """Where the operator runs."""
        return f"{self.namespace}-system"

    @property
    def signer_namespace(self) -> str:
        """Where the signer runs."""
        return f"{self.namespace}-signer"

    @property
    def operator(self) -> str:
        """The name of the operator's Deployment."""
        return f"{self.release}-operator"

    @property
    def metrics_service(self) -> str:
        """What answers with the operator's metrics, for `kubectl port-forward`."""
        return f"service/{self.operator}-metrics"

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        """What kubectl printed, run in the watched namespace."""
        return self.access.kubectl("--namespace", self.namespace, *arguments, input=stdin).stdout

    def apply(self, *objects: Raw) -> None:
        """Applies objects to the watched namespace."""
        self.kubectl("apply", "--filename=-", stdin=_listed(objects))

    def refusal(self, raw: Raw) -> str:
        """What the API server says to an object that it does not take."""
        arguments = ("--namespace", self.namespace, "create", "--filename=-")
        done = self.access.kubectl(*arguments, input=json.dumps(raw), check=False)
        assert done.returncode != 0, "the object was accepted"
        return done.stderr

    def get(self, *arguments: str) -> Raw:
        """What kubectl get finds; a name that does not exist is an empty object."""
        text = self.kubectl("get", "--ignore-not-found", "--output=json", *arguments)
        found: Raw = json.loads(text) if text.strip() else {}
        return found

    def all(self, *arguments: str) -> list[Raw]:
        """All objects of a kind that kubectl get finds."""
        items: list[Raw] = self.get(*arguments).get("items", [])
        return items

    def podium(self, *arguments: str) -> str:
        """What the command line of Podium printed."""
        program = Path(sys.executable).with_name("podium")
        command = [str(program), *arguments, "-n", self.namespace, f"--kubeconfig={self.access.kubeconfig}"]
        return subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ).stdout


@contextlib.contextmanager
def installation(
    access: ClusterAccess, *, target: Raw | None = None, key: str | None = None
) -> Iterator[Installation]:
    """Podium for a namespace of its own, which has a volume `store`, until the block ends.

    With a `target` the signer signs for it on behalf of that namespace, with a key file of this content.
    """
    new_kinds = _install_kinds(access)
    name = f"e2e-{secrets.token_hex(3)}"
    installed = Installation(access, name, images.build("operator"), images.build("evaluator"))
    try:
        _install(installed, target, key)
        yield installed
    finally:
        _uninstall(installed)
        if new_kinds:
            _remove_kinds(access, new_kinds)


def _install(installed: Installation, target: Raw | None, key: str | None) -> None:
    installed.access.kubectl("create", "namespace", installed.namespace)
    installed.access.kubectl("label", "namespace", installed.namespace, _RESTRICTED)
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    store = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "store"}}
    installed.apply({**store, "spec": claim})
    _pull(installed)
    repository, _, digest = installed.operator_image.partition("@")
    values = {
        "watchNamespaces": [installed.namespace],
        "operator": {"image": {"repository": repository, "digest": digest}},
        "signer": {"namespace": installed.signer_namespace, **_signing(installed, target, key)},
        "crds": {"install": False},
    }
    wait = ("--create-namespace", "--wait", f"--timeout={_HELM_SECONDS}s")
    _helm(installed, "upgrade", "--install", _RELEASE, str(CHART), "--values=-", *wait, values=values)


def _signing(installed: Installation, target: Raw | None, key: str | None) -> Raw:
    """The signer's target, once its key is in the signer's namespace."""
    if target is None:
        return {}
    place = f"--namespace={installed.signer_namespace}"
    installed.access.kubectl("create", "namespace", installed.signer_namespace)
    installed.access.kubectl(
        "create", "secret", "generic", _KEY, place, "--from-file=hotkey=/dev/stdin", input=key
    )
    bound = {**target, "namespace": installed.namespace, "secret": {"name": _KEY}}
    return {"createNamespace": False, "targets": [bound]}


def _uninstall(installed: Installation) -> None:
    """Removes what there is of the release and its namespaces; their end is not awaited."""
    installed.kubectl("delete", "comp,subnet,msub", "--all", "--wait=false")
    _helm(installed, "uninstall", installed.release, "--ignore-not-found")
    names = (installed.namespace, installed.system_namespace, installed.signer_namespace)
    installed.access.kubectl("delete", "namespace", *names, "--ignore-not-found", "--wait=false")


def _install_kinds(access: ClusterAccess) -> list[str]:
    """Brings the kinds of this version; returns the names of those that were not there before.

    They belong to the whole cluster. What another release has noted on them is kept, and written as
    Helm writes it, so that its next upgrade finds no conflict.
    """
    new = []
    for file in sorted(_KINDS.glob("*.yaml")):
        kind = yaml.load(file.read_text(), Loader=yaml.CSafeLoader)
        name = kind["metadata"]["name"]
        found = access.kubectl("get", "crd", name, "--output=json", check=False).stdout
        if found.strip():
            noted = json.loads(found)["metadata"]
            kind["metadata"] |= {key: noted[key] for key in ("annotations", "labels") if key in noted}
        else:
            new.append(name)
        apply = ("apply", "--server-side", "--force-conflicts", "--field-manager=helm", "--filename=-")
        access.kubectl(*apply, input=json.dumps(kind))
        wait_until_served(access, "crd", name)
    return new


def _remove_kinds(access: ClusterAccess, names: list[str]) -> None:
    """Deletes kinds and, with them, all objects of theirs."""
    # kubectl's own waiting may miss a deletion that is quick, and would go on for ever.
    access.kubectl("delete", "crd", *names, "--wait=false")
    left = ("get", "crd", *names, "--ignore-not-found", "--output=name")
    wait_for(lambda: not access.kubectl(*left).stdout, "the kinds are gone", _GONE_SECONDS, every=0.5)


def _pull(installed: Installation) -> None:
    """Brings the evaluator's image to the node before anything is timed."""
    account = ("get", "serviceaccount", "default", "--ignore-not-found", "--output=name")
    wait_for(lambda: installed.kubectl(*account).strip(), "pods may be created", _EXISTS_SECONDS)
    locked = {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    container = {
        "name": "evaluator",
        "image": installed.evaluator_image,
        "command": ["python3", "-c", "pass"],
        "securityContext": locked,
    }
    user = {"runAsNonRoot": True, "runAsUser": 65532, "seccompProfile": {"type": "RuntimeDefault"}}
    spec = {"restartPolicy": "Never", "securityContext": user, "containers": [container]}
    installed.apply({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "pull"}, "spec": spec})
    wait_for(
        lambda: installed.get("pod", "pull")["status"]["phase"] == "Succeeded",
        "the evaluator's image is on the node",
        _PULL_SECONDS,
        every=0.5,
        explain=lambda: installed.kubectl("describe", "pod", "pull"),
    )
    installed.kubectl("delete", "pod", "pull", "--wait=false")


def _helm(installed: Installation, *arguments: str, values: Raw | None = None) -> None:
    place = (f"--kubeconfig={installed.access.kubeconfig}", f"--namespace={installed.system_namespace}")
    done = helm(*arguments, *place, stdin=json.dumps(values or {}))
    assert done.returncode == 0, done.stderr


def _listed(objects: tuple[Raw, ...]) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)})
