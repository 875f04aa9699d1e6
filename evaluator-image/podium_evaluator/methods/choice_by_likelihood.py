"""Multiple choice by likelihood: the option whose text is most likely after the question is chosen."""

from __future__ import annotations

import math

from podium_evaluator.datasets.base import ChoiceSample
from podium_evaluator.methods.base import Answers, Context, Plan

__all__ = ["plan_likely_choice"]


def plan_likely_choice(sample: ChoiceSample, context: Context) -> Plan:
    """Score 0 where the right option is strictly the most likely one, else 1.

    A question that is too long is cut on the left, for all its options at the same place.
    """
    encoded = [context.encoder.encode(option) for option in sample.options]
    room = context.sequence_length - len(context.start) - max(map(len, encoded))
    question = context.rendered(sample.prompt)[-max(1, room) :]
    options = [context.scored_after(question, ids) for ids in encoded]
    counts = [len(parts) for parts in options]

    def score(answers: Answers) -> float:
        rest = iter(answers.losses)
        # An option without tokens says nothing and cannot be the most likely one.
        totals = [math.fsum(next(rest) for _ in range(count)) if count else math.inf for count in counts]
        right = totals.pop(sample.answer)
        return 0.0 if all(right < other for other in totals) else 1.0

    return Plan(tuple(sequence for parts in options for sequence in parts), score)
