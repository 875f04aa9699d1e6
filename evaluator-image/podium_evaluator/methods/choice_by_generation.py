"""Multiple choice by generation: the first word of the model's answer that is one of the options.

As in the former validator, but for the generation ending once that word is known: what would follow
cannot change it. The English article "A" counts as an answer there and here.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from podium_evaluator.datasets.base import ChoiceSample
from podium_evaluator.methods.base import Context, Plan
from podium_evaluator.sequences import Generation

__all__ = ["chosen_option", "is_word", "plan_generated_choice"]

_ANSWER_TOKENS: Final = 20
_REPETITION_PENALTY: Final = 1.1
_WORD: Final = re.compile(r"\w+")


def is_word(option: str) -> bool:
    """Whether an answer can hold this option: letters, digits and underscores alone."""
    return _WORD.fullmatch(option) is not None


def plan_generated_choice(sample: ChoiceSample, context: Context) -> Plan:
    """Score 0 where the right option is written first, else 1."""
    right = sample.options[sample.answer]
    generation = Generation(
        prompt=context.prompt(sample.prompt, room=_ANSWER_TOKENS),
        maximum_tokens=_ANSWER_TOKENS,
        repetition_penalty=_REPETITION_PENALTY,
        finished=lambda text: chosen_option(text, sample.options, complete=False) is not None,
    )
    return Plan(
        sequences=(),
        score=lambda answers: (
            0.0 if chosen_option(answers.generated[0].text, sample.options, complete=True) == right else 1.0
        ),
        generations=(generation,),
    )


def chosen_option(text: str, options: Collection[str], *, complete: bool) -> str | None:
    """The first word of `text` that is one of `options`, letter by letter.

    Args:
        text: The answer so far.
        options: Single words.
        complete: Whether the answer ends here; otherwise its last word may still grow and does not count.
    """
    for word in _WORD.finditer(text):
        if word[0] in options:
            return word[0] if complete or word.end() < len(text) else None
    return None
