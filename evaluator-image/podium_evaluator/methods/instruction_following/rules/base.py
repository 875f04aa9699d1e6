"""What a rule is: its number and name, how its arguments are drawn, its sentence and its check."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias

__all__ = ["Arguments", "PickKeyword", "RuleId", "RuleKind", "counted", "with_count", "without_arguments"]

Arguments: TypeAlias = tuple[str | int, ...]

PickKeyword: TypeAlias = Callable[[int], str]
"""A fresh keyword for the answer with this index, 0 or 1."""


class RuleId(IntEnum):
    """The rules by the former validator's numbers."""

    WORD_COUNT_AT_MOST = 1
    WORD_COUNT_AT_LEAST = 2
    SENTENCE_COUNT_AT_MOST = 3
    SENTENCE_COUNT_AT_LEAST = 4
    ALL_UPPER_CASE = 5
    ALL_LOWER_CASE = 6
    NO_COMMAS = 7
    KEYWORD_INCLUSION = 8
    KEYWORD_FREQUENCY = 9
    KEYWORD_FORBIDDEN = 10
    BULLET_COUNT_FREQUENCY = 11
    STARTS_WITH = 12
    """Reserved: never drawn, without sentence and check."""
    ENDS_WITH = 13
    QUOTATION = 14

    @property
    def in_samples(self) -> str:
        """The name that samples carry, such as ``WordCountAtMost``."""
        return "".join(part.capitalize() for part in self.name.split("_"))


@dataclass(frozen=True, slots=True)
class RuleKind:
    """One of the rules.

    Attributes:
        id: Its number.
        draw: Draws the arguments for the first and for the second answer of a sample.
        prompt: The sentence that asks for it, given the arguments.
        holds: Whether a text obeys it, given the arguments.
        has_keyword: Whether the first argument is a keyword.
    """

    id: RuleId
    draw: Callable[[random.Random, PickKeyword], tuple[Arguments, Arguments]]
    prompt: Callable[[Arguments], str]
    holds: Callable[[str, Arguments], bool]
    has_keyword: bool = False


def with_count(
    rule: RuleId, counts: Sequence[int], sentence: Callable[[int], str], holds: Callable[[str, int], bool]
) -> RuleKind:
    """A rule with one number, drawn once for both answers."""

    def draw(source: random.Random, _: PickKeyword) -> tuple[Arguments, Arguments]:
        arguments = (source.choice(counts),)
        return arguments, arguments

    def count(arguments: Arguments) -> int:
        match arguments:
            case (int(number),):
                return number
            case _:
                raise ValueError(f"{rule.in_samples} takes one whole number, found {arguments!r}")

    return RuleKind(
        rule,
        draw,
        lambda arguments: sentence(count(arguments)),
        lambda text, arguments: holds(text, count(arguments)),
    )


def without_arguments(rule: RuleId, sentence: str, holds: Callable[[str], bool]) -> RuleKind:
    """A rule that says the same in every sample."""

    def none(arguments: Arguments) -> None:
        if arguments:
            raise ValueError(f"{rule.in_samples} takes no arguments, found {arguments!r}")

    def prompt(arguments: Arguments) -> str:
        none(arguments)
        return sentence

    def check(text: str, arguments: Arguments) -> bool:
        none(arguments)
        return holds(text)

    return RuleKind(rule, lambda _source, _keyword: ((), ()), prompt, check)


def counted(number: int, noun: str) -> str:
    """As in ``1 word`` and ``2 words``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
