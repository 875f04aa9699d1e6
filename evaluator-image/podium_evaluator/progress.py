"""How far a task is: told by whatever does the work, shown by whoever started it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final

__all__ = ["Progress", "logged_progress"]

logger = logging.getLogger(__name__)

_SECONDS: Final = 5.0

Progress = Callable[[str, int, int], None]
"""Called with a task's name, how many sequences are done, and how many there are."""


def logged_progress(seconds: float = _SECONDS, clock: Callable[[], float] = time.monotonic) -> Progress:
    """A line in the log at a task's end, and every `seconds` where work is done meanwhile."""
    last = clock()

    def progress(task: str, done: int, total: int) -> None:
        nonlocal last
        now = clock()
        if done == total or now - last >= seconds:
            last = now
            logger.info("task %s: %d of %d sequences done", task, done, total)

    return progress
