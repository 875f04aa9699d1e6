"""All rules by number, and what samples ask of them by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from podium_evaluator.datasets.base import Rule
from podium_evaluator.methods.instruction_following.rules.base import RuleId, RuleKind
from podium_evaluator.methods.instruction_following.rules.bullets import BULLET_COUNT_FREQUENCY
from podium_evaluator.methods.instruction_following.rules.commas import NO_COMMAS
from podium_evaluator.methods.instruction_following.rules.edges import ENDS_WITH, QUOTATION
from podium_evaluator.methods.instruction_following.rules.keywords import (
    KEYWORD_FORBIDDEN,
    KEYWORD_FREQUENCY,
    KEYWORD_INCLUSION,
)
from podium_evaluator.methods.instruction_following.rules.letter_case import ALL_LOWER_CASE, ALL_UPPER_CASE
from podium_evaluator.methods.instruction_following.rules.sentence_count import (
    SENTENCE_COUNT_AT_LEAST,
    SENTENCE_COUNT_AT_MOST,
)
from podium_evaluator.methods.instruction_following.rules.word_count import (
    WORD_COUNT_AT_LEAST,
    WORD_COUNT_AT_MOST,
)

__all__ = ["RULES", "obeys", "rule_prompt"]

RULES: Final[Mapping[RuleId, RuleKind]] = MappingProxyType(
    {
        kind.id: kind
        for kind in (
            WORD_COUNT_AT_MOST,
            WORD_COUNT_AT_LEAST,
            SENTENCE_COUNT_AT_MOST,
            SENTENCE_COUNT_AT_LEAST,
            ALL_UPPER_CASE,
            ALL_LOWER_CASE,
            NO_COMMAS,
            KEYWORD_INCLUSION,
            KEYWORD_FREQUENCY,
            KEYWORD_FORBIDDEN,
            BULLET_COUNT_FREQUENCY,
            ENDS_WITH,
            QUOTATION,
        )
    }
)
"""The 13 rules in use; `RuleId.STARTS_WITH` is reserved and has none."""

_BY_NAME: Final[Mapping[str, RuleKind]] = MappingProxyType(
    {rule.in_samples: kind for rule, kind in RULES.items()}
)


def rule_prompt(rule: Rule, answer: int) -> str:
    """The sentence that asks the answer with index `answer`, 0 or 1, to obey `rule`.

    Raises:
        ValueError: No rule in use has this name, or its arguments are of another kind.
    """
    return _kind(rule).prompt(rule.arguments[answer])


def obeys(text: str, rule: Rule, answer: int) -> bool:
    """Whether `text`, given as the answer with index `answer`, 0 or 1, obeys `rule`.

    Raises:
        ValueError: No rule in use has this name, or its arguments are of another kind.
    """
    return _kind(rule).holds(text, rule.arguments[answer])


def _kind(rule: Rule) -> RuleKind:
    try:
        return _BY_NAME[rule.name]
    except KeyError:
        state = "reserved" if rule.name == RuleId.STARTS_WITH.in_samples else "unknown"
        raise ValueError(f"rule {rule.name!r} is {state}: one of {', '.join(_BY_NAME)} expected") from None
