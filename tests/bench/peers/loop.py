"""The former validator's way: one sample at a time, all logits, losses in the model's own type."""

from collections.abc import Sequence
from typing import Any

import torch
import transformers

from tests.bench.samples import Ids, Question, Reference

__all__ = ["continuations", "option_losses", "reference_losses"]

Model = Any  # transformers publishes no types


def reference_losses(model: Model, samples: Sequence[Reference]) -> list[float]:
    """Each sample's mean loss of the reference."""
    return [float(_scored(model, sample, "mean")) for sample in samples]


def option_losses(model: Model, samples: Sequence[Question]) -> list[float]:
    """Each option's summed loss, one forward pass for each, question by question.

    The sum is not taken in the model's type, which would round it to whole numbers.
    """
    return [
        float(_scored(model, Reference(sample.prompt, option), "none").float().sum())
        for sample in samples
        for option in sample.options
    ]


def continuations(
    model: Model, prompts: Sequence[Ids], maximum_tokens: int, penalty: float
) -> list[tuple[int, ...]]:
    """Each prompt's greedy continuation, one at a time."""
    settings = transformers.GenerationConfig(
        max_new_tokens=maximum_tokens, do_sample=False, repetition_penalty=penalty, pad_token_id=0
    )
    found = []
    for prompt in prompts:
        ids = torch.tensor([prompt], device=model.device)
        written = model.generate(ids, attention_mask=torch.ones_like(ids), generation_config=settings)
        found.append(tuple(written[0, len(prompt) :].tolist()))
    return found


@torch.no_grad()
def _scored(model: Model, sample: Reference, reduction: str) -> torch.Tensor:
    ids = torch.tensor([sample.ids], device=model.device)
    # It made a cache that nothing read.
    logits = model(ids, past_key_values=transformers.DynamicCache()).logits
    shifted = logits[..., :-1, :].contiguous()
    labels = ids[..., 1:].contiguous()
    count = len(sample.reference)
    return torch.nn.functional.cross_entropy(shifted[0, -count:], labels[0, -count:], reduction=reduction)
