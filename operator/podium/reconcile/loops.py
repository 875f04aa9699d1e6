"""One asyncio loop an owner: wait for a wake or a deadline, run a pass, never end and never raise."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

import structlog

from podium.errors import ConflictError, PodiumError

__all__ = ["Loop", "Loops", "Pass"]

_log = structlog.get_logger(__name__)

Pass = Callable[[], Awaitable[datetime | None]]
"""One pass; returns when to run again if nothing wakes the loop before."""

_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 60.0
_SHORTEST_WAIT: Final = 1.0
_LONGEST_WAIT: Final = 60.0
"""Seconds after which a loop looks again although nothing has happened: a belt, not the mechanism."""


class Loop:
    """The loop of one owner."""

    def __init__(
        self, name: str, run: Pass, *, now: Callable[[], datetime], jitter: Callable[[], float]
    ) -> None:
        """Args: a name for logs, the pass, the clock, and a random number in [0, 1) for pauses."""
        self._name = name
        self._run = run
        self._now = now
        self._jitter = jitter
        self._wake = asyncio.Event()
        self._wake.set()

    def wake(self) -> None:
        """Asks for a pass soon; any number of wakes during a pass is one more pass."""
        self._wake.set()

    async def forever(self) -> None:
        """Runs until it is cancelled."""
        failures = 0
        wait = 0.0
        while True:
            await self._waited(wait)
            try:
                again = await self._run()
            except ConflictError:
                # The world changed under a write: the next pass reads it as it is now.
                await asyncio.sleep(_FIRST_PAUSE * self._jitter())
                wait = 0.0
                continue
            except PodiumError as error:
                failures += 1
                _log.warning("pass failed", loop=self._name, failures=failures, error=str(error))
            except Exception:  # noqa: BLE001  # a loop that ends is a competition that stands still
                failures += 1
                _log.exception("pass raised", loop=self._name, failures=failures)
            else:
                failures = 0
                wait = self._until(again)
                continue
            wait = min(_FIRST_PAUSE * 2 ** min(failures, 10), _LONGEST_PAUSE) * (0.5 + self._jitter() / 2)
            await asyncio.sleep(wait)
            wait = 0.0

    def _until(self, again: datetime | None) -> float:
        if again is None:
            return _LONGEST_WAIT
        seconds = (again - self._now()).total_seconds()
        # A moment that has passed and changed nothing will not change anything at once either.
        return min(seconds if seconds > 0 else _SHORTEST_WAIT, _LONGEST_WAIT)

    async def _waited(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            pass
        self._wake.clear()


class Loops:
    """The loops that run, by the owner's UID."""

    def __init__(self, *, now: Callable[[], datetime], jitter: Callable[[], float]) -> None:
        self._now = now
        self._jitter = jitter
        self._loops: dict[str, tuple[Loop, asyncio.Task[None]]] = {}

    def ensure(self, uid: str, name: str, run: Pass) -> None:
        """Starts the owner's loop if it does not run, and wakes it."""
        known = self._loops.get(uid)
        if known is None or known[1].done():
            loop = Loop(name, run, now=self._now, jitter=self._jitter)
            self._loops[uid] = (loop, asyncio.create_task(loop.forever(), name=name))
        self._loops[uid][0].wake()

    def wake(self, uid: str) -> None:
        """Asks the owner's loop for a pass, if it has one."""
        known = self._loops.get(uid)
        if known is not None:
            known[0].wake()

    def stop(self, uid: str) -> None:
        """Ends the loop of an owner that is gone."""
        known = self._loops.pop(uid, None)
        if known is not None:
            known[1].cancel()

    async def stop_all(self) -> None:
        """Ends all loops and waits for them."""
        tasks = [task for _, task in self._loops.values()]
        self._loops.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def __len__(self) -> int:
        return len(self._loops)
