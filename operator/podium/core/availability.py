"""Whether the samples of a competition's tasks can be had, as its rounds have found."""

from __future__ import annotations

from typing import Final

from podium.core.conditions import find_condition
from podium.core.kinds import Round
from podium.core.opening import TASK_UNAVAILABLE, postponed_in_a_row
from podium.core.preparing import samples_condition
from podium.core.world import CompetitionWorld

__all__ = ["tasks_available", "tasks_missing"]

_POSTPONEMENTS: Final = 3
"""So many rounds in a row without samples, and the organiser is told that something must be done."""


def tasks_available(world: CompetitionWorld) -> tuple[bool | None, str, str]:
    """Whether the newest round that tried could draw all samples: status, reason and sentence."""
    newest = _newest(world)
    if newest is None:
        return None, "NoRoundYet", "no round has drawn samples yet"
    if _postponed(newest):
        return False, TASK_UNAVAILABLE, _sentence(world, _postponed(newest))
    # While a round is drawing, the one before it tells.
    tried = [one for one in world.rounds if one.status.samples is not None]
    last = max(tried, key=lambda one: one.block, default=None)
    if last is None or last.status.samples is None:
        return None, "Drawing", f"round {newest.name} is drawing samples"
    drawn = samples_condition(last.status.samples, world.now)
    return drawn.reason != "Renormalized", drawn.reason, f"round {last.name}: {drawn.message}"


def tasks_missing(world: CompetitionWorld) -> str | None:
    """Why the competition is not ready, once too many rounds in a row had no samples."""
    newest = _newest(world)
    times = _postponed(newest) if newest is not None else 0
    return _sentence(world, times) if times >= _POSTPONEMENTS else None


def _newest(world: CompetitionWorld) -> Round | None:
    return max(world.rounds, key=lambda one: one.block, default=None)


def _postponed(newest: Round) -> int:
    """Rounds in a row without samples, up to the newest one that has tried; none once it has some."""
    if newest.status.samples is not None:
        return 0
    if newest.status.phase.terminal:
        return postponed_in_a_row(newest, TASK_UNAVAILABLE)
    return newest.task_postponements


def _sentence(world: CompetitionWorld, times: int) -> str:
    last = world.last_round
    ended = find_condition(last.status.conditions, "Complete") if last is not None else None
    text = f"{times} in a row {'was' if times == 1 else 'were'} postponed"
    if last is not None and ended is not None:
        text = f"{text}, the last was {last.name}: {ended.message}"[:980]
    return f"{text}; rounds go on being tried"
