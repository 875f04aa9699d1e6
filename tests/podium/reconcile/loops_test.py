"""Loops: they never end, never raise, and neither spin nor sleep through a wake."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import pytest

from podium.errors import ClusterError, ConflictError
from podium.reconcile.loops import Loop, Loops

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SOON = 10.0


class Script:
    """A pass that does what it is told, one item a run, and then nothing more."""

    def __init__(self, *items: Exception | datetime | None) -> None:
        self._items = list(items)
        self.runs = 0
        self.ran = asyncio.Condition()

    async def __call__(self) -> datetime | None:
        self.runs += 1
        item = self._items.pop(0) if self._items else None
        async with self.ran:
            self.ran.notify_all()
        if isinstance(item, Exception):
            raise item
        return item

    async def reached(self, runs: int) -> None:
        """Waits until the pass has begun this often."""
        async with asyncio.timeout(SOON), self.ran:
            await self.ran.wait_for(lambda: self.runs >= runs)


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Pauses that were asked for; none of them lasts."""
    found: list[float] = []
    real = asyncio.sleep

    async def record(seconds: float) -> None:
        found.append(seconds)
        await real(0)

    monkeypatch.setattr(asyncio, "sleep", record)
    return found


@pytest.fixture
async def loops() -> AsyncIterator[Loops]:
    running = Loops(now=lambda: NOW, jitter=lambda: 1.0)
    yield running
    await running.stop_all()


async def _quiet(script: Script) -> int:
    """How often a pass has run once nothing is ready to run any more."""
    for _ in range(50):
        await asyncio.sleep(0)
    return script.runs


async def test_a_loop_runs_once_at_its_start_and_then_waits(loops: Loops) -> None:
    script = Script()
    loops.ensure("uid", "name", script)
    await script.reached(1)
    assert await _quiet(script) == 1


@pytest.mark.parametrize("error", [ClusterError("away"), ConflictError("changed"), KeyError("bug")], ids=repr)
async def test_a_pass_that_fails_is_run_again(loops: Loops, pauses: list[float], error: Exception) -> None:
    script = Script(error, error, error)
    loops.ensure("uid", "name", script)
    await script.reached(4)
    assert await _quiet(script) == 4
    assert len(pauses) >= 3


async def test_pauses_grow_and_are_bounded(loops: Loops, pauses: list[float]) -> None:
    script = Script(*[ClusterError("away")] * 12)
    loops.ensure("uid", "name", script)
    await script.reached(13)
    asked = [pause for pause in pauses if pause > 0]
    assert asked == sorted(asked)
    assert asked[:4] == [1.0, 2.0, 4.0, 8.0]
    assert max(asked) == 60.0


@pytest.mark.parametrize(("jitter", "expected"), [(0.0, 0.5), (1.0, 1.0)])
async def test_pauses_are_spread(pauses: list[float], jitter: float, expected: float) -> None:
    loops = Loops(now=lambda: NOW, jitter=lambda: jitter)
    script = Script(ClusterError("away"))
    loops.ensure("uid", "name", script)
    await script.reached(2)
    await loops.stop_all()
    assert next(pause for pause in pauses if pause > 0) == expected


async def test_after_a_success_pauses_begin_anew(loops: Loops, pauses: list[float]) -> None:
    away = ClusterError("away")
    script = Script(away, away, away, None, away)
    loops.ensure("uid", "name", script)
    await script.reached(4)
    loops.wake("uid")
    await script.reached(6)
    assert [pause for pause in pauses if pause > 0] == [1.0, 2.0, 4.0, 1.0]


async def test_any_number_of_wakes_during_a_pass_is_one_more_pass(loops: Loops) -> None:
    script = Script()
    inside, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> datetime | None:
        inside.set()
        await go_on.wait()
        return await script()

    loops.ensure("uid", "name", slow)
    async with asyncio.timeout(SOON):
        await inside.wait()
    for _ in range(9):
        loops.wake("uid")
    go_on.set()
    await script.reached(2)
    assert await _quiet(script) == 2


async def test_a_loop_looks_again_when_it_was_asked_to(loops: Loops) -> None:
    script = Script(NOW + timedelta(milliseconds=1))
    loops.ensure("uid", "name", script)
    await script.reached(2)
    assert await _quiet(script) == 2


async def test_a_moment_that_has_passed_does_not_make_a_loop_spin(loops: Loops) -> None:
    script = Script(*[NOW - timedelta(hours=1)] * 1000)
    loops.ensure("uid", "name", script)
    await script.reached(1)
    assert await _quiet(script) < 5


async def test_an_owner_has_one_loop(loops: Loops) -> None:
    first, second = Script(), Script()
    loops.ensure("uid", "name", first)
    loops.ensure("uid", "name", second)
    await first.reached(1)
    assert (len(loops), second.runs) == (1, 0)


async def test_a_loop_ends_with_its_owner(loops: Loops) -> None:
    script = Script()
    loops.ensure("uid", "name", script)
    await script.reached(1)
    loops.stop("uid")
    loops.wake("uid")
    assert await _quiet(script) == 1
    assert len(loops) == 0


async def test_stopping_what_does_not_run_is_nothing(loops: Loops) -> None:
    loops.stop("nobody")
    loops.wake("nobody")
    assert len(loops) == 0


async def test_a_cancelled_loop_ends() -> None:
    script = Script()
    clock: Callable[[], datetime] = lambda: NOW  # noqa: E731  # shortest where it is used once
    task = asyncio.create_task(Loop("name", script, now=clock, jitter=lambda: 0.0).forever())
    await script.reached(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
