"""A release of the chart in a cluster, driven by the real Helm."""

import json
from dataclasses import dataclass

from tests.cluster.access import ClusterAccess
from tests.helm.chart import CHART, NAMESPACE, RELEASE, Change, helm, values

__all__ = ["OPERATOR", "SIGNER", "Release"]

OPERATOR = f"system:serviceaccount:{NAMESPACE}:podium-operator"
SIGNER = "system:serviceaccount:podium-signer:podium-signer"


@dataclass(frozen=True)
class Release:
    """The release `podium` of a cluster."""

    access: ClusterAccess

    def install(self, change: Change) -> None:
        """Installs the chart with values that differ from the defaults by the change."""
        self._put(change, "install", "--create-namespace")

    def upgrade(self, change: Change) -> None:
        """Upgrades the release to these values; what an earlier change said is forgotten."""
        self._put(change, "upgrade")

    def uninstall(self) -> str:
        """Removes the release; returns what Helm says about what it kept."""
        return self._helm("uninstall", RELEASE)

    def _put(self, change: Change, *command: str) -> None:
        self._helm(*command, RELEASE, str(CHART), "--values=-", stdin=json.dumps(values(change)))

    def _helm(self, *arguments: str, stdin: str = "") -> str:
        place = (f"--kubeconfig={self.access.kubeconfig}", f"--namespace={NAMESPACE}")
        done = helm(*arguments, *place, stdin=stdin)
        assert done.returncode == 0, done.stderr
        return done.stdout
