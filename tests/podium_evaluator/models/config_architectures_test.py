"""Configurations as published: what each class honours, and what is refused because it does not."""

import json
from typing import Any

import pytest

from podium_evaluator.contract import Reason
from podium_evaluator.errors import Failure
from podium_evaluator.models.config import ModelConfig, reduce_config
from podium_evaluator.models.table import ARCHITECTURES
from tests.podium_evaluator.tiny import (
    BART,
    EVERY,
    FALCON,
    GEMMA,
    GEMMA2,
    GPT_NEOX,
    MISTRAL,
    PHI,
    PHI3,
    QWEN2,
    QWEN3,
    config,
)


def reduce(document: object) -> ModelConfig:
    return reduce_config(json.dumps(document).encode(), ARCHITECTURES)


def failure_of(document: object) -> Failure:
    with pytest.raises(Failure) as caught:
        reduce(document)
    return caught.value


@pytest.mark.parametrize(
    ("document", "key", "value"),
    [
        (MISTRAL, "layer_types", ["sliding_attention"] * 2),
        (QWEN2, "use_sliding_window", True),
        (QWEN2, "use_mrope", True),
        (QWEN3, "use_sliding_window", True),
        (GEMMA, "hidden_activation", "gelu"),
        (GEMMA, "use_bidirectional_attention", True),
        (GEMMA2, "hidden_act", "silu"),
        (GEMMA2, "use_bidirectional_attention", True),
        (PHI, "head_dim", 8),
        (PHI3, "head_dim", 8),
        (PHI3, "attention_bias", True),
        (FALCON, "apply_residual_connection_post_layernorm", True),
        (FALCON, "n_embed", 128),
        (BART, "normalize_before", True),
        (BART, "normalize_embedding", False),
        (BART, "add_final_layer_norm", True),
        (BART, "add_cross_attention", True),
        (BART, "hidden_size", 64),
        (BART, "rope_theta", 10_000.0),
        (GPT_NEOX, "head_dim", 8),
    ],
)
def test_what_a_class_would_do_otherwise_is_refused_by_name(
    document: dict[str, Any], key: str, value: object
) -> None:
    failure = failure_of({**document, key: value})

    assert failure.reason is Reason.CONFIG_KEY_NOT_HONOURED
    assert f"'{key}'" in failure.message


@pytest.mark.parametrize(
    ("document", "changes", "message"),
    [
        (QWEN3, {"layer_types": ["full_attention"]}, "num_hidden_layers"),
        (QWEN3, {"layer_types": ["full_attention", "sliding_attention"]}, "sliding_attention"),
        (QWEN3, {"head_dim": None}, "head_dim"),
        (GEMMA, {"hidden_act": "silu"}, "hidden_act"),
        (GEMMA2, {"layer_types": ["full_attention"] * 3}, "num_hidden_layers"),
        (GEMMA2, {"layer_types": ["chunked_attention"] * 2}, "chunked_attention"),
        (GEMMA2, {"layer_types": [["full_attention"]] * 2}, "layer_types"),
        (GEMMA2, {"sliding_window": None}, "sliding_window"),
        (GEMMA2, {"sliding_window_size": 41}, "sliding_window_size"),
        (GEMMA2, {"final_logit_softcapping": 0.0}, "final_logit_softcapping"),
        (GEMMA2, {"hidden_size": 66}, "hidden_size"),
        (PHI, {"partial_rotary_factor": 0.45}, "pairs, not 7"),
        (PHI, {"num_key_value_heads": 3}, "num_key_value_heads"),
        (
            PHI3,
            {"rope_scaling": {"type": "longrope", "short_factor": [1.0], "long_factor": [1.0]}},
            "longrope",
        ),
        (PHI3, {"rope_scaling": {"type": "linear", "factor": 2.0}}, "rope_type"),
        (GPT_NEOX, {"rotary_pct": 0.01}, "pairs, not 0"),
        (GPT_NEOX, {"rope_theta": 500.0}, "rope_theta"),
        (GPT_NEOX, {"partial_rotary_factor": 0.5}, "partial_rotary_factor"),
        (FALCON, {"rope_scaling": {"type": "dynamic", "factor": 2.0}}, "dynamic"),
        (FALCON, {"num_ln_in_parallel_attn": 2}, "num_ln_in_parallel_attn"),
        (FALCON, {"multi_query": False, "num_kv_heads": 2}, "num_kv_heads"),
        (FALCON, {"new_decoder_architecture": True, "parallel_attn": False}, "parallel_attn"),
        (FALCON, {"new_decoder_architecture": True, "num_kv_heads": 3}, "num_kv_heads"),
        (FALCON, {"ff_factor": 3}, "ff_factor"),
        (FALCON, {"alibi": None}, "alibi"),
        (FALCON, {"num_attention_heads": 64}, "pairs, not 1"),
        (BART, {"d_model": 66}, "d_model"),
        (BART, {"activation_function": "prelu"}, "activation_function"),
    ],
)
def test_what_a_class_could_not_compute_is_malformed(
    document: dict[str, Any], changes: dict[str, Any], message: str
) -> None:
    failure = failure_of({**document, **changes})

    assert failure.reason is Reason.CONFIG_MALFORMED
    assert message in failure.message


@pytest.mark.parametrize(
    ("document", "same"),
    [
        (GEMMA, {"hidden_act": "gelu_pytorch_tanh", "hidden_activation": "gelu_pytorch_tanh"}),
        (GEMMA, {"hidden_act": ..., "hidden_activation": None, "rope_theta": 10_000.0}),
        (GEMMA2, {"cache_implementation": "hybrid", "sliding_window_size": 40}),
        (GEMMA2, {"layer_types": ["sliding_attention", "full_attention"]}),
        (GPT_NEOX, {"rope_theta": 10_000, "partial_rotary_factor": 0.25, "rotary_pct": 0.25}),
        (PHI3, {"original_max_position_embeddings": ..., "embd_pdrop": 0.0, "rope_scaling": None}),
        (FALCON, {"num_kv_heads": 1, "max_position_embeddings": 2048, "ffn_hidden_size": 256}),
        (FALCON, {"num_ln_in_parallel_attn": 1, "ff_factor": 4}),
        (QWEN2, {"use_sliding_window": False, "sliding_window": 9, "layer_types": ["full_attention"] * 2}),
        (
            BART,
            {
                "encoder_layers": 12, "is_decoder": False, "is_encoder_decoder": True, "num_beams": 4,
                "early_stopping": True, "task_specific_params": {"summarization": {}},
                "normalize_before": False, "forced_eos_token_id": 2,
            },
        ),
    ],
)  # fmt: skip
def test_spellings_of_published_files_are_one_model(document: dict[str, Any], same: dict[str, Any]) -> None:
    assert reduce(config(document, **same)).document() == reduce(document).document()


def test_a_stored_list_is_ours_alone() -> None:
    given = ["full_attention"] * 2
    reduced = reduce(config(GEMMA2, layer_types=given))
    given.clear()

    assert reduced.values["layer_types"] == ["full_attention"] * 2


@pytest.mark.parametrize("document", EVERY.values(), ids=EVERY)
@pytest.mark.parametrize("key", ["auto_map", "quantization_config", "_attn_implementation"])
def test_no_architecture_lets_a_file_choose_code(document: dict[str, Any], key: str) -> None:
    assert failure_of({**document, key: {"x": "y"}}).reason is Reason.CONFIG_KEY_NOT_HONOURED
