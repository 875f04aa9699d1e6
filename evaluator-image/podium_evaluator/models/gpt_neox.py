"""GPT-NeoX (Pythia): parallel residuals, one fused attention matrix, partly rotated heads."""

from __future__ import annotations

from typing import Final

from podium_evaluator.models.architecture import Architecture
from podium_evaluator.models.keys import (
    Config,
    Shapes,
    activation,
    flag,
    integer,
    real,
    require_multiple,
    whole,
)
from podium_evaluator.models.projection import EVERY_ROW, Projections, Rows, projections
from podium_evaluator.models.rope import Rope, rotated

__all__ = ["GPT_NEOX"]

_LAYER: Final = "gpt_neox.layers.{}."
_ATTENTION: Final = ("attention.query_key_value", "attention.dense")
_FEED_FORWARD: Final = ("mlp.dense_h_to_4h", "mlp.dense_4h_to_h")


def _head(config: Config) -> int:
    return integer(config, "hidden_size") // integer(config, "num_attention_heads")


def _complete(config: Config) -> Config:
    require_multiple(config, "hidden_size", "num_attention_heads")
    rotated(config, _head(config))
    return config


def _layer(config: Config) -> Shapes:
    hidden, inner = integer(config, "hidden_size"), integer(config, "intermediate_size")
    matrices: Shapes = {
        "attention.query_key_value": (3 * hidden, hidden),
        "attention.dense": (hidden, hidden),
        "mlp.dense_h_to_4h": (inner, hidden),
        "mlp.dense_4h_to_h": (hidden, inner),
    }
    shapes = {f"{name}.weight": shape for name, shape in matrices.items()}
    biased = (*_ATTENTION, *_FEED_FORWARD) if config["attention_bias"] else _FEED_FORWARD
    shapes |= {f"{name}.bias": matrices[name][:1] for name in biased}
    norms = ("input_layernorm", "post_attention_layernorm")
    return shapes | {f"{norm}.{part}": (hidden,) for norm in norms for part in ("weight", "bias")}


def _tensors(config: Config) -> Shapes:
    hidden, vocabulary = integer(config, "hidden_size"), integer(config, "vocab_size")
    shapes: Shapes = {
        "gpt_neox.embed_in.weight": (vocabulary, hidden),
        "gpt_neox.final_layer_norm.weight": (hidden,),
        "gpt_neox.final_layer_norm.bias": (hidden,),
    }
    for index in range(integer(config, "num_hidden_layers")):
        shapes |= {_LAYER.format(index) + name: shape for name, shape in _layer(config).items()}
    if not config["tie_word_embeddings"]:
        shapes["embed_out.weight"] = (vocabulary, hidden)
    return shapes


def _buffers(config: Config) -> Shapes:
    positions = integer(config, "max_position_embeddings")
    turned = rotated(config, _head(config))
    shapes: Shapes = {}
    for index in range(integer(config, "num_hidden_layers")):
        prefix = f"{_LAYER.format(index)}attention."
        shapes[f"{prefix}bias"] = (1, 1, positions, positions)
        shapes[f"{prefix}masked_bias"] = ()
        shapes[f"{prefix}rotary_emb.inv_freq"] = (turned // 2,)
    return shapes


def _projections(config: Config) -> Projections:
    head, fused = _head(config), "attention.query_key_value.weight"
    # Query, key and value of one head lie together.
    parts = {
        f"{part}_proj": (fused, Rows(3 * head, place * head, (place + 1) * head))
        for place, part in enumerate("qkv")
    }
    parts |= {
        "o_proj": ("attention.dense.weight", EVERY_ROW),
        "up_proj": ("mlp.dense_h_to_4h.weight", EVERY_ROW),
        "down_proj": ("mlp.dense_4h_to_h.weight", EVERY_ROW),
    }
    return projections(integer(config, "num_hidden_layers"), _LAYER, parts)


GPT_NEOX: Final = Architecture(
    name="GPTNeoXForCausalLM",
    model_type="gpt_neox",
    config_class="GPTNeoXConfig",
    keys={
        "vocab_size": whole(1, 2**22),
        "hidden_size": whole(1, 2**17),
        "intermediate_size": whole(1, 2**20),
        "num_hidden_layers": whole(1, 1024),
        "num_attention_heads": whole(1, 4096),
        "hidden_act": activation("gelu"),
        "max_position_embeddings": whole(1, 2**24),
        "layer_norm_eps": real(1e-12, 1.0, 1e-5),
        "tie_word_embeddings": flag(default=False),
        "use_parallel_residual": flag(default=True),
        "attention_bias": flag(default=True),
    },
    rope=Rope(
        base_key="rotary_emb_base",
        share_key="rotary_pct",
        share=0.25,
        # Some versions write these beside the older two, which decide.
        repeats=(("rope_theta", "rope_theta"), ("partial_rotary_factor", "partial_rotary_factor")),
    ),
    constants={},
    complete=_complete,
    tensors=_tensors,
    buffers=_buffers,
    embedding="gpt_neox.embed_in.weight",
    head="embed_out.weight",
    projections=_projections,
    renamed={"embed_out.weight": "lm_head.weight"},
)
