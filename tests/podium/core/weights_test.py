"""Composing a subnet's weights: parity with the seed system, the oracle, exact sums."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.core.shares import UNIT, Share, as_portions
from podium.core.weights import Composition, Earned, ScheduleEntry, active_entry, compose
from tests.podium.core import oracle
from tests.podium.core.standings_test import AVERAGES

_POLICIES = st.sampled_from(["KeepLast", "Burn"])


def _shares(**tenths: int) -> tuple[Share, ...]:
    return tuple(Share(name, tenth * UNIT // 10) for name, tenth in sorted(tenths.items()))


def _earned(percent: int, paid: tuple[Share, ...], last: tuple[Share, ...] = ()) -> Earned:
    return Earned(f"competition-{percent}", Fraction(percent), paid, last)


def test_each_competition_pays_its_part() -> None:
    earned = [_earned(60, _shares(a=5, b=5)), _earned(40, _shares(c=5, d=5))]
    assert compose(earned, "KeepLast", 0) == Composition(_shares(a=3, b=3, c=2, d=2), 0)


def test_one_hotkey_may_earn_in_several_competitions() -> None:
    earned = [_earned(60, _shares(a=10)), _earned(40, _shares(a=5, b=5))]
    assert compose(earned, "KeepLast", 0) == Composition(_shares(a=8, b=2), 0)


def test_who_was_paid_last_keeps_a_part_that_nobody_earned() -> None:
    earned = [_earned(60, (), _shares(a=10)), _earned(40, _shares(b=10))]
    assert compose(earned, "KeepLast", 0) == Composition(_shares(a=6, b=4), 0)


def test_a_competition_that_never_paid_is_left_out() -> None:
    assert compose([_earned(60, ()), _earned(40, _shares(b=10))], "KeepLast", 0) == Composition(
        _shares(b=10), 0
    )


def test_a_part_that_nobody_earned_is_burned_if_the_organiser_said_so() -> None:
    earned = [_earned(60, (), _shares(a=10)), _earned(40, _shares(b=10))]
    assert compose(earned, "Burn", 0) == Composition(_shares(b=4), 6 * UNIT // 10)


def test_a_percentage_is_burned_of_everything() -> None:
    assert compose([_earned(100, _shares(a=10))], "Burn", 20) == Composition(_shares(a=8), 2 * UNIT // 10)


@pytest.mark.parametrize(("policy", "expected"), [("KeepLast", None), ("Burn", Composition((), UNIT))])
def test_nobody_anywhere(policy: Literal["KeepLast", "Burn"], expected: Composition | None) -> None:
    assert compose([_earned(100, ())], policy, 0) == expected


def test_without_competitions_there_are_no_weights() -> None:
    assert compose([], "Burn", 0) is None


@pytest.mark.parametrize(("block", "start"), [(9, None), (10, 10), (19, 10), (20, 20), (10**6, 20)])
def test_the_last_entry_that_has_started_is_active(block: int, start: int | None) -> None:
    schedule = [ScheduleEntry(20, (("b", 100),)), ScheduleEntry(10, (("a", 100),))]
    entry = active_entry(schedule, block)
    assert (entry.start_block if entry is not None else None) == start


@given(
    st.lists(st.tuples(st.integers(1, 100), AVERAGES, AVERAGES), max_size=4),
    _POLICIES,
    st.integers(0, 100),
    st.randoms(),
)
def test_weights_are_the_oracles_in_any_order(
    parts: list[tuple[int, tuple[Share, ...], tuple[Share, ...]]],
    policy: Literal["KeepLast", "Burn"],
    burn_percent: int,
    random: Random,
) -> None:
    earned = [Earned(f"c{place}", Fraction(part[0]), *part[1:]) for place, part in enumerate(parts)]
    composed = compose(random.sample(earned, len(earned)), policy, burn_percent)
    expected = oracle.composition(
        [oracle.Part(Fraction(one[0]), as_portions(one[1]), as_portions(one[2])) for one in parts],
        keep_last=policy == "KeepLast",
        burn_percent=burn_percent,
    )
    if expected is None:
        assert composed is None
        return
    assert composed is not None
    paid, burned = expected
    units = oracle.in_units({**paid, "": burned})
    assert composed.burn_units == units.pop("", 0)
    assert {share.hotkey: share.units for share in composed.weights} == units
    assert sum(share.units for share in composed.weights) + composed.burn_units == UNIT
