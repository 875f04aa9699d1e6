"""Native code that may end the process, tried in another one first."""

from __future__ import annotations

import faulthandler
import os
import resource
import signal
from collections.abc import Callable
from typing import Final

__all__ = ["survives"]

_SECONDS: Final = 120


def survives(trial: Callable[[], object], seconds: int = _SECONDS) -> bool:
    """Whether a process lives through `trial`, which runs in a child and whose result is lost.

    An exception of Python is survived: the caller will meet it again.

    Args:
        trial: What may end or hang a process.
        seconds: A trial that takes longer is not survived.
    """
    child = os.fork()
    if child == 0:
        _try(trial, seconds)
    _, status = os.waitpid(child, 0)
    return not os.WIFSIGNALED(status)


def _try(trial: Callable[[], object], seconds: int) -> None:
    try:
        # The kernel ends the child then, even while native code holds the interpreter.
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(seconds)
        # Neither its last words nor its memory are wanted.
        faulthandler.disable()
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        trial()
    finally:
        # Whatever happened, the child must not go on with its parent's work.
        os._exit(0)
