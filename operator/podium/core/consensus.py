"""Models that other validators of a subnet pay: they are measured soon, and first of all by a newcomer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from podium.core.kinds import ChainView, Submission

__all__ = ["UNSEEN_BLOCKS", "awaited", "paid_elsewhere"]

UNSEEN_BLOCKS: Final = 1200
"""A model that others pay is measured again when its last evaluation is older, about four hours."""

_LEAST: Final = 100
"""A hundredth of a validator's row is a payment."""


def paid_elsewhere(
    view: ChainView, rows: Mapping[int, Mapping[int, int]], hotkey: str, least_stake: int
) -> frozenset[str]:
    """Hotkeys to which another validator with a permit and enough stake gives a hundredth or more.

    Args:
        view: Who holds which uid.
        rows: Weights of every validator, uid to uid to weight, of the same block.
        hotkey: Our own, whose row does not count.
        least_stake: Of a validator whose row counts.
    """
    neurons = {one.uid: one for one in view.neurons}
    found = set()
    for uid, row in rows.items():
        validator = neurons.get(uid)
        if validator is None or validator.hotkey == hotkey or not validator.permit:
            continue
        if validator.stake < least_stake:
            continue
        whole = sum(row.values())
        found |= {
            neurons[to].hotkey for to, weight in row.items() if to in neurons and weight * _LEAST >= whole > 0
        }
    return frozenset(found)


def awaited(submissions: Iterable[Submission], paid: frozenset[str]) -> tuple[str, ...]:
    """Names of submissions that others pay and that were never evaluated here, though they could be."""
    return tuple(
        sorted(
            one.name
            for one in submissions
            if one.hotkey in paid and not one.status.evaluations and one.status.phase != "Rejected"
        )
    )
