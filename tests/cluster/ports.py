"""Free TCP ports on the loopback address."""

import contextlib
import random
import socket

from tests.cluster.errors import ClusterError

# Below the range from which the kernel takes the local ports of outgoing connections, so that none of
# those can take a port between its choice and its use.
_FIRST, _LAST = 20000, 32000
_TRIES = 200


def free_port() -> int:
    """A port on 127.0.0.1 that nothing listened on a moment ago."""
    choose = random.SystemRandom()  # workers of one test run must not choose alike
    for _ in range(_TRIES):
        port = choose.randint(_FIRST, _LAST)
        if is_free("127.0.0.1", port):
            return port
    raise ClusterError(f"no free port on 127.0.0.1 after {_TRIES} tries between {_FIRST} and {_LAST}")


def is_free(address: str, port: int) -> bool:
    """Whether a server could listen there now."""
    with contextlib.closing(socket.socket()) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((address, port))
        except OSError:
            return False
    return True
