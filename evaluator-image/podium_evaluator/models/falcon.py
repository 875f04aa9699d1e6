"""Falcon: one fused attention matrix whose layout depends on the generation, rotary or ALiBi positions.

The first generation shares one key and value head (multi-query) or has one for each query head; the
second ("new decoder architecture") has groups of query heads with a key and a value head each.
"""

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
from podium_evaluator.models.projection import EVERY_ROW, Projections, Rows, projections
from podium_evaluator.models.rope import Rope, rotated

__all__ = ["FALCON"]

_LAYER: Final = "transformer.h.{}."
_FUSED: Final = "self_attention.query_key_value"
_TWO_NORMS: Final = 2


def _head(config: Config) -> int:
    return integer(config, "hidden_size") // integer(config, "num_attention_heads")


def _complete(config: Config) -> Config:
    require_multiple(config, "hidden_size", "num_attention_heads")
    rotated(config, _head(config))
    filled, factor = dict(config), config["ff_factor"]
    del filled["ff_factor"]
    if filled["ffn_hidden_size"] is None:
        filled["ffn_hidden_size"] = 4 * integer(config, "hidden_size")
    if isinstance(factor, int) and integer(filled, "ffn_hidden_size") != factor * integer(
        config, "hidden_size"
    ):
        raise ValueError("ffn_hidden_size and ff_factor differ: keep the former")
    return _second(filled) if config["new_decoder_architecture"] else _first(filled)


def _first(config: Config) -> Config:
    if config["num_ln_in_parallel_attn"] not in {None, 1}:
        raise ValueError("num_ln_in_parallel_attn is 2, which needs new_decoder_architecture")
    heads, key_heads = config["num_attention_heads"], config["num_kv_heads"]
    if not config["multi_query"] and key_heads not in {None, heads}:
        raise ValueError("num_kv_heads must be num_attention_heads without multi_query")
    # With multi_query the class takes one head, whatever num_kv_heads says.
    return {**config, "num_kv_heads": heads, "num_ln_in_parallel_attn": None}


def _second(config: Config) -> Config:
    if not config["parallel_attn"]:
        raise ValueError("parallel_attn must be true with new_decoder_architecture")
    filled = {**config, "multi_query": True}
    if filled["num_kv_heads"] is None:
        filled["num_kv_heads"] = filled["num_attention_heads"]
    if filled["num_ln_in_parallel_attn"] is None:
        filled["num_ln_in_parallel_attn"] = _TWO_NORMS
    require_multiple(filled, "num_attention_heads", "num_kv_heads")
    return filled


def _pattern(config: Config) -> tuple[int, int]:
    """How often the fused matrix repeats its pattern: so many query heads, a key head, a value head."""
    heads = integer(config, "num_attention_heads")
    if config["new_decoder_architecture"]:
        return integer(config, "num_kv_heads"), heads // integer(config, "num_kv_heads")
    return (1, heads) if config["multi_query"] else (heads, 1)


def _norms(config: Config) -> tuple[str, ...]:
    if not config["parallel_attn"]:
        return ("input_layernorm", "post_attention_layernorm")
    return ("ln_attn", "ln_mlp") if config["num_ln_in_parallel_attn"] == _TWO_NORMS else ("input_layernorm",)


def _layer(config: Config) -> Shapes:
    hidden, inner = integer(config, "hidden_size"), integer(config, "ffn_hidden_size")
    repeats, queries = _pattern(config)
    matrices: Shapes = {
        _FUSED: (repeats * (queries + 2) * _head(config), hidden),
        "self_attention.dense": (hidden, hidden),
        "mlp.dense_h_to_4h": (inner, hidden),
        "mlp.dense_4h_to_h": (hidden, inner),
    }
    shapes = {f"{name}.weight": shape for name, shape in matrices.items()}
    if config["bias"]:
        shapes |= {f"{name}.bias": shape[:1] for name, shape in matrices.items()}
    return shapes | {f"{norm}.{part}": (hidden,) for norm in _norms(config) for part in ("weight", "bias")}


def _tensors(config: Config) -> Shapes:
    hidden, vocabulary = integer(config, "hidden_size"), integer(config, "vocab_size")
    shapes: Shapes = {
        "transformer.word_embeddings.weight": (vocabulary, hidden),
        "transformer.ln_f.weight": (hidden,),
        "transformer.ln_f.bias": (hidden,),
    }
    for index in range(integer(config, "num_hidden_layers")):
        shapes |= {_LAYER.format(index) + name: shape for name, shape in _layer(config).items()}
    if not config["tie_word_embeddings"]:
        shapes["lm_head.weight"] = (vocabulary, hidden)
    return shapes


def _buffers(config: Config) -> Shapes:
    layers, half = range(integer(config, "num_hidden_layers")), _head(config) // 2
    return {
        f"{_LAYER.format(index)}self_attention.{name}.inv_freq": (half,)
        for index in layers
        for name in ("rotary_emb", "maybe_rotary")
    }


def _projections(config: Config) -> Projections:
    head, (_, queries) = _head(config), _pattern(config)
    period = (queries + 2) * head
    parts = {
        "q_proj": (f"{_FUSED}.weight", Rows(period, 0, queries * head)),
        "k_proj": (f"{_FUSED}.weight", Rows(period, queries * head, (queries + 1) * head)),
        "v_proj": (f"{_FUSED}.weight", Rows(period, (queries + 1) * head, period)),
        "o_proj": ("self_attention.dense.weight", EVERY_ROW),
        "up_proj": ("mlp.dense_h_to_4h.weight", EVERY_ROW),
        "down_proj": ("mlp.dense_4h_to_h.weight", EVERY_ROW),
    }
    return projections(integer(config, "num_hidden_layers"), _LAYER, parts)


FALCON: Final = Architecture(
    name="FalconForCausalLM",
    model_type="falcon",
    config_class="FalconConfig",
    keys={
        "vocab_size": whole(1, 2**22),
        "hidden_size": whole(1, 2**17),
        "num_hidden_layers": whole(1, 1024),
        "num_attention_heads": whole(1, 4096),
        "num_kv_heads": absent_or(whole(1, 4096)),
        "num_ln_in_parallel_attn": absent_or(whole(1, _TWO_NORMS)),
        "ffn_hidden_size": absent_or(whole(1, 2**20)),
        "ff_factor": absent_or(whole(1, 2**10)),
        "activation": activation("gelu"),
        "max_position_embeddings": whole(1, 2**24, 2048),
        "layer_norm_epsilon": real(1e-12, 1.0, 1e-5),
        "tie_word_embeddings": flag(default=True),
        "alibi": flag(default=False),
        "new_decoder_architecture": flag(default=False),
        "multi_query": flag(default=True),
        "parallel_attn": flag(default=True),
        "bias": flag(default=False),
    },
    rope=Rope(),
    constants={"apply_residual_connection_post_layernorm": False},
    complete=_complete,
    tensors=_tensors,
    buffers=_buffers,
    embedding="transformer.word_embeddings.weight",
    head="lm_head.weight",
    projections=_projections,
)
