"""Python packages of the images as wheels, downloaded once with this machine's pip and its settings."""

import hashlib
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.cluster.errors import ClusterError
from tests.cluster.folders import cache_folder
from tests.cluster.images.progress import stage

_PYTHON = "3.11"  # of the images


def ensure_wheels(*requirements: Path) -> Path:
    """A folder that holds everything which some files name together, and what that needs in turn.

    All requirements share it: what an earlier version of a file downloaded is not downloaded again.

    Raises:
        ClusterError: pip could not download them.
    """
    folder = cache_folder() / "images" / "wheels"
    content = b"".join(one.read_bytes() for one in requirements)
    fingerprint = hashlib.sha256(content + _PYTHON.encode()).hexdigest()[:12]
    complete = folder / f".complete-{fingerprint}"
    if not complete.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with stage(f"wheels of {' and '.join(f'{one.parent.name}/{one.name}' for one in requirements)}"):
            _download(requirements, folder)
        complete.touch()
    return folder


def _download(requirements: Sequence[Path], folder: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    only = ["--only-binary=:all:", f"--python-version={_PYTHON}"]
    done = subprocess.run(
        [*command, *only, f"--dest={folder}", *(f"--requirement={one}" for one in requirements)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        names = ", ".join(map(str, requirements))
        raise ClusterError(f"pip download of {names} ended with {done.returncode}:\n{done.stderr}")
