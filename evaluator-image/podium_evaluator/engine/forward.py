"""One forward pass of a model over slots, for every architecture that they can serve."""

from __future__ import annotations

from typing import Any, Final

import torch

from podium_evaluator.engine.model import LanguageModel
from podium_evaluator.engine.slots import Place

__all__ = ["forward", "is_served"]

_ROTARY: Final = frozenset(
    {"gemma", "gemma2", "gpt_neox", "llama", "mistral", "phi", "phi3", "qwen2", "qwen3"}
)
_LEARNED: Final = "bart"


def is_served(model: LanguageModel) -> bool:
    """Whether the model's class leaves attention to the function that is registered.

    Falcon has code of its own, which adds its biases itself.
    """
    return _kind(model) in _ROTARY | {_LEARNED}


def forward(model: LanguageModel, ids: torch.Tensor, positions: torch.Tensor, place: Place) -> torch.Tensor:
    """Hidden states of tokens, tokens × width.

    Args:
        model: One that is served, within `attending`.
        ids: Of the tokens.
        positions: As many.
        place: Where keys and values go.
    """
    given: dict[str, Any] = {"input_ids": ids[None], "use_cache": False, "place": place}
    if _kind(model) == _LEARNED:
        # The class has no argument for positions: it counts on from what its cache says to hold.
        given["past_key_values"] = _Counted(positions - torch.arange(len(ids), device=ids.device))
        # A mask of four dimensions is passed on as it is, and then not read.
        given["attention_mask"] = torch.zeros((1, 1, 1, 1), device=ids.device)
    else:
        given["position_ids"] = positions[None]
    hidden: torch.Tensor = model.backbone(**given).last_hidden_state
    return hidden[0]


def _kind(model: LanguageModel) -> str | None:
    kind: str | None = getattr(getattr(model.backbone, "config", None), "model_type", None)
    return kind


class _Counted:
    """Looks like a cache that holds another number of tokens before each new one, and keeps nothing."""

    def __init__(self, lengths: torch.Tensor) -> None:
        self._lengths = lengths

    def get_seq_length(self) -> torch.Tensor:
        """To each new token's index added, its position."""
        return self._lengths

    def update(
        self, key: torch.Tensor, value: torch.Tensor, _layer: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """What was given."""
        return key, value
