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
        values = values + np.float32(1) if "norm" in name and name.endswith("weight") else values
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
