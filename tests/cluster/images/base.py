"""The base image: a Debian with the Python that the Dockerfiles expect, made from Debian's packages."""

import hashlib
import shutil
import tempfile
from pathlib import Path

from tests.cluster.folders import cache_folder
from tests.cluster.images.buildah import buildah, has_image, run_apart
from tests.cluster.images.progress import stage

_SUITE = "bookworm"  # the Debian of the Dockerfiles' own base, with Python 3.11
_PACKAGES = ("python3", "python3-venv", "ca-certificates")
_ONLY_FOR_APT = ("var/cache/apt", "var/lib/apt/lists", "var/log")


def ensure_base() -> str:
    """Name of the base image, made first where the storage lacks it."""
    fingerprint = hashlib.sha256(repr((_SUITE, _PACKAGES, _ONLY_FOR_APT)).encode()).hexdigest()[:12]
    name = f"localhost/podium/base:{_SUITE}-{fingerprint}"
    if not has_image(name):
        with stage(f"base image: debootstrap of {_SUITE} (about 45 s the first time)"):
            _make(name)
    return name


def _make(name: str) -> None:
    # Not in /tmp: devices and owners must be kept, which a temporary file system may forbid.
    with tempfile.TemporaryDirectory(dir=cache_folder() / "images") as folder:
        root = Path(folder) / "root"
        run_apart("debootstrap", "--variant=minbase", f"--include={','.join(_PACKAGES)}", _SUITE, root)
        for unneeded in _ONLY_FOR_APT:
            shutil.rmtree(root / unneeded)
            (root / unneeded).mkdir()
        container = buildah("from", "scratch").strip()
        buildah("add", "--quiet", container, root, "/")
        buildah("config", "--env", "LANG=C.UTF-8", container)
        buildah("commit", "--quiet", "--rm", container, name)
