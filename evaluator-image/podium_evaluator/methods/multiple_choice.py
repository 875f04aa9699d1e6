"""Multiple choice: the share of questions whose right option the model does not choose."""

from __future__ import annotations

from collections.abc import Sequence

from podium_evaluator.contract import Task
from podium_evaluator.datasets.base import ChoiceSample
from podium_evaluator.methods.base import Context, TaskPlan
from podium_evaluator.methods.choice_by_generation import plan_generated_choice
from podium_evaluator.methods.choice_by_likelihood import plan_likely_choice

__all__ = ["longest_choice", "plan_multiple_choice"]


def plan_multiple_choice(task: Task, samples: Sequence[ChoiceSample], context: Context) -> TaskPlan:
    """The mean of 0 for right and 1 for wrong choices, made as the task says."""
    plan = plan_generated_choice if task.answer_by == "Generation" else plan_likely_choice
    return TaskPlan(tuple(plan(sample, context) for sample in samples))


def longest_choice(sample: ChoiceSample, context: Context) -> int:
    """Tokens that a question takes either way, so that both ways have the same samples."""
    return max(plan_generated_choice(sample, context).longest, plan_likely_choice(sample, context).longest)
