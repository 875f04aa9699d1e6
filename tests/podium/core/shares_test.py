"""Shares in whole units: exact sums, exact text."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.core.shares import UNIT, Share, apportion, as_portions, format_units, parse_units
from tests.podium.core import oracle

_PORTIONS = st.dictionaries(
    st.text("abc", min_size=1, max_size=3), st.fractions(min_value=0, max_value=1000), max_size=12
)


@given(_PORTIONS)
def test_units_are_the_oracles(portions: dict[str, Fraction]) -> None:
    units = {share.hotkey: share.units for share in apportion(portions)}
    assert units == (oracle.in_units(portions) if any(portions.values()) else {})


@given(_PORTIONS, st.integers(1, 1000))
def test_any_total_is_met_exactly(portions: dict[str, Fraction], total: int) -> None:
    assert sum(share.units for share in apportion(portions, total)) == (
        total if any(portions.values()) else 0
    )


def test_equal_remainders_are_served_in_the_order_of_hotkeys() -> None:
    assert apportion({"b": Fraction(1), "a": Fraction(1)}, 3) == (Share("a", 2), Share("b", 1))


@given(_PORTIONS)
def test_shares_of_shares_are_themselves(portions: dict[str, Fraction]) -> None:
    shares = apportion(portions)
    assert apportion(as_portions(shares)) == shares


@given(st.integers(0, 2 * UNIT))
def test_stored_units_read_back(units: int) -> None:
    assert parse_units(format_units(units)) == units


@pytest.mark.parametrize(
    ("units", "text"),
    [(0, "0.000000000000000000"), (UNIT, "1.000000000000000000"), (UNIT // 2, "0.500000000000000000")],
)
def test_units_are_stored_with_all_digits(units: int, text: str) -> None:
    assert format_units(units) == text


@pytest.mark.parametrize("text", ["0.0000000000000000001", "much"])
def test_text_that_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"digits|Invalid"):
        parse_units(text)
