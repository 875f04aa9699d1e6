"""Who uses this machine's one cluster: locks that the kernel lets go of when their holder ends."""

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

_FOLDER = Path("/run/lock")


@contextlib.contextmanager
def changing() -> Iterator[None]:
    """Hold while the cluster is brought up or down; another that wants to waits."""
    with _FOLDER.joinpath("podium-cluster-change").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def in_use() -> Iterator[None]:
    """Hold while tests run on the cluster, many at once."""
    with _FOLDER.joinpath("podium-cluster-use").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield


@contextlib.contextmanager
def unused() -> Iterator[bool]:
    """Whether nobody uses the cluster; if so, nobody begins to while this is held."""
    with _FOLDER.joinpath("podium-cluster-use").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
