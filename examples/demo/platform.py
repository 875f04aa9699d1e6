"""Where the demo runs: the local cluster that it starts, or the cluster of the current context."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from tests.cluster import images, local_cluster
from tests.cluster.access import find_kubectl
from tests.cluster.folders import state_folder
from tests.cluster.programs import find_program
from tests.cluster.settings import NODE_ADDRESS

__all__ = ["Failed", "Platform", "current_platform", "local_platform"]

_ASSETS: Final = "PODIUM_OPERATOR_IMAGE and PODIUM_EVALUATOR_IMAGE"


class Failed(Exception):  # noqa: N818  # what is printed is its sentence
    """The demo cannot go on, and why."""


@dataclass(frozen=True)
class Platform:
    """A cluster with everything that the demo needs of it.

    Attributes:
        environment: For kubectl and helm, KUBECONFIG included.
        helm: Path of the program.
        hub_address: Address of this machine as pods see it.
        runtime_class: RuntimeClass of evaluate pods; empty for the cluster's default.
    """

    environment: dict[str, str] = field(repr=False)
    helm: str
    operator_image: str
    evaluator_image: str
    hub_address: str
    runtime_class: str
    isolation: Literal["Required", "Preferred"]
    namespace: str = "competitions"
    system_namespace: str = "podium-system"

    def kubectl(self, *arguments: str, stdin: str | None = None, check: bool = True) -> str:
        """What kubectl printed.

        Raises:
            Failed: It failed and `check` is true.
        """
        return self._run([find_kubectl(), *arguments], stdin, check=check)

    def run_helm(self, *arguments: str) -> str:
        """What helm printed.

        Raises:
            Failed: It failed.
        """
        return self._run([self.helm, *arguments], None, check=True)

    def podium(self, *arguments: str) -> str:
        """What the command line of Podium printed.

        Raises:
            Failed: It failed.
        """
        return self._run([str(Path(sys.executable).with_name("podium")), *arguments], None, check=True)

    def _run(self, command: list[str], stdin: str | None, *, check: bool) -> str:
        done = subprocess.run(
            command, input=stdin, capture_output=True, text=True, check=False, env=self.environment
        )
        if check and done.returncode:
            raise Failed(f"{' '.join(command[:4])} …: {(done.stderr or done.stdout).strip()}")
        return done.stdout


def local_platform() -> Platform:
    """Starts the local cluster and builds the images, as far as they are not there already."""
    access = local_cluster.up(state_folder())
    # Much of an image's build is hashing on one core: the other one compiles meanwhile.
    with ThreadPoolExecutor() as threads:
        helm = threads.submit(find_program, "helm")
        operator_image, evaluator_image = images.build("operator"), images.build("evaluator")
    return Platform(
        environment={**os.environ, "KUBECONFIG": str(access.kubeconfig)},
        helm=str(helm.result()),
        operator_image=operator_image,
        evaluator_image=evaluator_image,
        hub_address=NODE_ADDRESS,
        runtime_class="isolated",
        isolation="Required",
    )


def current_platform(hub_address: str | None) -> Platform:
    """The cluster of the current context, with images that it can pull.

    Raises:
        Failed: The images are not named.
    """
    operator, evaluator = (
        os.environ.get("PODIUM_OPERATOR_IMAGE"),
        os.environ.get("PODIUM_EVALUATOR_IMAGE"),
    )
    if not operator or not evaluator:
        raise Failed(
            f"CLUSTER=current needs {_ASSETS}: build operator/Dockerfile and evaluator-image/Dockerfile, "
            "push both where the cluster pulls from, and name them by digest (name@sha256:…)"
        )
    return Platform(
        environment=dict(os.environ),
        helm=os.environ.get("HELM", "helm"),
        operator_image=operator,
        evaluator_image=evaluator,
        hub_address=hub_address or _own_address(),
        runtime_class=os.environ.get("PODIUM_RUNTIME_CLASS", ""),
        isolation="Preferred",
    )


def _own_address() -> str:
    """The address of this machine on its default route; no packet is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address of the documentation's range
        except OSError as error:
            raise Failed("no default route: give the address of this machine with --hub-address") from error
        return str(probe.getsockname()[0])
