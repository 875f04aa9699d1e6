"""What Llama and its relatives share: pre-norm decoders with gated feed-forward and rotary embeddings."""

from __future__ import annotations

from typing import Final

from podium_evaluator.models.keys import (
    Config,
    Key,
    Shapes,
    absent_or,
    flag,
    integer,
    one_of,
    real,
    require_multiple,
    whole,
)
from podium_evaluator.models.projection import EVERY_ROW, Projections, projections
from podium_evaluator.models.rope import rotated

__all__ = [
    "ATTENTION",
    "EMBEDDING",
    "FEED_FORWARD",
    "HEAD",
    "KEYS",
    "complete",
    "complete_whole",
    "frame",
    "layer",
    "layer_projections",
    "old_frequencies",
    "tensors",
]

EMBEDDING: Final = "model.embed_tokens.weight"
HEAD: Final = "lm_head.weight"
ATTENTION: Final = tuple(f"self_attn.{part}_proj" for part in "qkvo")
FEED_FORWARD: Final = tuple(f"mlp.{part}_proj" for part in ("gate", "up", "down"))
_LAYER: Final = "model.layers.{}."

KEYS: Final[dict[str, Key]] = {
    "vocab_size": whole(1, 2**22),
    "hidden_size": whole(1, 2**17),
    "intermediate_size": whole(1, 2**20),
    "num_hidden_layers": whole(1, 1024),
    "num_attention_heads": whole(1, 4096),
    "num_key_value_heads": absent_or(whole(1, 4096)),
    "head_dim": absent_or(whole(2, 1024)),
    "hidden_act": one_of("silu", default="silu"),
    "max_position_embeddings": whole(1, 2**24),
    "rms_norm_eps": real(1e-12, 1.0, 1e-6),
    "tie_word_embeddings": flag(default=False),
}


def complete(config: Config) -> Config:
    """Fill in what follows from the number of heads."""
    filled = dict(config)
    if filled["num_key_value_heads"] is None:
        filled["num_key_value_heads"] = filled["num_attention_heads"]
    if filled["head_dim"] is None:
        require_multiple(config, "hidden_size", "num_attention_heads")
        filled["head_dim"] = integer(config, "hidden_size") // integer(config, "num_attention_heads")
    require_multiple(filled, "num_attention_heads", "num_key_value_heads")
    rotated(filled, integer(filled, "head_dim"))
    return filled


def complete_whole(config: Config) -> Config:
    """The same where the class refuses a width that is no multiple of the heads, whatever `head_dim` is."""
    require_multiple(config, "hidden_size", "num_attention_heads")
    return complete(config)


def layer(config: Config) -> Shapes:
    """The tensors of one layer without biases, names after the layer's prefix."""
    hidden, inner = integer(config, "hidden_size"), integer(config, "intermediate_size")
    width = integer(config, "num_attention_heads") * integer(config, "head_dim")
    narrow = integer(config, "num_key_value_heads") * integer(config, "head_dim")
    return {
        "input_layernorm.weight": (hidden,),
        "post_attention_layernorm.weight": (hidden,),
        "self_attn.q_proj.weight": (width, hidden),
        "self_attn.k_proj.weight": (narrow, hidden),
        "self_attn.v_proj.weight": (narrow, hidden),
        "self_attn.o_proj.weight": (hidden, width),
        "mlp.gate_proj.weight": (inner, hidden),
        "mlp.up_proj.weight": (inner, hidden),
        "mlp.down_proj.weight": (hidden, inner),
    }


def tensors(config: Config, biased: tuple[str, ...] = (), more: Shapes | None = None) -> Shapes:
    """All tensors.

    Args:
        config: A completed configuration.
        biased: Matrices of each layer that have a bias.
        more: Further tensors of each layer.
    """
    shapes = layer(config)
    shapes |= {f"{name}.bias": shapes[f"{name}.weight"][:1] for name in biased}
    return frame(config, shapes | (more or {}))


def frame(config: Config, shapes: Shapes) -> Shapes:
    """Layers of these tensors between embedding, last norm and head."""
    hidden, vocabulary = integer(config, "hidden_size"), integer(config, "vocab_size")
    found: Shapes = {EMBEDDING: (vocabulary, hidden), "model.norm.weight": (hidden,)}
    for index in range(integer(config, "num_hidden_layers")):
        found |= {_LAYER.format(index) + name: shape for name, shape in shapes.items()}
    if not config["tie_word_embeddings"]:
        found[HEAD] = (vocabulary, hidden)
    return found


def old_frequencies(config: Config) -> Shapes:
    """Frequencies of the rotary embedding that older checkpoints repeat in each layer."""
    layers, half = range(integer(config, "num_hidden_layers")), integer(config, "head_dim") // 2
    return {f"{_LAYER.format(index)}self_attn.rotary_emb.inv_freq": (half,) for index in layers}


def layer_projections(config: Config) -> Projections:
    """Six matrices a layer; the gate is not counted."""
    names = (*ATTENTION, *FEED_FORWARD[1:])
    parts = {name.split(".")[1]: (f"{name}.weight", EVERY_ROW) for name in names}
    return projections(integer(config, "num_hidden_layers"), _LAYER, parts)
