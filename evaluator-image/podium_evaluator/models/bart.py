"""The decoder of BART on its own: post-norm layers, learned positions.

Its layers hold the attention to an encoder all the same. The class never runs it without one, but its
weights are among the model's parameters.
"""

from __future__ import annotations

from typing import Final

from podium_evaluator.models.architecture import Architecture
from podium_evaluator.models.keys import (
    Config,
    Shapes,
    activation,
    flag,
    integer,
    require_multiple,
    whole,
)
from podium_evaluator.models.projection import EVERY_ROW, Projections, projections

__all__ = ["BART"]

_DECODER: Final = "model.decoder."
_LAYER: Final = f"{_DECODER}layers.{{}}."
_OFFSET: Final = 2
"""Rows of the position table before that of the first position; the class never reads them."""

_UNUSED: Final = frozenset(
    {
        "encoder_attention_heads", "encoder_ffn_dim", "encoder_layers", "num_hidden_layers",
        # The class makes itself a decoder without an encoder.
        "is_decoder", "is_encoder_decoder",
    }
)  # fmt: skip


def _complete(config: Config) -> Config:
    require_multiple(config, "d_model", "decoder_attention_heads")
    # What the library calls the model's layers and heads is the encoder's.
    same = ("layers", "ffn_dim", "attention_heads")
    return {**config, **{f"encoder_{name}": config[f"decoder_{name}"] for name in same}}


def _layer(config: Config) -> Shapes:
    hidden, inner = integer(config, "d_model"), integer(config, "decoder_ffn_dim")
    attentions = ("self_attn", "encoder_attn")
    matrices: Shapes = {
        f"{attention}.{part}_proj": (hidden, hidden)
        for attention in attentions
        for part in ("q", "k", "v", "out")
    }
    matrices |= {"fc1": (inner, hidden), "fc2": (hidden, inner)}
    norms = (*(f"{attention}_layer_norm" for attention in attentions), "final_layer_norm")
    shapes = {f"{name}.weight": shape for name, shape in matrices.items()}
    shapes |= {f"{name}.bias": shape[:1] for name, shape in matrices.items()}
    return shapes | {f"{norm}.{part}": (hidden,) for norm in norms for part in ("weight", "bias")}


def _tensors(config: Config) -> Shapes:
    hidden, vocabulary = integer(config, "d_model"), integer(config, "vocab_size")
    shapes: Shapes = {
        f"{_DECODER}embed_tokens.weight": (vocabulary, hidden),
        f"{_DECODER}embed_positions.weight": (integer(config, "max_position_embeddings") + _OFFSET, hidden),
        f"{_DECODER}layernorm_embedding.weight": (hidden,),
        f"{_DECODER}layernorm_embedding.bias": (hidden,),
    }
    for index in range(integer(config, "decoder_layers")):
        shapes |= {_LAYER.format(index) + name: shape for name, shape in _layer(config).items()}
    if not config["tie_word_embeddings"]:
        shapes["lm_head.weight"] = (vocabulary, hidden)
    return shapes


def _buffers(config: Config) -> Shapes:
    return {"final_logits_bias": (1, integer(config, "vocab_size")), f"{_DECODER}version": (1,)}


def _projections(config: Config) -> Projections:
    parts = {f"{part}_proj": (f"self_attn.{part}_proj.weight", EVERY_ROW) for part in "qkv"}
    parts |= {
        "o_proj": ("self_attn.out_proj.weight", EVERY_ROW),
        "up_proj": ("fc1.weight", EVERY_ROW),
        "down_proj": ("fc2.weight", EVERY_ROW),
    }
    return projections(integer(config, "decoder_layers"), _LAYER, parts)


BART: Final = Architecture(
    name="BartForCausalLM",
    model_type="bart",
    config_class="BartConfig",
    keys={
        "vocab_size": whole(1, 2**22),
        "d_model": whole(1, 2**17),
        "decoder_layers": whole(1, 1024),
        "decoder_attention_heads": whole(1, 4096),
        "decoder_ffn_dim": whole(1, 2**20),
        "activation_function": activation("gelu"),
        "max_position_embeddings": whole(1, 2**24),
        "scale_embedding": flag(default=False),
        "tie_word_embeddings": flag(default=True),
    },
    rope=None,
    # Variants of the first release; the class knows only these.
    constants={
        "add_bias_logits": False,
        "add_final_layer_norm": False,
        "normalize_before": False,
        "normalize_embedding": True,
        "static_position_embeddings": False,
    },
    complete=_complete,
    tensors=_tensors,
    buffers=_buffers,
    embedding=f"{_DECODER}embed_tokens.weight",
    head="lm_head.weight",
    projections=_projections,
    unused=_UNUSED,
    positions_learned=True,
)
