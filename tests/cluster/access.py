"""What a test needs to use a cluster."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.errors import ClusterError, KubectlError


@dataclass(frozen=True)
class ClusterAccess:
    """A cluster that answers, as its administrator."""

    kubeconfig: Path

    def kubectl(
        self,
        *arguments: str,
        input: str | None = None,  # noqa: A002 - as in subprocess.run
        check: bool = True,
    ) -> subprocess.CompletedProcess[str]:
        """Run kubectl with `input` as its standard input.

        Raises:
            KubectlError: it ended with an exit status other than 0 and `check` is true.
        """
        command = [
            find_kubectl(),
            f"--kubeconfig={self.kubeconfig}",
            # The user's cache knows servers by address: a port used again would bring back old kinds.
            f"--cache-dir={self.kubeconfig.parent / 'kubectl-cache'}",
            *arguments,
        ]
        done = subprocess.run(command, input=input, capture_output=True, text=True, check=False)
        if check and done.returncode:
            raise KubectlError(
                f"kubectl {' '.join(arguments)} ended with {done.returncode}: {done.stderr or done.stdout}"
            )
        return done


def find_kubectl() -> str:
    """The kubectl of this environment, which is near the server's version, else the one on the PATH."""
    found = shutil.which("kubectl", path=str(Path(sys.executable).parent)) or shutil.which("kubectl")
    if found is None:
        raise ClusterError("no kubectl in this Python environment or on the PATH: run `make setup`")
    return found
