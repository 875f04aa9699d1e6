"""Reference loss: how unlikely the reference answer is after the prompt."""

from __future__ import annotations

from podium_evaluator.datasets.base import ReferenceSample
from podium_evaluator.methods.base import Context, Plan, mean_loss

__all__ = ["plan_reference"]


def plan_reference(sample: ReferenceSample, context: Context) -> Plan:
    """Mean cross entropy of the reference; prompt and reference are tokenized apart."""
    ids = context.encoder.encode(sample.reference)
    return mean_loss(sample.reference, ids, context, context.prompt(sample.prompt))
