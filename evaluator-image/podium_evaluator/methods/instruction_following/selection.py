"""Which rules a sample has: drawn in a random order, as many as fit together."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from podium_evaluator.datasets.base import Rule
from podium_evaluator.methods.instruction_following.compatibility import compatible
from podium_evaluator.methods.instruction_following.rules.base import RuleId
from podium_evaluator.methods.instruction_following.rules.edges import CLOSING_SENTENCES
from podium_evaluator.methods.instruction_following.rules.keywords import words
from podium_evaluator.methods.instruction_following.table import RULES

__all__ = ["RULE_COUNTS", "RULE_SETS", "ChooseKeyword", "RuleSet", "draw_rules"]

RuleSet: TypeAlias = Literal["V1", "V2"]

ChooseKeyword: TypeAlias = Callable[[frozenset[str], int], str]
"""A keyword for the answer with this index, other than these lower-case words."""

RULE_SETS: Final[Mapping[RuleSet, tuple[RuleId, ...]]] = MappingProxyType(
    {"V1": tuple(rule for rule in RULES if rule <= RuleId.NO_COMMAS), "V2": tuple(RULES)}
)
"""The rules that each set draws from: V2 has those of V1 and six more."""

RULE_COUNTS: Final[Mapping[RuleSet, tuple[int, int]]] = MappingProxyType({"V1": (1, 4), "V2": (2, 5)})
"""Fewest and most rules that are asked for."""


def draw_rules(rules: RuleSet, source: random.Random, keyword: ChooseKeyword) -> tuple[Rule, ...]:
    """The rules of one sample.

    Args:
        rules: The set that they are drawn from.
        source: Decides everything.
        keyword: Chooses the keywords. No word is one in two rules of a sample, and no word of a closing
            sentence is one at all: to forbid or to count it could contradict that sentence.
    """
    order = list(RULE_SETS[rules])
    source.shuffle(order)
    taken = frozenset(word.lower() for sentence in CLOSING_SENTENCES for word in words(sentence))
    drawn: list[Rule] = []
    for rule in compatible(order, source.randint(*RULE_COUNTS[rules])):
        arguments = RULES[rule].draw(source, partial(keyword, taken))
        drawn.append(Rule(rule.in_samples, arguments))
        if RULES[rule].has_keyword:
            taken |= {str(one[0]).lower() for one in arguments}
    return tuple(drawn)
