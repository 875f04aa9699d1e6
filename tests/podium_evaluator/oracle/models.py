"""Tiny models that have an opinion: random weights that read the whole text and say some words gladly."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.podium_evaluator.oracle.vocabularies import END, Kind, tokenizer
from tests.podium_evaluator.tiny import EVERY, Tensors, random_tensors

_LAST_NORMS = (
    "model.norm.weight",
    "model.final_layernorm.weight",
    "gpt_neox.final_layer_norm.weight",
    "transformer.ln_f.weight",
)
_WANTED = {" A": 2.0, " B": 2.0, " C": 2.0, " D": 2.0, "\n*": 1.5, "x. ": 1.5, " cat": 1.5, END: 1.8}
"""How much longer the row of the head is for the last token of each text: it is said more often."""


def document(architecture: str) -> dict[str, Any]:
    """A configuration of two layers; bounds on logits are wide enough for a clear choice."""
    bounds = {"attn_logit_softcapping": 20.0, "final_logit_softcapping": 20.0}
    changes = bounds if architecture == "Gemma2ForCausalLM" else {}
    return {**EVERY[architecture], **changes, "torch_dtype": "float32"}


def opinionated(
    described: dict[str, Any],
    kind: Kind = "Begins",
    seed: int = 1,
    sharpness: float = 8.0,
    depth: float = 8.0,
) -> Tensors:
    """Weights in single precision for a configuration.

    Args:
        described: The configuration.
        kind: Of the tokenizer whose words are wanted.
        seed: Of the random numbers.
        sharpness: Scale of the logits: how clear the best token is.
        depth: Scale of what layers add; without it a model with a tied head repeats the last token.
    """
    tensors = random_tensors(described, seed, "F32")
    vocabulary = described["vocab_size"]
    wide = [name for name, tensor in tensors.items() if tensor.ndim == 2 and tensor.shape[0] == vocabulary]
    heads = [name for name in wide if "lm_head" in name or "embed_out" in name] or wide
    # A tied head is scaled by the norm before it, where there is one: embeddings stay small.
    last = [name for name in tensors if name in _LAST_NORMS] or heads
    for name, tensor in tensors.items():
        scale: Any = np.float32(sharpness if name in last else 1)
        if name in heads:
            scale = scale * _preferences(kind, vocabulary)[:, None]
        elif tensor.ndim == 2 and name not in wide:
            scale = np.float32(depth)
        tensors[name] = tensor * scale
    return tensors


def _preferences(kind: Kind, vocabulary: int) -> NDArray[np.float32]:
    scale = np.ones(vocabulary, np.float32)
    of = tokenizer(kind)
    for word, factor in _WANTED.items():
        scale[of.encode(word, add_special_tokens=False).ids[-1]] = factor
    return scale
