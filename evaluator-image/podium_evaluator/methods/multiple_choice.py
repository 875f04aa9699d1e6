"""Multiple choice by likelihood: the option whose text is most likely after the question is chosen."""

from __future__ import annotations

import math

from podium_evaluator.datasets.base import ChoiceSample
from podium_evaluator.methods.base import Answers, Context, Plan
from podium_evaluator.sequences import windows

__all__ = ["plan_choice"]


def plan_choice(sample: ChoiceSample, context: Context) -> Plan:
    """Score 0 where the right option is strictly the most likely one, else 1."""
    prompt = context.prompt(sample.prompt)
    options = [
        windows(prompt, context.encoder.encode(option), context.sequence_length) for option in sample.options
    ]
    counts = [len(parts) for parts in options]

    def score(answers: Answers) -> float:
        rest = iter(answers.losses)
        # An option without tokens says nothing and cannot be the most likely one.
        totals = [math.fsum(next(rest) for _ in range(count)) if count else math.inf for count in counts]
        right = totals.pop(sample.answer)
        return 0.0 if all(right < other for other in totals) else 1.0

    return Plan(tuple(sequence for parts in options for sequence in parts), score)
