"""A way from the test to a Service of the cluster, wherever the cluster is."""

import contextlib
import re
import subprocess
from collections.abc import Iterator

from tests.cluster.access import ClusterAccess, find_kubectl
from tests.cluster.errors import ClusterError

__all__ = ["forwarded"]

_LISTENS = re.compile(r"Forwarding from (127\.0\.0\.1:\d+) ->")


@contextlib.contextmanager
def forwarded(access: ClusterAccess, namespace: str, target: str, port: int) -> Iterator[str]:
    """The URL at which a port of `target`, such as `service/web`, answers until the block ends."""
    command = [
        find_kubectl(),
        f"--kubeconfig={access.kubeconfig}",
        f"--namespace={namespace}",
        "port-forward",
        target,
        f":{port}",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            yield f"http://{_address(process)}"
        finally:
            process.terminate()


def _address(process: subprocess.Popen[str]) -> str:
    """Where kubectl listens; it says so, or complains and ends."""
    said = []
    for line in process.stdout or ():
        if found := _LISTENS.search(line):
            return found[1]
        said.append(line)
    raise ClusterError(f"kubectl port-forward ended: {''.join(said).strip()}")
