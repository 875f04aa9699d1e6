"""Tiny models, tokenizers and requests, made without torch so that most tests need none."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from podium_evaluator.contract import FetchRequest, VolumeSource
from podium_evaluator.models.config import reduce_config
from podium_evaluator.models.table import ARCHITECTURES

NONCE = "0123456789abcdef" * 2
SEED = "5e" * 32

LLAMA: dict[str, Any] = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "vocab_size": 512,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 2048,
    "rms_norm_eps": 1e-5,
    "tie_word_embeddings": True,
    "torch_dtype": "bfloat16",
}
GPT_NEOX: dict[str, Any] = {
    "architectures": ["GPTNeoXForCausalLM"],
    "model_type": "gpt_neox",
    "vocab_size": 512,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "max_position_embeddings": 1024,
}

MISTRAL: dict[str, Any] = {
    **LLAMA,
    "architectures": ["MistralForCausalLM"],
    "model_type": "mistral",
    "sliding_window": 40,
}
QWEN2: dict[str, Any] = {**LLAMA, "architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2"}
QWEN3: dict[str, Any] = {
    **LLAMA,
    "architectures": ["Qwen3ForCausalLM"],
    "model_type": "qwen3",
    "head_dim": 24,
}
GEMMA: dict[str, Any] = {
    **LLAMA,
    "architectures": ["GemmaForCausalLM"],
    "model_type": "gemma",
    "head_dim": 24,
    "hidden_act": "gelu",
}
GEMMA2: dict[str, Any] = {
    **GEMMA,
    "architectures": ["Gemma2ForCausalLM"],
    "model_type": "gemma2",
    "hidden_act": "gelu_pytorch_tanh",
    "hidden_activation": "gelu_pytorch_tanh",
    "query_pre_attn_scalar": 20,
    "sliding_window": 40,
    # Bounds that random weights come near to.
    "attn_logit_softcapping": 0.5,
    "final_logit_softcapping": 0.5,
}
PHI: dict[str, Any] = {
    "architectures": ["PhiForCausalLM"],
    "model_type": "phi",
    "vocab_size": 512,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "max_position_embeddings": 1024,
    "partial_rotary_factor": 0.4,
    "resid_pdrop": 0.1,
}
PHI3: dict[str, Any] = {
    **LLAMA,
    "architectures": ["Phi3ForCausalLM"],
    "model_type": "phi3",
    "tie_word_embeddings": False,
    "original_max_position_embeddings": 2048,
    "sliding_window": 40,
    "attention_bias": False,
}
FALCON: dict[str, Any] = {
    "architectures": ["FalconForCausalLM"],
    "model_type": "falcon",
    "vocab_size": 512,
    "hidden_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
}
BART: dict[str, Any] = {
    "architectures": ["BartForCausalLM"],
    "model_type": "bart",
    "vocab_size": 512,
    "d_model": 64,
    "decoder_layers": 2,
    "decoder_attention_heads": 4,
    "decoder_ffn_dim": 128,
    "encoder_layers": 3,
    "max_position_embeddings": 512,
    "is_decoder": True,
    "is_encoder_decoder": False,
}
EVERY: dict[str, dict[str, Any]] = {
    document["architectures"][0]: document
    for document in (
        BART, FALCON, GEMMA, GEMMA2, GPT_NEOX, LLAMA, MISTRAL, PHI, PHI3, QWEN2, QWEN3,
    )
}  # fmt: skip
"""One model of each architecture of the table, by class."""

_FALCON_SECOND: dict[str, Any] = {**FALCON, "new_decoder_architecture": True, "num_kv_heads": 2}
_FALCON_ALIBI: dict[str, Any] = {
    **FALCON, "alibi": True, "bias": True, "multi_query": False, "parallel_attn": False,
}  # fmt: skip
_FULL: dict[str, Any] = {"layer_types": ["full_attention", "full_attention"]}
VARIANTS: dict[str, dict[str, Any]] = {
    **EVERY,
    "llama-untied": {**LLAMA, "tie_word_embeddings": False, "attention_bias": True, "mlp_bias": True},
    "llama-wide-heads": {**LLAMA, "head_dim": 32, "num_key_value_heads": None},
    "llama-linear": {**LLAMA, "rope_scaling": {"type": "linear", "factor": 2.0}},
    "llama-yarn": {
        **LLAMA,
        "rope_scaling": {"rope_type": "yarn", "factor": 2.0, "original_max_position_embeddings": 64},
    },
    "mistral-nemo": {**MISTRAL, "sliding_window": None, "head_dim": 8, "tie_word_embeddings": False},
    "qwen2-windowless": {
        **QWEN2, **_FULL, "use_sliding_window": False, "sliding_window": 4096, "max_window_layers": 1,
    },
    "qwen3-biased": {**QWEN3, **_FULL, "attention_bias": True, "tie_word_embeddings": False},
    "gemma-untied": {**GEMMA, "attention_bias": True, "tie_word_embeddings": False},
    "gemma2-unbounded": {
        **GEMMA2,
        "attn_logit_softcapping": None,
        "final_logit_softcapping": None,
        "attention_bias": True,
        "layer_types": ["full_attention", "sliding_attention"],
        "sliding_window_size": 40,
    },
    "gpt-neox-serial": {
        **GPT_NEOX, "attention_bias": False, "tie_word_embeddings": True, "rotary_pct": 0.5,
        "use_parallel_residual": False,
    },
    "phi-grouped": {**PHI, "num_key_value_heads": 2, "qk_layernorm": True, "hidden_act": "relu"},
    "phi-tied": {**PHI, "tie_word_embeddings": True, "partial_rotary_factor": 1.0},
    "phi3-tied": {
        **PHI3, "tie_word_embeddings": True, "sliding_window": None, "partial_rotary_factor": 0.5,
    },
    "falcon-40b": _FALCON_SECOND,
    "falcon-11b": {
        **_FALCON_SECOND, "num_ln_in_parallel_attn": 1, "ffn_hidden_size": 128, "ff_factor": 2,
        "tie_word_embeddings": False, "rope_theta": 500_000.0,
    },
    "falcon-rw": _FALCON_ALIBI,
    "falcon-alibi-six-heads": {**_FALCON_ALIBI, "hidden_size": 48, "num_attention_heads": 6, "bias": False},
    "falcon-serial": {**FALCON, "parallel_attn": False, "multi_query": False, "activation": "gelu_new"},
    "bart-scaled": {
        **BART, "scale_embedding": True, "tie_word_embeddings": False, "activation_function": "relu",
    },
}  # fmt: skip
"""What the architectures of the table may be, by a name for messages."""

Tensors = dict[str, NDArray[Any]]
_DTYPES = {"float32": "F32", "float16": "F16", "uint16": "BF16", "uint8": "U8", "int32": "I32"}


def config(base: dict[str, Any] = LLAMA, **changes: Any) -> dict[str, Any]:
    """A configuration with changed keys; a key set to `...` is left out."""
    return {key: value for key, value in {**base, **changes}.items() if value is not ...}


def bfloat16(values: NDArray[np.float32]) -> NDArray[np.uint16]:
    """The upper halves of single-precision numbers."""
    return (values.view(np.uint32) >> 16).astype(np.uint16)


def random_tensors(document: dict[str, Any], seed: int = 0, dtype: str = "BF16") -> Tensors:
    """Random weights for a configuration, norms around one."""
    reduced = reduce_config(json.dumps(document).encode(), ARCHITECTURES)
    generator = np.random.default_rng(seed)
    found: Tensors = {}
    for name, shape in reduced.architecture.tensors(reduced.values).items():
        values = generator.standard_normal(shape, dtype=np.float32) * 0.05
        if name.endswith("weight") and ("norm" in name or ".ln_" in name):
            values += 1
        found[name] = values if dtype == "F32" else bfloat16(values)
    return found


def safetensors_bytes(tensors: Tensors, metadata: dict[str, str] | None = None) -> bytes:
    """A safetensors file; arrays of uint16 count as bfloat16."""
    header: dict[str, Any] = {"__metadata__": metadata} if metadata else {}
    position = 0
    for name, tensor in tensors.items():
        header[name] = {
            "dtype": _DTYPES[tensor.dtype.name],
            "shape": list(tensor.shape),
            "data_offsets": [position, position + tensor.nbytes],
        }
        position += tensor.nbytes
    return with_header(json.dumps(header).encode(), b"".join(tensor.tobytes() for tensor in tensors.values()))


def with_header(header: bytes, data: bytes) -> bytes:
    """A file of the format with this header."""
    return len(header).to_bytes(8, "little") + header + data


def tokenizer_json() -> bytes:
    """A byte-level tokenizer: 256 letters, the template's marks as tokens 256 and 257."""
    vocabulary = {letter: index for index, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(["<|im_start|>", "<|im_end|>"])
    return tokenizer.to_str().encode()


def write_model(
    folder: Path, document: dict[str, Any] = LLAMA, tensors: Tensors | None = None, seed: int = 0
) -> Path:
    """A submission's folder: config.json, model.safetensors, tokenizer.json."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(document), encoding="utf-8")
    weights = random_tensors(document, seed) if tensors is None else tensors
    (folder / "model.safetensors").write_bytes(safetensors_bytes(weights))
    (folder / "tokenizer.json").write_bytes(tokenizer_json())
    return folder


def fetch_request(**changes: Any) -> FetchRequest:
    """A request for the folder `model` of a volume with the submission's own tokenizer."""
    document: dict[str, Any] = {
        "nonce": NONCE,
        "source": VolumeSource(path="model"),
        "maximum_bytes": 10_000_000,
        "limits": {
            "architectures": tuple(ARCHITECTURES),
            "maximum_parameters": 1_000_000,
            "sequence_length": 512,
        },
        "tokenizer": {"policy": "Own"},
    }
    return FetchRequest.model_validate({**document, **changes})
