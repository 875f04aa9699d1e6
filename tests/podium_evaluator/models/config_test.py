"""A stranger's configuration is reduced to keys that we honour, or refused with the key's name."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium_evaluator.contract import Reason
from podium_evaluator.errors import Failure
from podium_evaluator.models.config import ModelConfig, reduce_config
from podium_evaluator.models.table import ARCHITECTURES
from tests.podium_evaluator.tiny import BART, FALCON, GEMMA2, LLAMA, config


def reduce(document: object) -> ModelConfig:
    return reduce_config(json.dumps(document).encode(), ARCHITECTURES)


def failure_of(document: object) -> Failure:
    with pytest.raises(Failure) as caught:
        reduce(document)
    return caught.value


def test_defaults_are_written_out_so_that_equal_models_have_equal_bytes() -> None:
    spelled = config(
        num_key_value_heads=2, head_dim=16, hidden_act="silu", rope_theta=10000, attention_bias=False
    )

    assert reduce(spelled).document() == reduce(LLAMA).document()


def test_harmless_keys_do_not_change_the_stored_bytes() -> None:
    noisy = config(
        torch_dtype="float32",
        transformers_version="4.1",
        _name_or_path="/home/me",
        bos_token_id=7,
        eos_token_id=[1, 2],
        attention_dropout=0.5,
        pretraining_tp=1,
        rope_scaling=None,
        quantization_config=None,
        _flash_attn_2_enabled=True,
        _num_labels=3,
        prefix=" ",
    )

    assert reduce(noisy).document() == reduce(LLAMA).document()


def test_keys_that_change_the_model_change_the_stored_bytes() -> None:
    changes: list[dict[str, Any]] = [
        {"rms_norm_eps": 1e-6},
        {"rope_theta": 20000.0},
        {"mlp_bias": True},
        {"tie_word_embeddings": False},
        {"max_position_embeddings": 4096},
        {"rope_scaling": {"type": "linear", "factor": 2.0}},
    ]

    documents = {reduce(config(**change)).document() for change in [{}, *changes]}

    assert len(documents) == len(changes) + 1


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("auto_map", {"AutoModelForCausalLM": "modeling_evil.Evil"}),
        ("quantization_config", {"quant_method": "bitsandbytes"}),
        ("attn_implementation", "someone/kernel"),
        ("_attn_implementation", "someone/kernel"),
        ("_experts_implementation", "someone/kernel"),
        ("trust_remote_code", True),
        ("transformers_weights", "adapter_model.bin"),
        ("pretraining_tp", 2),
        ("pretraining_tp", True),
        ("logit_scale", 2.0),
        ("sliding_window", 128),
        ("partial_rotary_factor", 0.5),
        ("is_decoder", True),
        ("pruned_heads", {"0": [1]}),
        ("lm_head_bias", False),
    ],
)
def test_a_key_that_we_do_not_honour_is_refused_by_name(key: str, value: object) -> None:
    failure = failure_of(config(**{key: value}))

    assert failure.reason is Reason.CONFIG_KEY_NOT_HONOURED
    assert f"'{key}'" in failure.message


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("vocab_size", 0),
        ("vocab_size", 2**60),
        ("vocab_size", "512"),
        ("vocab_size", 512.0),
        ("vocab_size", None),
        ("vocab_size", ...),
        ("hidden_size", True),
        ("hidden_size", 63),
        ("num_hidden_layers", 10**6),
        ("num_key_value_heads", 3),
        ("head_dim", 15),
        ("hidden_act", "gelu"),
        ("hidden_act", ["silu"]),
        ("rms_norm_eps", 0),
        ("rms_norm_eps", "1e-5"),
        ("tie_word_embeddings", 1),
        ("rope_theta", -1.0),
        ("rope_scaling", "linear"),
        ("rope_scaling", {"type": "dynamic", "factor": 2.0}),
        ("rope_scaling", {"type": "longrope", "factor": 2.0}),
        ("rope_scaling", {"type": "linear"}),
        ("rope_scaling", {"type": "linear", "factor": 2.0, "extra": 1}),
        ("architectures", []),
        ("architectures", ["LlamaForCausalLM", "LlamaForCausalLM"]),
        ("architectures", "LlamaForCausalLM"),
        ("model_type", "mistral"),
        ("model_type", ...),
    ],
)
def test_a_malformed_value_is_refused(key: str, value: object) -> None:
    assert failure_of(config(**{key: value})).reason is Reason.CONFIG_MALFORMED


@pytest.mark.parametrize("name", ["GPT2LMHeadModel", "os.system", "LlamaForCausalLM\n"])
def test_an_architecture_outside_the_table_is_refused(name: str) -> None:
    assert failure_of(config(architectures=[name])).reason is Reason.ARCHITECTURE_NOT_ALLOWED


def test_an_architecture_that_the_competition_does_not_list_is_refused() -> None:
    with pytest.raises(Failure, match="MistralForCausalLM") as caught:
        reduce_config(json.dumps(LLAMA).encode(), ["MistralForCausalLM", "NoSuchModel"])

    assert caught.value.reason is Reason.ARCHITECTURE_NOT_ALLOWED


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"\xff{}",
        b'{"a":1,"a":1}',
        b'{"a":NaN}',
        b'{"a":1e999}',
        b"[" * 100_000,
        b'{"a":' + b"9" * 5000 + b"}",
    ],
)
def test_what_is_no_strict_json_object_is_refused(data: bytes) -> None:
    with pytest.raises(Failure) as caught:
        reduce_config(data, ARCHITECTURES)

    assert caught.value.reason is Reason.CONFIG_MALFORMED


_KEYS = [*LLAMA, *FALCON, *BART, *GEMMA2, "rope_scaling", "rope_parameters", "rope_theta", "head_dim", "x"]
_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=8), inner, max_size=2),
)


@given(st.sampled_from([LLAMA, FALCON, BART, GEMMA2]), st.sampled_from(_KEYS), _VALUES)
def test_whatever_a_key_holds_the_answer_is_a_verdict(
    document: dict[str, Any], key: str, value: object
) -> None:
    reduced: ModelConfig | None = None
    with contextlib.suppress(Failure):
        reduced = reduce(config(document, **{key: value}))

    if reduced is not None:
        assert reduced.architecture.parameters(reduced.values) > 0
