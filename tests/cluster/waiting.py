"""Waiting for a condition with a deadline."""

import time
from collections.abc import Callable
from typing import TypeVar

from tests.cluster.errors import ClusterError

Found = TypeVar("Found")


def wait_for(
    look: Callable[[], Found | None],
    what: str,
    seconds: float,
    *,
    every: float = 0.05,
    explain: Callable[[], str] = str,
) -> Found:
    """Call `look` every `every` seconds until it returns something true, and return that.

    After `seconds` it raises a ClusterError that names `what` and appends what `explain` returns then.
    """
    deadline = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > deadline:
            raise ClusterError(f"{what}: not so within {seconds:g} s. {explain()}".rstrip())
        time.sleep(every)
    return found
