"""The moving average of a competition and what of it is paid."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from podium.core.shares import UNIT, Share, apportion, as_portions

__all__ = ["move_average", "payable"]


def move_average(previous: Sequence[Share], step: Sequence[Share], alpha: Fraction) -> tuple[Share, ...]:
    """α · previous + (1 − α) · step, in units that sum to one whole.

    The first step is taken as it is. A round that paid nobody moves nothing.

    Args:
        previous: The average before the round; empty when there is none.
        step: What the round pays; empty when nobody scored.
        alpha: The share of the old average, in [0, 1).
    """
    if not step:
        return tuple(previous)
    if not previous:
        return tuple(step)
    moved = {hotkey: alpha * portion for hotkey, portion in as_portions(previous).items()}
    for hotkey, portion in as_portions(step).items():
        moved[hotkey] = moved.get(hotkey, Fraction(0)) + (1 - alpha) * portion
    return apportion(moved)


def payable(average: Sequence[Share], threshold: Fraction) -> tuple[Share, ...]:
    """The part of an average that is paid: entries of at least `threshold`, made whole again.

    Empty when nobody reaches the threshold.
    """
    return apportion(
        {share.hotkey: Fraction(share.units) for share in average if Fraction(share.units, UNIT) >= threshold}
    )
