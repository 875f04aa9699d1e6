"""Running a program to its end."""

import subprocess
from collections.abc import Sequence

from tests.cluster.errors import ClusterError


def run(command: Sequence[str], *, input: str | None = None) -> str:  # noqa: A002 - as in subprocess.run
    """What a command printed; raises a ClusterError with what it complained about if it failed."""
    try:
        done = subprocess.run(command, input=input, capture_output=True, text=True, check=False)
    except FileNotFoundError as missing:
        raise ClusterError(f"{command[0]} is not on the PATH") from missing
    if done.returncode:
        raise ClusterError(
            f"{' '.join(command)} ended with {done.returncode}: {(done.stderr or done.stdout).strip()}"
        )
    return done.stdout
