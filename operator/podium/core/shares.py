"""Shares of a reward as integers of 10⁻¹⁸, so that sums are exact and every validator agrees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

__all__ = ["UNIT", "Share", "apportion", "as_portions", "format_units", "parse_units"]

UNIT: Final = 10**18
"""One whole, in units."""

_DIGITS: Final = 18


@dataclass(frozen=True, order=True)
class Share:
    """What one hotkey holds, in units of 10⁻¹⁸."""

    hotkey: str
    units: int


def apportion(portions: Mapping[str, Fraction], total: int = UNIT) -> tuple[Share, ...]:
    """Integer units in proportion to `portions` that sum to `total` exactly (largest remainder).

    Hotkeys with a portion of zero are left out. Ties of remainders go to the smaller hotkey, so
    the result does not depend on the order of the mapping. Empty when all portions are zero.

    Source: Hamilton's method; https://en.wikipedia.org/wiki/Largest_remainders_method
    """
    positive = {hotkey: portion for hotkey, portion in portions.items() if portion > 0}
    whole = sum(positive.values())
    if not whole:
        return ()
    exact = {hotkey: portion * total / whole for hotkey, portion in positive.items()}
    floors = {hotkey: int(value) for hotkey, value in exact.items()}
    by_remainder = sorted(exact, key=lambda hotkey: (floors[hotkey] - exact[hotkey], hotkey))
    for hotkey in by_remainder[: total - sum(floors.values())]:
        floors[hotkey] += 1
    return tuple(Share(hotkey, units) for hotkey, units in sorted(floors.items()) if units)


def as_portions(shares: Sequence[Share]) -> dict[str, Fraction]:
    """Shares as fractions of one whole."""
    return {share.hotkey: Fraction(share.units, UNIT) for share in shares}


def format_units(units: int) -> str:
    """Units as a decimal string with 18 digits: 5 · 10¹⁷ is ``0.500000000000000000``."""
    return f"{units // UNIT}.{units % UNIT:0{_DIGITS}d}"


def parse_units(text: str) -> int:
    """Units of a decimal string, exact.

    Raises:
        ValueError: The string is no decimal or has more than 18 digits after the point.
    """
    units = Fraction(text) * UNIT
    if units.denominator != 1:
        raise ValueError(f"share {text!r} has more than {_DIGITS} digits after the point")
    return units.numerator
