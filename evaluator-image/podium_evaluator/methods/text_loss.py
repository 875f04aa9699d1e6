"""Text loss: how unlikely a plain text is."""

from __future__ import annotations

from podium_evaluator.datasets.base import TextSample
from podium_evaluator.methods.base import Context, Plan, mean_loss

__all__ = ["plan_text"]


def plan_text(sample: TextSample, context: Context) -> Plan:
    """Mean cross entropy of all tokens but the first, which has nothing before it."""
    return mean_loss(sample.text, context.encoder.encode(sample.text), context, ())
