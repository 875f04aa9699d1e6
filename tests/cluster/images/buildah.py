"""buildah with a storage of its own in the user's cache."""

import os
import subprocess
from pathlib import Path

from tests.cluster.errors import ClusterError
from tests.cluster.folders import cache_folder

# Gone after a restart of the machine, as the mounts are that it counts.
_RUN_FOLDER = Path("/run/podium-images")

_LAST_LINES = 30


def buildah(*arguments: str | Path) -> str:
    """What buildah printed on its standard output.

    Raises:
        ClusterError: buildah is missing or ended with an exit status other than 0.
    """
    return run_apart("buildah", *arguments, environment={"CONTAINERS_STORAGE_CONF": str(_configuration())})


def has_image(name: str) -> bool:
    """Whether the storage holds an image of that name."""
    return name in buildah("images", "--format", "{{.Name}}:{{.Tag}}").splitlines()


def run_apart(program: str, *arguments: str | Path, environment: dict[str, str] | None = None) -> str:
    """Run a program whose mounts nobody else sees and which end with it, also when it is killed.

    Raises:
        ClusterError: the program is missing or ended with an exit status other than 0.
    """
    command = ["unshare", "--mount", "--propagation", "private", program, *map(str, arguments)]
    done = subprocess.run(
        command,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        end = "\n".join((done.stdout + done.stderr).splitlines()[-_LAST_LINES:])
        raise ClusterError(f"{program} {arguments[0]} ended with {done.returncode}:\n{end}")
    return done.stdout


def _configuration() -> Path:
    """The storage's settings.

    The overlay driver, because vfs copies the whole image for every layer; without the bind mount of the
    storage on itself that it would leave behind.
    """
    root = cache_folder() / "images" / "storage"
    file = cache_folder() / "images" / "storage.conf"
    file.parent.mkdir(parents=True, exist_ok=True)
    text = (
        f'[storage]\ndriver = "overlay"\ngraphroot = "{root}"\nrunroot = "{_RUN_FOLDER}"\n'
        '[storage.options.overlay]\nskip_mount_home = "true"\n'
    )
    if not file.exists() or file.read_text() != text:
        file.write_text(text)
    return file
