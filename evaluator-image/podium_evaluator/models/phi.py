"""Phi (1, 1.5, 2): parallel attention and feed-forward, biases everywhere, partly rotated heads."""

from __future__ import annotations

from typing import Final

from podium_evaluator.models.architecture import Architecture
from podium_evaluator.models.keys import (
    Config,
    Shapes,
    absent_or,
    activation,
    flag,
    integer,
    real,
    require_multiple,
    whole,
)
from podium_evaluator.models.projection import EVERY_ROW, Projections, projections
from podium_evaluator.models.rope import Rope, rotated

__all__ = ["PHI"]

_LAYER: Final = "model.layers.{}."
_PARTS: Final = {
    "q_proj": "self_attn.q_proj",
    "k_proj": "self_attn.k_proj",
    "v_proj": "self_attn.v_proj",
    "o_proj": "self_attn.dense",
    "up_proj": "mlp.fc1",
    "down_proj": "mlp.fc2",
}


def _head(config: Config) -> int:
    return integer(config, "hidden_size") // integer(config, "num_attention_heads")


def _complete(config: Config) -> Config:
    require_multiple(config, "hidden_size", "num_attention_heads")
    filled = dict(config)
    if filled["num_key_value_heads"] is None:
        filled["num_key_value_heads"] = filled["num_attention_heads"]
    require_multiple(filled, "num_attention_heads", "num_key_value_heads")
    rotated(filled, _head(filled))
    return filled


def _layer(config: Config) -> Shapes:
    hidden, inner = integer(config, "hidden_size"), integer(config, "intermediate_size")
    narrow = integer(config, "num_key_value_heads") * _head(config)
    matrices: Shapes = {
        "self_attn.q_proj": (hidden, hidden),
        "self_attn.k_proj": (narrow, hidden),
        "self_attn.v_proj": (narrow, hidden),
        "self_attn.dense": (hidden, hidden),
        "mlp.fc1": (inner, hidden),
        "mlp.fc2": (hidden, inner),
    }
    norms: Shapes = {"input_layernorm": (hidden,)}
    if config["qk_layernorm"]:
        norms |= {f"self_attn.{part}_layernorm": (_head(config),) for part in "qk"}
    shapes = {f"{name}.weight": shape for name, shape in (matrices | norms).items()}
    return shapes | {f"{name}.bias": shape[:1] for name, shape in (matrices | norms).items()}


def _tensors(config: Config) -> Shapes:
    hidden, vocabulary = integer(config, "hidden_size"), integer(config, "vocab_size")
    shapes: Shapes = {
        "model.embed_tokens.weight": (vocabulary, hidden),
        "model.final_layernorm.weight": (hidden,),
        "model.final_layernorm.bias": (hidden,),
        "lm_head.bias": (vocabulary,),
    }
    for index in range(integer(config, "num_hidden_layers")):
        shapes |= {_LAYER.format(index) + name: shape for name, shape in _layer(config).items()}
    if not config["tie_word_embeddings"]:
        shapes["lm_head.weight"] = (vocabulary, hidden)
    return shapes


def _buffers(config: Config) -> Shapes:
    layers, half = range(integer(config, "num_hidden_layers")), rotated(config, _head(config)) // 2
    return {f"{_LAYER.format(index)}self_attn.rotary_emb.inv_freq": (half,) for index in layers}


def _projections(config: Config) -> Projections:
    parts = {kind: (f"{name}.weight", EVERY_ROW) for kind, name in _PARTS.items()}
    return projections(integer(config, "num_hidden_layers"), _LAYER, parts)


PHI: Final = Architecture(
    name="PhiForCausalLM",
    model_type="phi",
    config_class="PhiConfig",
    keys={
        "vocab_size": whole(1, 2**22),
        "hidden_size": whole(1, 2**17),
        "intermediate_size": whole(1, 2**20),
        "num_hidden_layers": whole(1, 1024),
        "num_attention_heads": whole(1, 4096),
        "num_key_value_heads": absent_or(whole(1, 4096)),
        "hidden_act": activation("gelu_new"),
        "max_position_embeddings": whole(1, 2**24),
        "layer_norm_eps": real(1e-12, 1.0, 1e-5),
        "tie_word_embeddings": flag(default=False),
        "qk_layernorm": flag(default=False),
    },
    rope=Rope(share_key="partial_rotary_factor", share=0.5),
    constants={},
    complete=_complete,
    tensors=_tensors,
    buffers=_buffers,
    embedding="model.embed_tokens.weight",
    head="lm_head.weight",
    projections=_projections,
)
