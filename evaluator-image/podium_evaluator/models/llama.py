"""Llama and Mistral."""

from __future__ import annotations

from typing import Final

from podium_evaluator.models import decoder
from podium_evaluator.models.architecture import Architecture
from podium_evaluator.models.keys import Config, Shapes, absent_or, flag, whole
from podium_evaluator.models.rope import Rope

__all__ = ["LLAMA", "MISTRAL"]


def _llama_tensors(config: Config) -> Shapes:
    biased = decoder.ATTENTION if config["attention_bias"] else ()
    return decoder.tensors(config, (*biased, *(decoder.FEED_FORWARD if config["mlp_bias"] else ())))


LLAMA: Final = Architecture(
    name="LlamaForCausalLM",
    model_type="llama",
    config_class="LlamaConfig",
    keys={**decoder.KEYS, "attention_bias": flag(default=False), "mlp_bias": flag(default=False)},
    rope=Rope(),
    constants={"pretraining_tp": 1},
    complete=decoder.complete_whole,
    tensors=_llama_tensors,
    buffers=decoder.old_frequencies,
    embedding=decoder.EMBEDDING,
    head=decoder.HEAD,
    projections=decoder.layer_projections,
)

MISTRAL: Final = Architecture(
    name="MistralForCausalLM",
    model_type="mistral",
    config_class="MistralConfig",
    keys={
        **decoder.KEYS,
        "num_key_value_heads": absent_or(whole(1, 4096), default=8),
        "sliding_window": absent_or(whole(1, 2**24), default=4096),
    },
    rope=Rope(),
    constants={},
    complete=decoder.complete,
    tensors=decoder.tensors,
    buffers=decoder.old_frequencies,
    embedding=decoder.EMBEDDING,
    head=decoder.HEAD,
    projections=decoder.layer_projections,
)
