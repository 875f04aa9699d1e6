"""Configurations of published models, as their files spell them, have the published number of parameters."""

import json
from typing import Any

import pytest

from podium_evaluator.models.config import reduce_config
from podium_evaluator.models.table import ARCHITECTURES


def published(kind: str, model_type: str, **keys: Any) -> dict[str, Any]:
    return {"architectures": [f"{kind}ForCausalLM"], "model_type": model_type, **keys}


_LLAMA3 = {
    "factor": 32.0, "high_freq_factor": 4.0, "low_freq_factor": 1.0,
    "original_max_position_embeddings": 8192, "rope_type": "llama3",
}  # fmt: skip
_FALCON = {
    "alibi": False, "apply_residual_connection_post_layernorm": False, "attention_dropout": 0.0,
    "bias": False, "bos_token_id": 11, "eos_token_id": 11, "hidden_dropout": 0.0,
    "initializer_range": 0.02, "layer_norm_epsilon": 1e-05, "vocab_size": 65024,
}  # fmt: skip
_GEMMA = {
    "attention_bias": False, "attention_dropout": 0.0, "bos_token_id": 2, "eos_token_id": 1,
    "head_dim": 256, "initializer_range": 0.02, "max_position_embeddings": 8192, "pad_token_id": 0,
    "rms_norm_eps": 1e-06, "rope_theta": 10000.0, "use_cache": True, "vocab_size": 256000,
}  # fmt: skip
_GEMMA2 = {
    **_GEMMA, "attn_logit_softcapping": 50.0, "cache_implementation": "hybrid",
    "final_logit_softcapping": 30.0, "hidden_act": "gelu_pytorch_tanh",
    "hidden_activation": "gelu_pytorch_tanh", "sliding_window": 4096,
}  # fmt: skip
_MODELS: list[tuple[int, dict[str, Any]]] = [
    (
        1_235_814_400,
        published(
            "Llama", "llama", vocab_size=128256, hidden_size=2048, intermediate_size=8192,
            num_hidden_layers=16, num_attention_heads=32, num_key_value_heads=8, head_dim=64,
            max_position_embeddings=131072, rms_norm_eps=1e-05, rope_scaling=_LLAMA3, rope_theta=500000.0,
            tie_word_embeddings=True, attention_bias=False, mlp_bias=False, pretraining_tp=1,
        ),
    ),
    (
        7_248_023_552,
        published(
            "Mistral", "mistral", vocab_size=32768, hidden_size=4096, intermediate_size=14336,
            num_hidden_layers=32, num_attention_heads=32, num_key_value_heads=8,
            max_position_embeddings=32768, rms_norm_eps=1e-05, rope_theta=1000000.0, sliding_window=None,
            hidden_act="silu", tie_word_embeddings=False,
        ),
    ),
    (
        494_032_768,
        published(
            "Qwen2", "qwen2", vocab_size=151936, hidden_size=896, intermediate_size=4864,
            num_hidden_layers=24, num_attention_heads=14, num_key_value_heads=2,
            max_position_embeddings=32768, max_window_layers=21, sliding_window=32768,
            use_sliding_window=False, tie_word_embeddings=True, rope_theta=1000000.0,
        ),
    ),
    (
        1_777_088_000,
        published(
            "Qwen2", "qwen2", vocab_size=151936, hidden_size=1536, intermediate_size=8960,
            num_hidden_layers=28, num_attention_heads=12, num_key_value_heads=2,
            max_position_embeddings=131072, max_window_layers=21, sliding_window=4096, use_mrope=False,
            use_sliding_window=False, tie_word_embeddings=False, rope_theta=10000,
        ),
    ),
    (
        596_049_920,
        published(
            "Qwen3", "qwen3", vocab_size=151936, hidden_size=1024, intermediate_size=3072,
            num_hidden_layers=28, num_attention_heads=16, num_key_value_heads=8, head_dim=128,
            max_position_embeddings=40960, max_window_layers=28, sliding_window=None,
            use_sliding_window=False, tie_word_embeddings=True, attention_bias=False, rope_scaling=None,
        ),
    ),
    (
        2_506_172_416,
        published(
            "Gemma", "gemma", **_GEMMA, hidden_act="gelu", hidden_size=2048, intermediate_size=16384,
            num_attention_heads=8, num_hidden_layers=18, num_key_value_heads=1, rope_scaling=None,
        ),
    ),
    (
        8_537_680_896,
        published(
            "Gemma", "gemma", **_GEMMA, hidden_act="gelu_pytorch_tanh", hidden_activation=None,
            hidden_size=3072, intermediate_size=24576, num_attention_heads=16, num_hidden_layers=28,
            num_key_value_heads=16,
        ),
    ),
    (
        2_614_341_888,
        published(
            "Gemma2", "gemma2", **_GEMMA2, hidden_size=2304, intermediate_size=9216,
            num_attention_heads=8, num_hidden_layers=26, num_key_value_heads=4, query_pre_attn_scalar=256,
        ),
    ),
    (
        9_241_705_984,
        published(
            "Gemma2", "gemma2", **_GEMMA2, hidden_size=3584, intermediate_size=14336,
            num_attention_heads=16, num_hidden_layers=42, num_key_value_heads=8,
            query_pre_attn_scalar=256, sliding_window_size=4096,
        ),
    ),
    (
        2_779_683_840,
        published(
            "Phi", "phi", vocab_size=51200, hidden_size=2560, intermediate_size=10240,
            num_hidden_layers=32, num_attention_heads=32, num_key_value_heads=32, hidden_act="gelu_new",
            embd_pdrop=0.0, resid_pdrop=0.1, layer_norm_eps=1e-05, max_position_embeddings=2048,
            partial_rotary_factor=0.4, qk_layernorm=False, rope_scaling=None, rope_theta=10000.0,
            tie_word_embeddings=False,
        ),
    ),
    (
        3_821_079_552,
        published(
            "Phi3", "phi3", vocab_size=32064, hidden_size=3072, intermediate_size=8192,
            num_hidden_layers=32, num_attention_heads=32, num_key_value_heads=32, attention_bias=False,
            embd_pdrop=0.0, resid_pdrop=0.0, max_position_embeddings=4096,
            original_max_position_embeddings=4096, rms_norm_eps=1e-05, rope_scaling=None,
            sliding_window=2047, tie_word_embeddings=False,
        ),
    ),
    (
        14_659_507_200,
        published(
            "Phi3", "phi3", vocab_size=100352, hidden_size=5120, intermediate_size=17920,
            num_hidden_layers=40, num_attention_heads=40, num_key_value_heads=10, attention_bias=False,
            max_position_embeddings=16384, original_max_position_embeddings=16384, rope_theta=250000,
            sliding_window=None, tie_word_embeddings=False,
        ),
    ),
    (
        6_921_720_704,
        published(
            "Falcon", "falcon", **_FALCON, hidden_size=4544, num_hidden_layers=32, num_attention_heads=71,
            multi_query=True, new_decoder_architecture=False, parallel_attn=True,
        ),
    ),
    (
        41_303_293_952,
        published(
            "Falcon", "falcon", **_FALCON, hidden_size=8192, num_hidden_layers=60,
            num_attention_heads=128, num_kv_heads=8, new_decoder_architecture=True, parallel_attn=True,
        ),
    ),
    (
        1_311_625_216,
        published(
            "Falcon", "falcon", **{**_FALCON, "alibi": True, "bias": True, "vocab_size": 50304},
            hidden_size=2048, num_hidden_layers=24, num_attention_heads=32, multi_query=False,
            parallel_attn=False, new_decoder_architecture=False,
        ),
    ),
    (
        1_011_781_632,
        published(
            "GPTNeoX", "gpt_neox", vocab_size=50304, hidden_size=2048, intermediate_size=8192,
            num_hidden_layers=16, num_attention_heads=8, hidden_act="gelu", layer_norm_eps=1e-05,
            max_position_embeddings=2048, rotary_emb_base=10000, rotary_pct=0.25,
            tie_word_embeddings=False, use_parallel_residual=True,
        ),
    ),
    (
        20_554_567_680,
        published(
            "GPTNeoX", "gpt_neox", vocab_size=50432, hidden_size=6144, intermediate_size=24576,
            num_hidden_layers=44, num_attention_heads=64, hidden_act="gelu_fast", layer_norm_eps=1e-05,
            attention_probs_dropout_prob=0, hidden_dropout_prob=0, max_position_embeddings=2048,
            rotary_emb_base=10000, rotary_pct=0.25, tie_word_embeddings=False,
        ),
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("parameters", "document"), _MODELS, ids=[f"{one[1]['model_type']} {one[0]}" for one in _MODELS]
)
def test_a_published_file_is_read_and_counted(parameters: int, document: dict[str, Any]) -> None:
    reduced = reduce_config(json.dumps(document).encode(), ARCHITECTURES)

    assert reduced.architecture.parameters(reduced.values) == parameters
