"""The programs that come from the system's packages, and their installation on Debian and Ubuntu."""

import contextlib
import os
import platform
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from tests.cluster.errors import ClusterError
from tests.cluster.network import plugin_folder

# Program: the package that has it, on Debian and Ubuntu.
PACKAGES: Mapping[str, str] = MappingProxyType(
    {
        "containerd": "containerd",
        "runc": "runc",
        "nft": "nftables",
        "ip": "iproute2",
        "docker-registry": "docker-registry",
        "buildah": "buildah",  # builds the evaluator's image
        "debootstrap": "debootstrap",  # makes the base image where no registry has one
        "prometheus": "prometheus",  # shows the demo's metrics
    }
)
_PLUGINS = "containernetworking-plugins"
_SERVICES = ("containerd", "docker-registry", "prometheus", "prometheus-node-exporter")
_POLICY = Path("/usr/sbin/policy-rc.d")  # Debian's invoke-rc.d asks it whether a service may start
_ALTERNATIVE = (
    "Or use a cluster you have, such as one made by kind: `make demo CLUSTER=current` takes the current "
    "KUBECONFIG context."
)


def check_machine() -> None:
    """Raise a ClusterError where no node can run."""
    if problem := unsuitable(platform.system(), os.geteuid()):
        raise ClusterError(f"{problem} {_ALTERNATIVE}")


def prepare_machine() -> None:
    """Raise a ClusterError where no node can run; install the packages that are missing."""
    check_machine()
    missing = missing_packages()
    if not missing:
        return
    if shutil.which("apt-get") is None:
        raise ClusterError(
            f"the local cluster needs {', '.join(missing)} (Debian's names), and there is no apt-get to "
            f"install them. Install them by hand. {_ALTERNATIVE}"
        )
    install(missing)
    if missing := missing_packages():
        raise ClusterError(f"{', '.join(missing)} were installed but their programs are not on the PATH")


def unsuitable(system: str, user: int) -> str:
    """Why a machine cannot run a node, empty if it can."""
    if system != "Linux":
        return f"The local cluster runs on Linux only, and this is {system}."
    if user != 0:
        return "The local cluster needs root, for containers and network interfaces: try `sudo -E`."
    return ""


def missing_packages() -> list[str]:
    """The packages to install, in the order of `PACKAGES`."""
    missing = [package for program, package in PACKAGES.items() if shutil.which(program) is None]
    return missing if plugin_folder() else [*missing, _PLUGINS]


def install(packages: list[str]) -> None:
    """Install packages with apt-get, and see to it that none of their services runs."""
    print(f"installing {', '.join(packages)} with apt-get ...", flush=True)
    with no_service_starts(_POLICY):
        for command in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
            done = subprocess.run(
                ["apt-get", "--quiet", *command],
                env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                end = "\n".join((done.stdout + done.stderr).splitlines()[-20:])
                raise ClusterError(f"apt-get {command[0]} ended with {done.returncode}:\n{end}")
    services = [service for service in _SERVICES if service in packages]
    if services and shutil.which("systemctl"):
        # Nor at the next boot; this fails where systemd does not run, and there nothing would start them.
        subprocess.run(["systemctl", "disable", *services], capture_output=True, check=False)


@contextlib.contextmanager
def no_service_starts(policy: Path) -> Iterator[None]:
    """Forbid that packages start their services, by a policy file that is put back afterwards."""
    before = policy.read_bytes() if policy.exists() else None
    mode = policy.stat().st_mode if policy.exists() else 0o755
    try:
        policy.write_text("#!/bin/sh\nexit 101\n")  # 101: forbidden by policy
        policy.chmod(0o755)
        yield
    finally:
        if before is None:
            policy.unlink(missing_ok=True)
        else:
            policy.write_bytes(before)
            policy.chmod(mode)
