"""Whether an answer has a keyword among its words: in any case, ASCII punctuation removed everywhere."""

from __future__ import annotations

import random
import string
from collections.abc import Callable
from typing import Final

from podium_evaluator.methods.instruction_following.rules.base import (
    Arguments,
    PickKeyword,
    RuleId,
    RuleKind,
    counted,
)

__all__ = ["KEYWORD_FORBIDDEN", "KEYWORD_FREQUENCY", "KEYWORD_INCLUSION", "words"]

_WITHOUT_PUNCTUATION: Final = str.maketrans("", "", string.punctuation)


def words(text: str) -> list[str]:
    """The words of a text: ``don't`` is ``dont``, ``well-known`` is ``wellknown``."""
    return text.translate(_WITHOUT_PUNCTUATION).split()


def _occurrences(text: str, keyword: str) -> int:
    lowered = keyword.lower()
    return sum(word.lower() == lowered for word in words(text))


def _with_keyword(
    rule: RuleId, sentence: Callable[[str], str], holds: Callable[[str, str], bool]
) -> RuleKind:
    def draw(_: random.Random, keyword: PickKeyword) -> tuple[Arguments, Arguments]:
        return (keyword(0),), (keyword(1),)

    def keyword_of(arguments: Arguments) -> str:
        match arguments:
            case (str(keyword),):
                return keyword
            case _:
                raise ValueError(f"{rule.in_samples} takes one keyword, found {arguments!r}")

    return RuleKind(
        rule,
        draw,
        lambda arguments: sentence(keyword_of(arguments)),
        lambda text, arguments: holds(text, keyword_of(arguments)),
        has_keyword=True,
    )


KEYWORD_INCLUSION: Final = _with_keyword(
    RuleId.KEYWORD_INCLUSION,
    lambda keyword: f'Use the word "{keyword}".',
    lambda text, keyword: _occurrences(text, keyword) > 0,
)

KEYWORD_FORBIDDEN: Final = _with_keyword(
    RuleId.KEYWORD_FORBIDDEN,
    lambda keyword: f'Never use the word "{keyword}".',
    lambda text, keyword: _occurrences(text, keyword) == 0,
)

_FREQUENCIES: Final = range(1, 5)


def _draw_frequency(source: random.Random, keyword: PickKeyword) -> tuple[Arguments, Arguments]:
    first = (keyword(0), source.choice(_FREQUENCIES))
    return first, (keyword(1), source.choice(_FREQUENCIES))


def _frequency(arguments: Arguments) -> tuple[str, int]:
    match arguments:
        case (str(keyword), int(count)):
            return keyword, count
        case _:
            raise ValueError(f"KeywordFrequency takes a keyword and a whole number, found {arguments!r}")


def _ask_frequency(arguments: Arguments) -> str:
    keyword, count = _frequency(arguments)
    return f'Use the word "{keyword}" exactly {counted(count, "time")}.'


def _has_frequency(text: str, arguments: Arguments) -> bool:
    keyword, count = _frequency(arguments)
    return _occurrences(text, keyword) == count


KEYWORD_FREQUENCY: Final = RuleKind(
    RuleId.KEYWORD_FREQUENCY, _draw_frequency, _ask_frequency, _has_frequency, has_keyword=True
)
