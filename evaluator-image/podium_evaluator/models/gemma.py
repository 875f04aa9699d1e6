"""Gemma and Gemma 2: wide heads, norms around one, embeddings scaled by the root of the width.

Gemma 2 has a second pair of norms in each layer, windowed attention in every other layer and bounds
both the attention's and the head's logits.
"""

from __future__ import annotations

from typing import Final

from podium_evaluator.models import decoder
from podium_evaluator.models.architecture import Architecture
from podium_evaluator.models.keys import (
    Config,
    Key,
    Shapes,
    absent_or,
    flag,
    integer,
    one_of,
    real,
    some_of,
    texts,
    whole,
)
from podium_evaluator.models.rope import Rope

__all__ = ["GEMMA", "GEMMA2"]

_TANH: Final = "gelu_pytorch_tanh"
_BOUND: Final = real(1e-3, 1e6)
_KEYS: Final[dict[str, Key]] = {
    **decoder.KEYS,
    "head_dim": whole(2, 1024, 256),
    "attention_bias": flag(default=False),
    "tie_word_embeddings": flag(default=True),
}


def _complete(config: Config) -> Config:
    # The first releases said "gelu" and meant the approximation; the class reads them so.
    return {**decoder.complete(config), "hidden_act": _TANH}


def _complete2(config: Config) -> Config:
    filled, layers = decoder.complete_whole(config), integer(config, "num_hidden_layers")
    if filled.pop("sliding_window_size") not in {None, filled["sliding_window"]}:
        raise ValueError("sliding_window_size and sliding_window differ: keep the latter")
    if filled["layer_types"] is None:
        filled["layer_types"] = ["full_attention" if i % 2 else "sliding_attention" for i in range(layers)]
    if len(texts(filled, "layer_types")) != layers:
        raise ValueError("layer_types must name one type for each of num_hidden_layers")
    return filled


def _tensors(config: Config) -> Shapes:
    return decoder.tensors(config, decoder.ATTENTION if config["attention_bias"] else ())


def _tensors2(config: Config) -> Shapes:
    width = (integer(config, "hidden_size"),)
    norms: Shapes = {f"{place}_feedforward_layernorm.weight": width for place in ("pre", "post")}
    return decoder.tensors(config, decoder.ATTENTION if config["attention_bias"] else (), norms)


def _softcap2(config: Config) -> float | None:
    bound = config["final_logit_softcapping"]
    return bound if isinstance(bound, float) else None


GEMMA: Final = Architecture(
    name="GemmaForCausalLM",
    model_type="gemma",
    config_class="GemmaConfig",
    keys={
        **_KEYS,
        "num_key_value_heads": whole(1, 4096, 16),
        "hidden_act": one_of(_TANH, "gelu", default=_TANH),
    },
    rope=Rope(),
    constants={"hidden_activation": _TANH, "use_bidirectional_attention": False},
    complete=_complete,
    tensors=_tensors,
    buffers=decoder.old_frequencies,
    embedding=decoder.EMBEDDING,
    head=decoder.HEAD,
    projections=decoder.layer_projections,
)

GEMMA2: Final = Architecture(
    name="Gemma2ForCausalLM",
    model_type="gemma2",
    config_class="Gemma2Config",
    keys={
        **{name: key for name, key in _KEYS.items() if name != "hidden_act"},
        "num_key_value_heads": whole(1, 4096, 4),
        "hidden_activation": one_of(_TANH, default=_TANH),
        "query_pre_attn_scalar": whole(1, 2**20, 256),
        "sliding_window": whole(1, 2**24, 4096),
        "sliding_window_size": absent_or(whole(1, 2**24)),
        "layer_types": some_of("full_attention", "sliding_attention", longest=1024),
        "attn_logit_softcapping": absent_or(_BOUND, default=50.0),
        "final_logit_softcapping": absent_or(_BOUND, default=30.0),
    },
    rope=Rope(),
    constants={"hidden_act": _TANH, "use_bidirectional_attention": False},
    complete=_complete2,
    tensors=_tensors2,
    buffers=decoder.old_frequencies,
    embedding=decoder.EMBEDDING,
    head=decoder.HEAD,
    projections=decoder.layer_projections,
    # The fused kernels do not bound the attention's logits; transformers refuses to try.
    attention="eager",
    logit_softcap=_softcap2,
)
