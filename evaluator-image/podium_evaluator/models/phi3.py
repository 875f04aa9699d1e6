"""Phi-3 and Phi-4: Llama with queries, keys and values in one matrix, and gate and up in another."""

from __future__ import annotations

from typing import Final

from podium_evaluator.models import decoder
from podium_evaluator.models.architecture import Architecture
from podium_evaluator.models.keys import Config, Shapes, absent_or, integer, real, require_multiple, whole
from podium_evaluator.models.projection import EVERY_ROW, Projections, Rows, projections
from podium_evaluator.models.rope import Rope, rotated

__all__ = ["PHI3"]


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


def _tensors(config: Config) -> Shapes:
    hidden, inner = integer(config, "hidden_size"), integer(config, "intermediate_size")
    narrow = integer(config, "num_key_value_heads") * _head(config)
    layer: Shapes = {
        "input_layernorm.weight": (hidden,),
        "post_attention_layernorm.weight": (hidden,),
        "self_attn.qkv_proj.weight": (hidden + 2 * narrow, hidden),
        "self_attn.o_proj.weight": (hidden, hidden),
        "mlp.gate_up_proj.weight": (2 * inner, hidden),
        "mlp.down_proj.weight": (hidden, inner),
    }
    return decoder.frame(config, layer)


def _buffers(config: Config) -> Shapes:
    layers, half = range(integer(config, "num_hidden_layers")), rotated(config, _head(config)) // 2
    return {f"model.layers.{index}.self_attn.rotary_emb.inv_freq": (half,) for index in layers}


def _projections(config: Config) -> Projections:
    hidden, inner = integer(config, "hidden_size"), integer(config, "intermediate_size")
    narrow = integer(config, "num_key_value_heads") * _head(config)
    fused, rows = "self_attn.qkv_proj.weight", hidden + 2 * narrow
    parts = {
        "q_proj": (fused, Rows(rows, 0, hidden)),
        "k_proj": (fused, Rows(rows, hidden, hidden + narrow)),
        "v_proj": (fused, Rows(rows, hidden + narrow, rows)),
        "o_proj": ("self_attn.o_proj.weight", EVERY_ROW),
        "up_proj": ("mlp.gate_up_proj.weight", Rows(2 * inner, inner, 2 * inner)),
        "down_proj": ("mlp.down_proj.weight", EVERY_ROW),
    }
    return projections(integer(config, "num_hidden_layers"), "model.layers.{}.", parts)


PHI3: Final = Architecture(
    name="Phi3ForCausalLM",
    model_type="phi3",
    config_class="Phi3Config",
    keys={
        **{name: key for name, key in decoder.KEYS.items() if name != "head_dim"},
        "rms_norm_eps": real(1e-12, 1.0, 1e-5),
        "sliding_window": absent_or(whole(1, 2**24)),
    },
    # The class knows one scaling, longrope, and that one changes with the sequence at hand.
    rope=Rope(share_key="partial_rotary_factor", types=("default",)),
    constants={"attention_bias": False},
    complete=_complete,
    tensors=_tensors,
    buffers=_buffers,
    embedding=decoder.EMBEDDING,
    head=decoder.HEAD,
    projections=_projections,
    unused=frozenset({"original_max_position_embeddings"}),
)
