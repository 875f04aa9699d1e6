"""Which rules never meet in a sample, because an answer could hardly obey both."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from podium_evaluator.methods.instruction_following.rules.base import RuleId

__all__ = ["INCOMPATIBLE", "compatible"]

INCOMPATIBLE: Final[frozenset[frozenset[RuleId]]] = frozenset(
    frozenset((first, second))
    for first, others in (
        (
            # A short answer has no room for what asks for length, for lists or for a closing sentence.
            RuleId.WORD_COUNT_AT_MOST,
            (
                RuleId.WORD_COUNT_AT_LEAST,
                RuleId.SENTENCE_COUNT_AT_MOST,
                RuleId.SENTENCE_COUNT_AT_LEAST,
                RuleId.BULLET_COUNT_FREQUENCY,
                RuleId.ENDS_WITH,
            ),
        ),
        (
            RuleId.SENTENCE_COUNT_AT_MOST,
            (
                RuleId.WORD_COUNT_AT_LEAST,
                RuleId.SENTENCE_COUNT_AT_LEAST,
                RuleId.BULLET_COUNT_FREQUENCY,
                RuleId.ENDS_WITH,
            ),
        ),
        (RuleId.ALL_UPPER_CASE, (RuleId.ALL_LOWER_CASE,)),
        (RuleId.ENDS_WITH, (RuleId.QUOTATION,)),
    )
    for second in others
)
"""Pairs in no order, the former validator's."""


def compatible(order: Iterable[RuleId], count: int) -> tuple[RuleId, ...]:
    """The first `count` rules of `order`, without any that is incompatible with one taken before.

    Fewer where no further rule fits.
    """
    taken: list[RuleId] = []
    for rule in order:
        if len(taken) == count:
            break
        if not any(frozenset((rule, other)) in INCOMPATIBLE for other in taken):
            taken.append(rule)
    return tuple(taken)
