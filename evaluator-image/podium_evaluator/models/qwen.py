"""Qwen2 and Qwen3: Llama with biases on queries, keys and values, or with normalised queries and keys."""

from __future__ import annotations

from typing import Final

from podium_evaluator.models import decoder
from podium_evaluator.models.architecture import Architecture
from podium_evaluator.models.keys import Config, Key, Shapes, absent_or, flag, integer, some_of, texts, whole
from podium_evaluator.models.rope import Rope

__all__ = ["QWEN2", "QWEN3"]

_KEYS: Final[dict[str, Key]] = {
    **decoder.KEYS,
    "num_key_value_heads": absent_or(whole(1, 4096), default=32),
    "layer_types": some_of("full_attention", longest=1024),
}
# Without use_sliding_window the class ignores the window and its layers, whatever they say.
_CONSTANTS: Final = {"use_sliding_window": False}
# Qwen2.5 and what was distilled into it say so; the class has no such embeddings.
_QWEN2_CONSTANTS: Final = {**_CONSTANTS, "use_mrope": False}


def _complete(config: Config) -> Config:
    filled = decoder.complete(config)
    if filled["layer_types"] is None:
        filled["layer_types"] = ["full_attention"] * integer(config, "num_hidden_layers")
    if len(texts(filled, "layer_types")) != integer(config, "num_hidden_layers"):
        raise ValueError("layer_types must name one type for each of num_hidden_layers")
    return filled


def _qwen2_tensors(config: Config) -> Shapes:
    return decoder.tensors(config, decoder.ATTENTION[:3])


def _qwen3_tensors(config: Config) -> Shapes:
    head = (integer(config, "head_dim"),)
    norms: Shapes = {"self_attn.q_norm.weight": head, "self_attn.k_norm.weight": head}
    return decoder.tensors(config, decoder.ATTENTION if config["attention_bias"] else (), norms)


QWEN2: Final = Architecture(
    name="Qwen2ForCausalLM",
    model_type="qwen2",
    config_class="Qwen2Config",
    keys=_KEYS,
    rope=Rope(),
    constants=_QWEN2_CONSTANTS,
    complete=_complete,
    tensors=_qwen2_tensors,
    buffers=decoder.old_frequencies,
    embedding=decoder.EMBEDDING,
    head=decoder.HEAD,
    projections=decoder.layer_projections,
)

QWEN3: Final = Architecture(
    name="Qwen3ForCausalLM",
    model_type="qwen3",
    config_class="Qwen3Config",
    keys={**_KEYS, "head_dim": whole(2, 1024, 128), "attention_bias": flag(default=False)},
    rope=Rope(),
    constants=_CONSTANTS,
    complete=_complete,
    tensors=_qwen3_tensors,
    buffers=decoder.old_frequencies,
    embedding=decoder.EMBEDDING,
    head=decoder.HEAD,
    projections=decoder.layer_projections,
)
