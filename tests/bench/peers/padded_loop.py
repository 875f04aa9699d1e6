"""The former validator's text loss: every text padded to one length, no mask, the padding scored too."""

from collections.abc import Sequence
from typing import Any, Final

import torch
import transformers

from tests.bench.samples import Reference

__all__ = ["padded_losses"]

_PADDING: Final = 2


def padded_losses(model: Any, texts: Sequence[Reference], length: int) -> list[tuple[float, float]]:
    """Each text's mean loss as it counted, padding included, and without the padding.

    The second comes from the same logits at the cost of a few rows more, so that what both sides
    computed can be compared.
    """
    return [_padded_loss(model, text, length) for text in texts]


@torch.no_grad()
def _padded_loss(model: Any, text: Reference, length: int) -> tuple[float, float]:
    padding = (_PADDING,) * (length - len(text.ids))
    ids = torch.tensor([(*text.ids, *padding)], device=model.device)
    logits = model(ids, past_key_values=transformers.DynamicCache()).logits
    shifted = logits[..., :-1, :].contiguous()
    labels = ids[..., 1:].contiguous()
    losses = torch.nn.functional.cross_entropy(
        shifted.view(-1, shifted.shape[-1]), labels.view(-1), reduction="none"
    )
    return float(losses.float().mean()), float(losses[: len(text.ids) - 1].float().mean())
