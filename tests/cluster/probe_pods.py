"""Pods that run the probe, the small program which says what a pod can do."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from tests.cluster.access import ClusterAccess
from tests.cluster.settings import PROBE_IMAGE


@dataclass(frozen=True)
class ProbePods:
    """Pods of one namespace; each runs one command of `go/images/probe/main.go`."""

    access: ClusterAccess
    namespace: str

    def kubectl(self, *arguments: str) -> str:
        """What kubectl printed, run in the namespace."""
        return self.access.kubectl("--namespace", self.namespace, *arguments).stdout

    def create(
        self, name: str, *command: str, container: Mapping[str, object] | None = None, **spec: object
    ) -> None:
        """Create a pod; `container` and `spec` add to those parts of its manifest."""
        probe = {"name": "probe", "image": PROBE_IMAGE, "args": command, **(container or {})}
        manifest = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "namespace": self.namespace},
            "spec": {"restartPolicy": "Never", "containers": [probe], **spec},
        }
        self.access.kubectl("create", "--filename=-", input=json.dumps(manifest))

    def wait(self, name: str, condition: str = "condition=Ready") -> None:
        """Wait until a pod meets a condition of `kubectl wait`."""
        self.kubectl("wait", f"pod/{name}", f"--for={condition}", "--timeout=60s")

    def finish(self, name: str) -> str:
        """Wait until a pod has succeeded and return its log."""
        self.wait(name, "jsonpath={.status.phase}=Succeeded")
        return self.kubectl("logs", name)
