"""From obeyed rules to scores, and which answers are too much alike."""

from __future__ import annotations

import math
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Final

from podium_evaluator.datasets.base import InstructionSample, Rule
from podium_evaluator.methods.instruction_following.table import obeys

__all__ = ["LONGEST_ANSWER", "are_duplicates", "score_answer", "score_answers", "weight"]

LONGEST_ANSWER: Final = 200 * 256
"""Characters: as many as 200 tokens can have where none has more than 256."""

# The matcher's time grows with the square and, for texts made to that end, with the cube of the length:
# two texts of 2,048 characters cost it some 1.3 s at worst. 200 tokens of a language are half as long.
_COMPARED: Final = 2_048

_ALIKE: Final = 0.6


def score_answer(text: str, rules: Sequence[Rule], answer: int) -> float:
    """1 less the square of the share of obeyed rules: 0 where all are, 1 where none is.

    Args:
        text: At most `LONGEST_ANSWER` characters; a longer one obeys nothing.
        rules: At least one.
        answer: Which of the sample's two answers it is, 0 or 1.
    """
    if len(text) > LONGEST_ANSWER:
        return 1.0
    return 1.0 - (sum(obeys(text, rule, answer) for rule in rules) / len(rules)) ** 2


def score_answers(sample: InstructionSample, texts: tuple[str, str]) -> float:
    """Mean score of a sample's two answers; lower is better."""
    return math.fsum(score_answer(text, sample.rules, index) for index, text in enumerate(texts)) / 2


def weight(sample: InstructionSample) -> int:
    """What the sample counts in the mean of its task: its rule checks, two for every rule."""
    return 2 * len(sample.rules)


def are_duplicates(first: str, second: str) -> bool:
    """Whether the two answers of a sample are alike although the questions differ.

    They are where the ratio of Ratcliff and Obershelp (1988), as `difflib` finds it with blanks and tabs as
    junk, exceeds 0.6. The first 2,048 characters of each are compared.
    """
    matcher = SequenceMatcher(lambda character: character in " \t", first[:_COMPARED], second[:_COMPARED])
    # The quick ratios are upper bounds: most pairs need no more.
    return matcher.real_quick_ratio() > _ALIKE and matcher.quick_ratio() > _ALIKE and matcher.ratio() > _ALIKE
