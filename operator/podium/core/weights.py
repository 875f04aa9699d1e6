"""Composing the weights of a subnet from the averages of its competitions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from podium.core.shares import UNIT, Share, apportion, as_portions

__all__ = ["Composition", "Earned", "ScheduleEntry", "active_entry", "compose"]

_BURN = ""
"""Stands for the burned share while portions are added up; no hotkey is empty."""


@dataclass(frozen=True)
class ScheduleEntry:
    """Who shares the reward from a block on: competition name and percent, summing to 100."""

    start_block: int
    percents: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Earned:
    """What one competition contributes.

    Attributes:
        payable: Its average after the threshold; empty when nobody earned.
        last_paid: What it contributed to the newest earlier weights; empty when never.
    """

    competition: str
    percent: Fraction
    payable: tuple[Share, ...]
    last_paid: tuple[Share, ...] = ()


@dataclass(frozen=True)
class Composition:
    """Weights that sum, with the burned part, to one whole."""

    weights: tuple[Share, ...]
    burn_units: int


def active_entry(schedule: Sequence[ScheduleEntry], block: int) -> ScheduleEntry | None:
    """The last entry whose start is not after `block`."""
    started = [entry for entry in schedule if entry.start_block <= block]
    return max(started, key=lambda entry: entry.start_block, default=None)


def compose(
    earned: Sequence[Earned],
    when_nobody_earned: Literal["KeepLast", "Burn"],
    burn_percent: int,
) -> Composition | None:
    """One vector for the subnet, or None when there is nothing to pay and nothing to burn.

    A competition in which nobody earned follows `when_nobody_earned` on its own: its part is
    burned, or goes to those it paid last. A competition that never paid anyone is left out under
    KeepLast, and the others share the whole.
    """
    portions: dict[str, Fraction] = {}
    for one in earned:
        recipients = as_portions(one.payable)
        if not recipients:
            recipients = (
                as_portions(one.last_paid) if when_nobody_earned == "KeepLast" else {_BURN: Fraction(1)}
            )
        for hotkey, portion in recipients.items():
            portions[hotkey] = portions.get(hotkey, Fraction(0)) + one.percent * portion
    whole = sum(portions.values(), Fraction(0))
    if not whole:
        return None
    burn = Fraction(burn_percent, 100)
    scaled = {hotkey: portion / whole * (1 - burn) for hotkey, portion in portions.items()}
    scaled[_BURN] = scaled.get(_BURN, Fraction(0)) + burn
    units = {share.hotkey: share.units for share in apportion(scaled, UNIT)}
    burned = units.pop(_BURN, 0)
    return Composition(tuple(Share(hotkey, value) for hotkey, value in sorted(units.items())), burned)
