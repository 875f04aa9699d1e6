"""How an answer begins and ends. Whitespace counts: nothing is stripped from it."""

from __future__ import annotations

import random
from typing import Final

from podium_evaluator.methods.instruction_following.rules.base import (
    Arguments,
    PickKeyword,
    RuleId,
    RuleKind,
    without_arguments,
)

__all__ = ["CLOSING_SENTENCES", "ENDS_WITH", "QUOTATION"]

CLOSING_SENTENCES: Final = (
    "Please ask again if anything is still unclear.",
    "I am glad to explain more whenever you like.",
    "With this you should have all you need.",
)
"""What an answer can be asked to end with; without commas and quotation marks."""


def _draw(source: random.Random, _: PickKeyword) -> tuple[Arguments, Arguments]:
    arguments = (source.choice(CLOSING_SENTENCES),)
    return arguments, arguments


def _closing(arguments: Arguments) -> str:
    match arguments:
        case (str(closing),):
            return closing
        case _:
            raise ValueError(f"EndsWith takes one sentence, found {arguments!r}")


ENDS_WITH: Final = RuleKind(
    RuleId.ENDS_WITH,
    _draw,
    lambda arguments: f'End with exactly this sentence and nothing after it: "{_closing(arguments)}"',
    lambda text, arguments: text.lower().endswith(_closing(arguments).lower()),
)

QUOTATION: Final = without_arguments(
    RuleId.QUOTATION,
    "Put your whole answer between double quotation marks, with nothing before or after them.",
    # A single mark is both, as the former validator had it.
    lambda text: text.startswith('"') and text.endswith('"'),
)
