"""Text loss: how unlikely plain texts are, by a model that also writes something sensible."""

from __future__ import annotations

from collections.abc import Sequence

from podium_evaluator.contract import Task
from podium_evaluator.datasets.base import TextSample
from podium_evaluator.methods.base import Context, Plan, TaskPlan, mean_loss
from podium_evaluator.methods.degenerate_output import degenerate_output_gate

__all__ = ["longest_text", "plan_text", "plan_text_loss"]


def plan_text_loss(task: Task, samples: Sequence[TextSample], context: Context) -> TaskPlan:
    """The mean over texts of their mean losses, behind the gate where the task wants one."""
    gate = degenerate_output_gate(samples, context) if task.degenerate_output == "Reject" else None
    return TaskPlan(tuple(plan_text(sample, context) for sample in samples), gate=gate)


def plan_text(sample: TextSample, context: Context) -> Plan:
    """Mean cross entropy of all tokens that have one before them; there is no padding to be scored."""
    return mean_loss(sample.text, context.encoder.encode(sample.text), context, ())


def longest_text(sample: TextSample, context: Context) -> int:
    """Tokens of a sample's longest sequence."""
    return plan_text(sample, context).longest
