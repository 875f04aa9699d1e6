"""Native code that may end the process, tried in another one first."""

from __future__ import annotations

import faulthandler
import os
import resource
from collections.abc import Callable

__all__ = ["survives"]


def survives(trial: Callable[[], object]) -> bool:
    """Whether a process lives through `trial`, which runs in a child and whose result is lost.

    An exception of Python is survived: the caller will meet it again.
    """
    child = os.fork()
    if child == 0:
        _try(trial)
    _, status = os.waitpid(child, 0)
    return not os.WIFSIGNALED(status)


def _try(trial: Callable[[], object]) -> None:
    try:
        # Neither its last words nor its memory are wanted.
        faulthandler.disable()
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        trial()
    finally:
        # Whatever happened, the child must not go on with its parent's work.
        os._exit(0)
