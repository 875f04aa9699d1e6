"""What a submission's model computes, by the plain class of transformers: one text at a time, no cache."""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import transformers
from numpy.typing import NDArray

from tests.podium_evaluator.tiny import Tensors

Matrix = NDArray[np.float64]

_OUTSIDE_OF_TINY_VOCABULARIES = {"pad_token_id": None, "eos_token_id": None, "bos_token_id": None}
"""Some classes have defaults of 32,000; none of the three changes a logit."""


@dataclass(frozen=True)
class LanguageModel:
    """A model in evaluation mode."""

    module: Any

    def logits(self, ids: list[int]) -> Matrix:
        """A row for each token: what the model says about the one after it."""
        return np.asarray(self._logits(ids).to(torch.float64).numpy())

    def next_logits(self, ids: list[int]) -> NDArray[np.float64]:
        """The last row: what the model says about the token after the text."""
        return np.asarray(self._logits(ids)[-1].to(torch.float64).numpy())

    @torch.inference_mode()
    def _logits(self, ids: list[int]) -> torch.Tensor:
        found: torch.Tensor = self.module(input_ids=torch.tensor([ids]), use_cache=False).logits[0]
        return found

    def log_probabilities(self, ids: list[int]) -> Matrix:
        """The rows of `logits`, normalised in double precision."""
        rows = self.logits(ids)
        shifted = rows - rows.max(axis=1, keepdims=True)
        return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))

    def losses(self, ids: list[int], scored: int) -> NDArray[np.float64]:
        """Cross entropy of each of the last `scored` tokens, given all before it."""
        rows = self.log_probabilities(ids)
        return np.array([-rows[at - 1, ids[at]] for at in range(len(ids) - scored, len(ids))])


def load(document: dict[str, Any], tensors: Tensors, dtype: torch.dtype = torch.float32) -> LanguageModel:
    """The class that the submission's own config.json names, with its own tensors.

    transformers itself renames what older versions of it named otherwise, ties and casts.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module, loaded = getattr(transformers, document["architectures"][0]).from_pretrained(
            None,
            config=transformers.AutoConfig.for_model(**document, **_OUTSIDE_OF_TINY_VOCABULARIES),
            state_dict={name: as_torch(tensor) for name, tensor in tensors.items()},
            # Its eager attention adds the biases of ALiBi to the mask and to the scores: twice.
            attn_implementation="sdpa" if document.get("alibi") else "eager",
            dtype=dtype,
            output_loading_info=True,
        )
    assert not any(loaded.values()), loaded
    return LanguageModel(module.eval())


def as_torch(tensor: NDArray[Any]) -> torch.Tensor:
    """Arrays of uint16 are bfloat16."""
    if tensor.dtype == np.uint16:
        return torch.from_numpy(tensor.copy()).view(torch.bfloat16)
    return torch.from_numpy(tensor.copy())
