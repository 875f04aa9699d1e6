"""Reference loss: how unlikely the reference answer is after the prompt."""

from __future__ import annotations

from collections.abc import Sequence

from podium_evaluator.contract import Task
from podium_evaluator.datasets.base import ReferenceSample
from podium_evaluator.methods.base import Context, Plan, TaskPlan, mean_loss

__all__ = ["longest_reference", "plan_reference", "plan_reference_loss"]


def plan_reference_loss(_task: Task, samples: Sequence[ReferenceSample], context: Context) -> TaskPlan:
    """The mean over samples of their mean losses: short and long references count the same."""
    return TaskPlan(tuple(plan_reference(sample, context) for sample in samples))


def plan_reference(sample: ReferenceSample, context: Context) -> Plan:
    """Mean cross entropy of the reference; prompt and reference are tokenized apart."""
    ids = context.encoder.encode(sample.reference)
    return mean_loss(sample.reference, ids, context, context.rendered(sample.prompt, sample.system))


def longest_reference(sample: ReferenceSample, context: Context) -> int:
    """Tokens of a sample's longest sequence."""
    return plan_reference(sample, context).longest
