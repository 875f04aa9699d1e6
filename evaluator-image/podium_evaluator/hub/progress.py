"""How far a copy of several files is, said in the log every few seconds."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import Final

from podium_evaluator.errors import quoted
from podium_evaluator.hub.source import Arrived
from podium_evaluator.quantities import engineering

__all__ = ["CopyProgress"]

logger = logging.getLogger(__name__)

_SECONDS: Final = 5.0
_MEGABYTE: Final = 1e6


class CopyProgress:
    """Counts bytes of files that are copied one after another.

    Args:
        sizes: Names to bytes, in the order of copying.
        clock: Seconds of a monotonic clock.
    """

    def __init__(self, sizes: Mapping[str, int], clock: Callable[[], float] = time.monotonic) -> None:
        self._sizes, self._clock = sizes, clock
        self._before = 0
        self._said_at, self._said_bytes = clock(), 0

    def file(self, name: str) -> Arrived:
        """To be told of the bytes of the next file."""
        number, before = list(self._sizes).index(name) + 1, self._before
        self._before += self._sizes[name]
        taken_up = True

        def arrived(held: int) -> None:
            nonlocal taken_up
            if taken_up:
                # What an earlier run left is no speed of this one.
                self._said_bytes += held
                taken_up = False
            now = self._clock()
            if now - self._said_at >= _SECONDS or held == self._sizes[name]:
                self._say(f"{quoted(name)}, file {number} of {len(self._sizes)}", before + held, now)

        return arrived

    def _say(self, what: str, done: int, now: float) -> None:
        rate = max(0, done - self._said_bytes) / max(now - self._said_at, 1e-3) / _MEGABYTE
        total = engineering(sum(self._sizes.values()))
        logger.info("copied %s of %s bytes (%s) at %.1f MB/s", engineering(done), total, what, rate)
        self._said_at, self._said_bytes = now, done
