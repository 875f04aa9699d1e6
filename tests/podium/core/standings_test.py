"""The moving average and what of it is paid: parity with the seed system, exact sums."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.core.shares import UNIT, Share, apportion, as_portions
from podium.core.standings import leading, move_average, payable, paying
from tests.podium.core import oracle

HALF = Fraction(1, 2)
HOTKEYS = st.sampled_from([f"hotkey-{number}" for number in range(6)])
_PORTIONS = st.dictionaries(HOTKEYS, st.fractions(min_value=0, max_value=9, max_denominator=97), max_size=6)
AVERAGES = _PORTIONS.map(apportion)
_ALPHAS = st.fractions(min_value=0, max_value=Fraction(99, 100), max_denominator=100)


def _shares(*tenths: int) -> tuple[Share, ...]:
    return tuple(Share(f"h{place}", tenth * UNIT // 10) for place, tenth in enumerate(tenths) if tenth)


def test_half_of_the_old_and_half_of_the_new() -> None:
    assert move_average(_shares(10, 0, 0, 0), _shares(0, 0, 0, 10), HALF) == _shares(5, 0, 0, 5)


def test_entries_below_the_threshold_are_not_paid_and_the_rest_is_made_whole() -> None:
    assert payable(_shares(1, 1, 2, 3, 3), Fraction(3, 10)) == _shares(0, 0, 0, 5, 5)


def test_an_entry_at_the_threshold_is_paid() -> None:
    assert payable(_shares(3, 7), Fraction(3, 10)) == _shares(3, 7)


@pytest.mark.parametrize(
    ("average", "told", "said"),
    [
        ((), (False, "NoAverage"), "weights.whenNobodyEarned"),
        (_shares(3, 7), (True, "ThresholdReached"), "2 of 2 hotkeys have at least 0.3"),
        (_shares(1, 9), (True, "ThresholdReached"), "1 of 2 hotkeys"),
        (_shares(2, 2, 2, 2, 1, 1), (True, "NobodyReachedThreshold"), "no hotkey has 0.3"),
        (_shares(2, 2, 2, 2, 1, 1), (True, "NobodyReachedThreshold"), "the largest part are paid: 4 of 6"),
    ],
)
def test_it_is_said_whom_an_average_pays(
    average: tuple[Share, ...], told: tuple[bool, str], said: str
) -> None:
    found = paying(average, Fraction(3, 10))
    assert found[:2] == told
    assert said in found[2]


def test_all_the_highest_are_paid_when_all_are_below_the_threshold() -> None:
    assert payable(_shares(2, 2, 2, 2, 2), Fraction(3, 10)) == _shares(2, 2, 2, 2, 2)
    average = (Share("a", UNIT // 4), Share("b", UNIT // 4), Share("c", UNIT // 5))
    assert payable(average, Fraction(3, 10)) == (Share("a", UNIT // 2), Share("b", UNIT // 2))


def test_nobody_is_paid_without_an_average() -> None:
    assert payable((), Fraction(3, 10)) == ()


def test_the_first_step_is_taken_as_it_is() -> None:
    assert move_average((), _shares(10), Fraction(9, 10)) == _shares(10)


def test_a_round_that_paid_nobody_moves_nothing() -> None:
    assert move_average(_shares(4, 6), (), HALF) == _shares(4, 6)


def test_a_new_winner_is_paid_from_its_second_win_on_and_alone_after_seventeen() -> None:
    average, alpha, threshold = _shares(10), Fraction(9, 10), Fraction(18, 100)
    paid = []
    for _ in range(17):
        average = move_average(average, _shares(0, 10), alpha)
        paid.append([share.hotkey for share in payable(average, threshold)])
    assert paid[0] == ["h0"]
    assert paid[1] == ["h0", "h1"]
    assert paid[15] == ["h0", "h1"]
    assert paid[16] == ["h1"]


def test_an_average_never_outgrows_what_an_object_stores() -> None:
    crowd = apportion({f"old-{number:04}": Fraction(1 + number) for number in range(1024)})
    moved = move_average(crowd, apportion({f"new-{number}": Fraction(1) for number in range(128)}), HALF)
    assert len(moved) == 1024
    assert sum(share.units for share in moved) == UNIT
    assert "old-0000" not in {share.hotkey for share in moved}


def test_of_equal_leaders_the_first_by_hotkey_leads() -> None:
    assert leading(_shares(2, 4, 4)).hotkey == "h1"


@given(AVERAGES, AVERAGES, _ALPHAS)
def test_the_average_is_the_oracles(
    previous: tuple[Share, ...], step: tuple[Share, ...], alpha: Fraction
) -> None:
    moved = move_average(previous, step, alpha)
    expected = oracle.average(as_portions(previous), as_portions(step), alpha)
    assert {share.hotkey: share.units for share in moved} == (oracle.in_units(expected) if expected else {})


@given(AVERAGES, st.fractions(min_value=0, max_value=1, max_denominator=100))
def test_what_is_paid_is_the_oracles(average: tuple[Share, ...], threshold: Fraction) -> None:
    paid = payable(average, threshold)
    expected = oracle.payable(as_portions(average), threshold)
    assert {share.hotkey: share.units for share in paid} == (oracle.in_units(expected) if expected else {})


@given(AVERAGES, st.lists(AVERAGES, max_size=5), _ALPHAS)
def test_an_average_is_one_whole_after_any_number_of_rounds(
    average: tuple[Share, ...], steps: list[tuple[Share, ...]], alpha: Fraction
) -> None:
    for step in steps:
        average = move_average(average, step, alpha)
    assert sum(share.units for share in average) in ({UNIT} if average else {0})
    assert all(share.units > 0 for share in average)
