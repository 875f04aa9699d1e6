"""A tiny random model of every class that may enter, made by the library itself."""

from typing import Any

import torch
import transformers

from podium_evaluator.engine.model import LanguageModel

VOCABULARY = 300

_COMMON: dict[str, Any] = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "max_position_embeddings": 256,
    "initializer_range": 0.25,
    "bos_token_id": None,
    "eos_token_id": None,
    "pad_token_id": None,
}
_GROUPED = {**_COMMON, "num_key_value_heads": 2}

CLASSES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "mistral": (
        "MistralForCausalLM",
        "MistralConfig",
        {**_GROUPED, "sliding_window": 16},
    ),
    "llama": ("LlamaForCausalLM", "LlamaConfig", _GROUPED),
    "bart": (
        "BartForCausalLM",
        "BartConfig",
        {
            "vocab_size": VOCABULARY,
            "d_model": 32,
            "decoder_layers": 2,
            "decoder_attention_heads": 4,
            "decoder_ffn_dim": 64,
            "max_position_embeddings": 256,
            "init_std": 0.25,
            "bos_token_id": None,
            "eos_token_id": None,
            "pad_token_id": None,
            "forced_eos_token_id": None,
        },
    ),
    "falcon with alibi": ("FalconForCausalLM", "FalconConfig", {**_COMMON, "alibi": True}),
    "falcon": ("FalconForCausalLM", "FalconConfig", {**_COMMON, "new_decoder_architecture": True}),
    "gpt-neox": ("GPTNeoXForCausalLM", "GPTNeoXConfig", _COMMON),
    "phi": ("PhiForCausalLM", "PhiConfig", _GROUPED),
    "gemma": ("GemmaForCausalLM", "GemmaConfig", {**_GROUPED, "head_dim": 8}),
    "gemma2": (
        "Gemma2ForCausalLM",
        "Gemma2Config",
        {
            **_GROUPED,
            "head_dim": 8,
            "sliding_window": 16,
            "final_logit_softcapping": 5.0,
            "attn_implementation": "eager",
        },
    ),
    "phi3": ("Phi3ForCausalLM", "Phi3Config", _GROUPED),
    "qwen2": ("Qwen2ForCausalLM", "Qwen2Config", _GROUPED),
    "qwen3": ("Qwen3ForCausalLM", "Qwen3Config", {**_GROUPED, "head_dim": 8}),
}


def stock_model(name: str) -> Any:
    """The library's model with its own head, in single precision."""
    model_class, config_class, values = CLASSES[name]
    torch.manual_seed(4)
    model = getattr(transformers, model_class)(getattr(transformers, config_class)(**values))
    return model.eval().requires_grad_(requires_grad=False)


def language_model(model: Any) -> LanguageModel:
    """The same model as our engine holds it."""
    softcap = getattr(model.config, "final_logit_softcapping", None)
    return LanguageModel(
        model.base_model, model.get_output_embeddings(), torch.device("cpu"), VOCABULARY, softcap
    )
