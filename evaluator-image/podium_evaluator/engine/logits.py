"""From hidden states to logits in single precision."""

from __future__ import annotations

import torch

from podium_evaluator.engine.model import LanguageModel

__all__ = ["logits_of"]


def logits_of(model: LanguageModel, hidden: torch.Tensor) -> torch.Tensor:
    """Logits of hidden states, rows × vocabulary.

    The head computes in the model's type; what follows is in single precision, the bound of models
    that have one included.
    """
    logits: torch.Tensor = model.head(hidden).float()
    return logits if model.softcap is None else torch.tanh(logits / model.softcap) * model.softcap
