"""The programs of Kubernetes: from `KUBEBUILDER_ASSETS`, the user's cache, or built with Go.

The modules under `go/` pin what is built down to the checksum of every dependency. A build lands in the
cache under a name that holds the version and a fingerprint of its module, so that a changed pin is a new
build and an old one is never mistaken for it.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from tests.cluster.errors import ClusterError
from tests.cluster.folders import cache_folder

KUBERNETES_VERSION = "1.35.4"  # the newest that containerd 1.6 of Debian 12 serves
ETCD_VERSION = "3.6.16"
HELM_VERSION = "4.3.1"
KWOK_VERSION = "0.8.0"

_VERSION_PACKAGE = "k8s.io/component-base/version"
_MAJOR, _MINOR, _ = KUBERNETES_VERSION.split(".")
# Without a version clients cannot parse what the server says about itself.
_VERSION_FLAGS = " ".join(
    f"-X {_VERSION_PACKAGE}.{name}={value}"
    for name, value in (
        ("gitVersion", f"v{KUBERNETES_VERSION}"),
        ("gitMajor", _MAJOR),
        ("gitMinor", _MINOR),
        ("gitTreeState", "clean"),
    )
)


@dataclass(frozen=True)
class Module:
    """A Go module under `go/` and the programs that it builds: name to package."""

    name: str
    version: str
    packages: Mapping[str, str]
    linker_flags: str = "-s -w"
    needs: str = field(default="seconds")

    @property
    def folder(self) -> Path:
        """Where go.mod and go.sum are."""
        return Path(__file__).parent / "go" / self.name


def _kubernetes(*names: str) -> Mapping[str, str]:
    return {name: f"k8s.io/kubernetes/cmd/{name}" for name in names}


MODULES = (
    Module(
        "kubernetes",
        KUBERNETES_VERSION,
        _kubernetes("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy"),
        linker_flags=f"-s -w {_VERSION_FLAGS}",
        needs="about 5 minutes on 2 cores",
    ),
    Module("etcd", ETCD_VERSION, {"etcd": "go.etcd.io/etcd/server/v3"}, needs="about half a minute"),
    Module("helm", HELM_VERSION, {"helm": "helm.sh/helm/v4/cmd/helm"}, needs="about 2 minutes"),
    Module("kwok", KWOK_VERSION, {"kwok": "sigs.k8s.io/kwok/cmd/kwok"}, needs="about 2 minutes"),
    Module("images", "1", {"pause": "./pause", "probe": "./probe"}, needs="a few seconds"),
)
_MODULE_OF: Mapping[str, Module] = MappingProxyType(
    {program: module for module in MODULES for program in module.packages}
)


def find_program(name: str) -> Path:
    """The file of a program, built first where neither the assets nor the cache have it."""
    assets = os.environ.get("KUBEBUILDER_ASSETS")
    if assets and (Path(assets) / name).exists():
        return Path(assets) / name
    module = _MODULE_OF[name]
    built = _built_folder(module)
    if not built.exists():
        _build(module, built)
    return built / name


def _built_folder(module: Module) -> Path:
    fingerprint = hashlib.sha256(repr((module.packages, module.linker_flags)).encode())
    for file in sorted(path for path in module.folder.rglob("*") if path.is_file()):
        fingerprint.update(file.relative_to(module.folder).as_posix().encode() + b"\0" + file.read_bytes())
    return cache_folder() / "programs" / f"{module.name}-{module.version}-{fingerprint.hexdigest()[:12]}"


def _build(module: Module, target: Path) -> None:
    """Build a module into the cache; of several that want it at once, one builds and the rest wait."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with Path(f"{target}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if target.exists():
            return
        go = shutil.which("go")
        if go is None:
            raise ClusterError(
                f"{module.name} {module.version} is neither in KUBEBUILDER_ASSETS nor in {target.parent}, "
                "and there is no Go to build it. Install Go 1.26 or newer, or use a cluster you have, "
                "such as one made by kind: `make demo CLUSTER=current` takes the current KUBECONFIG context."
            )
        with tempfile.TemporaryDirectory(dir=target.parent) as unfinished:
            _run_go(go, module, Path(unfinished) / "bin")
            (Path(unfinished) / "bin").rename(target)


def _run_go(go: str, module: Module, target: Path) -> None:
    _say(f"building {module.name} {module.version} with Go ({module.needs} the first time) ...")
    begun = time.monotonic()
    target.mkdir()
    # With one package the output is its file, else Go would name it after the package.
    output = target / next(iter(module.packages)) if len(module.packages) == 1 else f"{target}/"
    flags = ["-trimpath", "-ldflags", module.linker_flags, "-o", str(output)]
    done = subprocess.run(
        [go, "build", *flags, *module.packages.values()],
        cwd=module.folder,
        env={**os.environ, "CGO_ENABLED": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        end = "\n".join(done.stdout.splitlines()[-20:])
        raise ClusterError(f"go build of {module.name} {module.version} ended with {done.returncode}:\n{end}")
    _say(f"built {module.name} {module.version} in {time.monotonic() - begun:.0f} s")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
