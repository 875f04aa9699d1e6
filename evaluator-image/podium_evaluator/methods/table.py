"""Which method serves a sample: its kind says so."""

from __future__ import annotations

from podium_evaluator.datasets.base import ChoiceSample, ReferenceSample, Sample, TextSample
from podium_evaluator.methods.base import Context, Plan
from podium_evaluator.methods.multiple_choice import plan_choice
from podium_evaluator.methods.reference_loss import plan_reference
from podium_evaluator.methods.text_loss import plan_text
from podium_evaluator.tokenizers import CHAT_TEMPLATES, Encoder

__all__ = ["plan", "token_count"]


def plan(sample: Sample, context: Context) -> Plan:
    """The plan of one sample."""
    match sample:
        case ChoiceSample():
            return plan_choice(sample, context)
        case ReferenceSample():
            return plan_reference(sample, context)
        case TextSample():
            return plan_text(sample, context)


def token_count(sample: Sample, encoder: Encoder, template: str) -> int:
    """Tokens of the longest sequence that the sample needs."""

    def count(text: str) -> int:
        return len(encoder.encode(text))

    match sample:
        case ChoiceSample():
            return count(CHAT_TEMPLATES[template](sample.prompt)) + max(map(count, sample.options))
        case ReferenceSample():
            return count(CHAT_TEMPLATES[template](sample.prompt)) + count(sample.reference)
        case TextSample():
            return count(sample.text)
