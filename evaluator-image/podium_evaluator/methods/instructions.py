"""Instruction following as a task: the weights of samples, and the price of saying the same twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from podium_evaluator.contract import Task
from podium_evaluator.datasets.base import InstructionSample
from podium_evaluator.methods.base import Answers, Context, TaskPlan
from podium_evaluator.methods.instruction_following.plan import plan_instructions
from podium_evaluator.methods.instruction_following.scoring import are_duplicates, weight

__all__ = ["longest_instruction", "plan_instruction_task"]

_DUPLICATES_PERCENT: Final = 10
"""With a larger share of samples whose two answers are alike, all count as failed."""


def plan_instruction_task(_task: Task, samples: Sequence[InstructionSample], context: Context) -> TaskPlan:
    """The mean of the samples' scores, each as often as it checks rules."""
    return TaskPlan(
        plans=tuple(plan_instructions(sample, context) for sample in samples),
        weights=tuple(weight(sample) for sample in samples),
        revise=_without_duplicates,
    )


def longest_instruction(sample: InstructionSample, context: Context) -> int:
    """Tokens of a sample's longer prompt and its answer."""
    return plan_instructions(sample, context).longest


def _without_duplicates(answers: Sequence[Answers], scores: Sequence[float]) -> tuple[Sequence[float], str]:
    alike = sum(are_duplicates(*(one.text for one in answer.generated)) for answer in answers)
    if 100 * alike <= _DUPLICATES_PERCENT * len(answers):
        return scores, ""
    message = (
        f"{alike} of {len(answers)} samples have two answers that are alike, at most {_DUPLICATES_PERCENT} %"
        " expected: all count as failed"
    )
    return [1.0] * len(answers), message
