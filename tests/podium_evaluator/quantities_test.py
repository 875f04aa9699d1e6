"""Counts in messages can be compared by eye."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium_evaluator.quantities import compared, engineering


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0"),
        (999_999, "999999"),
        (1_000_000, "1.00e6"),
        (3_400_000_000, "3.40e9"),
        (3_424_242_424, "3.42e9"),
        (16_106_127_360, "16.1e9"),
        (999_999_999, "1.00e9"),
        (123_456_789_012_345, "123e12"),
    ],
)
def test_three_digits_and_a_power_of_a_thousand(count: int, text: str) -> None:
    assert engineering(count) == text


def test_counts_that_look_alike_are_written_out() -> None:
    assert compared(3_424_242_424, 3_400_000_000) == ("3.42e9", "3.40e9")
    assert compared(3_400_000_001, 3_400_000_000) == ("3400000001", "3400000000")


@given(st.integers(0, 10**15), st.integers(0, 10**15))
def test_different_counts_have_different_texts(found: int, limit: int) -> None:
    assert (len(set(compared(found, limit))) == 1) == (found == limit)
