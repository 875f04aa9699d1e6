"""Llama and its relatives: pre-norm decoders with gated feed-forward and rotary embeddings."""

from __future__ import annotations

from typing import Final

from podium_evaluator.models.architecture import Architecture
from podium_evaluator.models.keys import Config, Key, Shapes, absent_or, flag, integer, one_of, real, whole
from podium_evaluator.models.rope import Rope

__all__ = ["LLAMA", "MISTRAL", "QWEN2"]

_KEYS: Final[dict[str, Key]] = {
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
_ATTENTION: Final = tuple(f"self_attn.{part}_proj" for part in "qkvo")
_PROJECTIONS: Final = tuple(
    f"model.layers.{{}}.{part}.weight" for part in (*_ATTENTION, "mlp.up_proj", "mlp.down_proj")
)


def _complete(config: Config) -> Config:
    heads, hidden = integer(config, "num_attention_heads"), integer(config, "hidden_size")
    if hidden % heads:
        raise ValueError("hidden_size must be a multiple of num_attention_heads")
    filled = dict(config)
    if filled["num_key_value_heads"] is None:
        filled["num_key_value_heads"] = heads
    if filled["head_dim"] is None:
        filled["head_dim"] = hidden // heads
    if heads % integer(filled, "num_key_value_heads"):
        raise ValueError("num_attention_heads must be a multiple of num_key_value_heads")
    if integer(filled, "head_dim") % 2:
        raise ValueError("head_dim must be even: rotary embeddings turn pairs")
    return filled


def _layer(config: Config, prefix: str) -> Shapes:
    hidden, inner = integer(config, "hidden_size"), integer(config, "intermediate_size")
    width = integer(config, "num_attention_heads") * integer(config, "head_dim")
    narrow = integer(config, "num_key_value_heads") * integer(config, "head_dim")
    shapes: Shapes = {
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
    return {f"{prefix}{name}": shape for name, shape in shapes.items()}


def _biases(config: Config, prefix: str, names: tuple[str, ...]) -> Shapes:
    layer = _layer(config, prefix)
    return {f"{prefix}{name}.bias": layer[f"{prefix}{name}.weight"][:1] for name in names}


def _tensors(config: Config, biased: tuple[str, ...] = ()) -> Shapes:
    hidden, vocabulary = integer(config, "hidden_size"), integer(config, "vocab_size")
    shapes: Shapes = {"model.embed_tokens.weight": (vocabulary, hidden), "model.norm.weight": (hidden,)}
    for index in range(integer(config, "num_hidden_layers")):
        prefix = f"model.layers.{index}."
        shapes |= _layer(config, prefix) | _biases(config, prefix, biased)
    if not config["tie_word_embeddings"]:
        shapes["lm_head.weight"] = (vocabulary, hidden)
    return shapes


def _llama_tensors(config: Config) -> Shapes:
    biased = _ATTENTION if config["attention_bias"] else ()
    if config["mlp_bias"]:
        biased += ("mlp.gate_proj", "mlp.up_proj", "mlp.down_proj")
    return _tensors(config, biased)


def _qwen2_tensors(config: Config) -> Shapes:
    return _tensors(config, _ATTENTION[:3])


def _buffers(config: Config) -> Shapes:
    layers, half = range(integer(config, "num_hidden_layers")), integer(config, "head_dim") // 2
    return {f"model.layers.{index}.self_attn.rotary_emb.inv_freq": (half,) for index in layers}


LLAMA: Final = Architecture(
    name="LlamaForCausalLM",
    model_type="llama",
    config_class="LlamaConfig",
    keys={**_KEYS, "attention_bias": flag(default=False), "mlp_bias": flag(default=False)},
    rope=Rope(),
    constants={"pretraining_tp": 1},
    complete=_complete,
    tensors=_llama_tensors,
    buffers=_buffers,
    embedding="model.embed_tokens.weight",
    head="lm_head.weight",
    renamed={},
    projections=_PROJECTIONS,
)

MISTRAL: Final = Architecture(
    name="MistralForCausalLM",
    model_type="mistral",
    config_class="MistralConfig",
    keys={
        **_KEYS,
        "num_key_value_heads": absent_or(whole(1, 4096), default=8),
        "sliding_window": absent_or(whole(1, 2**24), default=4096),
    },
    rope=Rope(),
    constants={},
    complete=_complete,
    tensors=_tensors,
    buffers=_buffers,
    embedding="model.embed_tokens.weight",
    head="lm_head.weight",
    renamed={},
    projections=_PROJECTIONS,
)

QWEN2: Final = Architecture(
    name="Qwen2ForCausalLM",
    model_type="qwen2",
    config_class="Qwen2Config",
    keys={**_KEYS, "num_key_value_heads": absent_or(whole(1, 4096), default=32)},
    rope=Rope(),
    # Without use_sliding_window the class ignores the other two, whatever they say.
    constants={"use_sliding_window": False},
    complete=_complete,
    tensors=_qwen2_tensors,
    buffers=_buffers,
    embedding="model.embed_tokens.weight",
    head="lm_head.weight",
    renamed={},
    projections=_PROJECTIONS,
)
