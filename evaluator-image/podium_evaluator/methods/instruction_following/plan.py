"""Instruction following: two greedy answers a sample, checked against the sample's rules."""

from __future__ import annotations

from typing import Final

from podium_evaluator.datasets.base import InstructionSample
from podium_evaluator.methods.base import Answers, Context, Plan
from podium_evaluator.methods.instruction_following.scoring import score_answers
from podium_evaluator.sequences import Generation

__all__ = ["plan_instructions"]

_MAXIMUM_TOKENS: Final = 200

_REPETITION_PENALTY: Final = 1.2


def plan_instructions(sample: InstructionSample, context: Context) -> Plan:
    """Both prompts answered in up to 200 tokens with a repetition penalty of 1.2; see `score_answers`."""
    # An answer is never finished early: every further token can break a rule or mend one.
    generations = tuple(
        Generation(context.prompt(prompt, room=_MAXIMUM_TOKENS), _MAXIMUM_TOKENS, _REPETITION_PENALTY)
        for prompt in sample.prompts
    )

    def score(answers: Answers) -> float:
        first, second = answers.generated
        return score_answers(sample, (first.text, second.text))

    return Plan((), score, generations)
