"""The process edge: a watched child does the work, so that nothing it does can lose the report.

A regular expression that never ends, a crash in native code or the memory limit cannot be caught
inside the process that suffers them. The parent imports nothing heavy and only waits.
"""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from types import FrameType
from typing import Final, NoReturn

from podium_evaluator.contract import Reason
from podium_evaluator.errors import Failure, evaluator, infrastructure

__all__ = ["supervise"]

_POLL_SECONDS: Final = 0.02
_TERMINATED: Final = 128 + signal.SIGTERM


def supervise(work: Callable[[], int], report: Callable[[Failure], int], seconds: float | None) -> int:
    """Run `work` in a child process and return its exit status.

    Args:
        work: Does everything, its report included.
        report: Reports for a child that could not, and says the exit status.
        seconds: After so long the child is killed; None waits for ever.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        _work(work)
    try:
        # The first process of a container ignores signals that it does not handle.
        signal.signal(signal.SIGTERM, _terminate)
        status = _wait(child, seconds)
    except BaseException:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        raise
    if status is None:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return report(infrastructure(Reason.TIMEOUT, f"not done after {seconds:g} seconds"))
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else report(_death(signal.Signals(-code)))


def _work(work: Callable[[], int]) -> NoReturn:
    code = 70
    try:
        code = work()
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:  # noqa: BLE001 - the child must never return into its parent's code
        traceback.print_exc()
    finally:
        # No interpreter shutdown: native threads of half-dead libraries cannot hang it.
        os._exit(code)


def _wait(child: int, seconds: float | None) -> int | None:
    deadline = None if seconds is None else time.monotonic() + seconds
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status
        if deadline is not None and time.monotonic() > deadline:
            return None
        time.sleep(_POLL_SECONDS)


def _death(by: signal.Signals) -> Failure:
    if by is signal.SIGKILL:
        return infrastructure(Reason.OUT_OF_MEMORY, "killed, most likely at the memory limit")
    return evaluator(Reason.EVALUATOR_BUG, f"native code died of {by.name}")


def _terminate(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(_TERMINATED)
