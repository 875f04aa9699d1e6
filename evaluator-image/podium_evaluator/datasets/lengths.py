"""Which samples are short enough: one rule, applied before anybody is scored."""

from __future__ import annotations

from typing import Final, assert_never

from podium_evaluator.datasets.base import (
    ChoiceSample,
    InstructionSample,
    ReferenceSample,
    Sample,
    TextSample,
)
from podium_evaluator.datasets.selection import Fits
from podium_evaluator.methods.table import token_count
from podium_evaluator.templates import ChatTemplate
from podium_evaluator.tokenizers import Encoder

__all__ = ["estimated_tokens", "fits_by_characters", "fits_by_tokens"]

_CHARACTERS_A_TOKEN: Final = 4
_FURTHER_TOKENS: Final = 10


def fits_by_tokens(encoder: Encoder, template: ChatTemplate, sequence_length: int) -> Fits:
    """With everybody's tokenizer: no sequence of a sample has more tokens than the limit."""
    return lambda sample: token_count(sample, encoder, template) <= sequence_length


def fits_by_characters(sequence_length: int) -> Fits:
    """With tokenizers of their own: the same samples for everybody, by an estimate.

    A prompt that a tokenizer makes longer than expected is cut on the left later.
    """
    return lambda sample: estimated_tokens(sample) <= sequence_length


def estimated_tokens(sample: Sample) -> int:
    """The former validator's estimate: four characters a token in prompt and answer, and ten tokens more."""
    match sample:
        case ReferenceSample(prompt=prompt, reference=reference):
            parts = (prompt, reference)
        case ChoiceSample(prompt=prompt, options=options):
            parts = (prompt, max(options, key=len))
        case TextSample(text=text):
            parts = (text, "")
        case InstructionSample(prompts=prompts):
            parts = (max(prompts, key=len), "")
        case _:
            assert_never(sample)
    return sum(len(part) // _CHARACTERS_A_TOKEN for part in parts) + _FURTHER_TOKENS
