"""The moving average of a competition and what of it is paid."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fractions import Fraction
from typing import Final

from podium.core.shares import UNIT, Share, apportion, as_portions

__all__ = ["leading", "move_average", "payable", "paying", "without_departed"]

_MOST_HOTKEYS: Final = 1024
"""What an object stores of an average. Beyond it the smallest entries, the longest unpaid, are dropped."""


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
    largest = sorted(moved.items(), key=lambda one: (-one[1], one[0]))[:_MOST_HOTKEYS]
    return apportion(dict(largest))


def without_departed(average: Sequence[Share], present: Collection[str]) -> tuple[Share, ...]:
    """An average of those who are still there, made whole again; what others held nobody inherits.

    Args:
        average: Of hotkeys that may have left.
        present: Hotkeys that have not.
    """
    if all(share.hotkey in present for share in average):
        return tuple(average)
    return apportion({share.hotkey: Fraction(share.units) for share in average if share.hotkey in present})


def leading(average: Sequence[Share]) -> Share:
    """The largest entry of an average that has any; of equal ones the first by hotkey."""
    return min(average, key=lambda share: (-share.units, share.hotkey))


def payable(average: Sequence[Share], threshold: Fraction) -> tuple[Share, ...]:
    """The part of an average that is paid: entries of at least `threshold`, made whole again.

    When nobody reaches the threshold, everyone who has the highest entry is paid. Empty only
    without an average.
    """
    paid = _paid(average, threshold)
    return apportion({share.hotkey: Fraction(share.units) for share in paid})


def _paid(average: Sequence[Share], threshold: Fraction) -> list[Share]:
    highest = max((share.units for share in average), default=0)
    bar = min(threshold * UNIT, Fraction(highest))
    return [share for share in average if share.units >= bar]


def paying(average: Sequence[Share], threshold: Fraction) -> tuple[bool, str, str]:
    """Whether an average pays somebody: status, reason and sentence of a condition."""
    if not average:
        return False, "NoAverage", "no completed round has an average yet: weights.whenNobodyEarned decides"
    paid = _paid(average, threshold)
    if paid[0].units < threshold * UNIT:
        text = f"no hotkey has {float(threshold):g} of the average; those with the largest part are paid"
        return True, "NobodyReachedThreshold", f"{text}: {len(paid)} of {len(average)}"
    text = f"{len(paid)} of {len(average)} hotkeys have at least {float(threshold):g} of the average"
    return True, "ThresholdReached", text
