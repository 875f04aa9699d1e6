"""Rules that an answer could hardly obey together are never asked for together."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from podium_evaluator.methods.instruction_following.compatibility import INCOMPATIBLE, compatible
from podium_evaluator.methods.instruction_following.rules.base import RuleId

# What the former validator refused to add beside what was there, by number.
BLOCKED_BY = {
    1: {2, 3, 4, 11, 13},
    2: {1, 3},
    3: {1, 2, 4, 11, 13},
    4: {1, 3},
    5: {6},
    6: {5},
    7: set(),
    8: set(),
    9: set(),
    10: set(),
    11: {1, 3},
    12: set(),
    13: {1, 3, 14},
    14: {13},
}


def test_the_pairs_are_those_of_the_former_validator() -> None:
    blocked = {(candidate, there) for candidate, others in BLOCKED_BY.items() for there in others}

    assert {tuple(sorted(pair)) for pair in INCOMPATIBLE} == {tuple(sorted(pair)) for pair in blocked}
    assert all((there, candidate) in blocked for candidate, there in blocked)


@given(st.permutations(list(RuleId)), st.integers(0, 14))
def test_whatever_the_order_incompatible_rules_never_meet(order: list[RuleId], count: int) -> None:
    taken = compatible(order, count)

    assert all(second not in BLOCKED_BY[first] for first, second in combinations(taken, 2))
    assert list(taken) == [rule for rule in order if rule in taken]
    left = [rule for rule in order if rule not in taken]
    exhausted = all(any(other in BLOCKED_BY[rule] for other in taken) for rule in left)
    assert len(taken) == count or (len(taken) < count and exhausted)


def test_what_comes_first_blocks_what_comes_later() -> None:
    order = [RuleId.ENDS_WITH, RuleId.QUOTATION, RuleId.WORD_COUNT_AT_MOST, RuleId.NO_COMMAS]

    assert compatible(order, 4) == (RuleId.ENDS_WITH, RuleId.NO_COMMAS)
    assert compatible(order[::-1], 4) == (RuleId.NO_COMMAS, RuleId.WORD_COUNT_AT_MOST, RuleId.QUOTATION)
