"""transformers' own batched generation: all prompts in one batch, padded on the left."""

from collections.abc import Sequence
from typing import Any

import torch
import transformers

from tests.bench.samples import Ids

__all__ = ["continuations", "left_padded"]


def continuations(
    model: Any,  # transformers publishes no types
    prompts: Sequence[Ids],
    maximum_tokens: int,
    penalty: float,
) -> list[tuple[int, ...]]:
    """Each prompt's greedy continuation."""
    ids, mask = left_padded(prompts)
    settings = transformers.GenerationConfig(
        max_new_tokens=maximum_tokens, do_sample=False, repetition_penalty=penalty, pad_token_id=0
    )
    written = model.generate(
        ids.to(model.device), attention_mask=mask.to(model.device), generation_config=settings
    )
    return [tuple(row) for row in written[:, ids.shape[1] :].tolist()]


def left_padded(prompts: Sequence[Ids]) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids and mask of one batch."""
    longest = max(map(len, prompts))
    ids = torch.zeros(len(prompts), longest, dtype=torch.long)
    mask = torch.zeros_like(ids)
    for row, prompt in enumerate(prompts):
        ids[row, longest - len(prompt) :] = torch.tensor(prompt)
        mask[row, longest - len(prompt) :] = 1
    return ids, mask
