"""Every row of the table says what the real class says."""

import json
from typing import Any

import pytest
import torch
import transformers

from podium_evaluator.models.config import ModelConfig, reduce_config
from podium_evaluator.models.table import ARCHITECTURES
from tests.podium_evaluator.tiny import GPT_NEOX, LLAMA, config

_MISTRAL = config(architectures=["MistralForCausalLM"], model_type="mistral")
_QWEN2 = config(architectures=["Qwen2ForCausalLM"], model_type="qwen2")
_DOCUMENTS = [
    LLAMA,
    config(tie_word_embeddings=False, attention_bias=True, mlp_bias=True),
    config(head_dim=32, num_key_value_heads=...),
    config(rope_scaling={"type": "linear", "factor": 2.0}),
    config(rope_scaling={"type": "yarn", "factor": 2.0}),
    _MISTRAL,
    {**_MISTRAL, "sliding_window": None, "head_dim": 8},
    _QWEN2,
    {**_QWEN2, "use_sliding_window": False, "sliding_window": 4096, "max_window_layers": 1},
    GPT_NEOX,
    {**GPT_NEOX, "attention_bias": False, "tie_word_embeddings": True, "rotary_pct": 0.5},
]


def reduced(document: dict[str, Any]) -> ModelConfig:
    return reduce_config(json.dumps(document).encode(), ARCHITECTURES)


def model_of(model_config: ModelConfig) -> Any:  # the library is untyped
    architecture = model_config.architecture
    config_class = getattr(transformers, architecture.config_class)
    with torch.device("meta"):
        return getattr(transformers, architecture.name)(config_class(**model_config.values))


@pytest.mark.parametrize("document", _DOCUMENTS)
def test_names_and_shapes_are_those_of_the_real_class(document: dict[str, Any]) -> None:
    ours = reduced(document)
    model = model_of(ours)

    renamed = ours.architecture.renamed
    assert {
        renamed.get(name, name): shape for name, shape in ours.architecture.tensors(ours.values).items()
    } == {name: tuple(parameter.shape) for name, parameter in model.named_parameters()}
    assert ours.architecture.parameters(ours.values) == sum(one.numel() for one in model.parameters())


@pytest.mark.parametrize("document", _DOCUMENTS)
def test_the_values_that_we_honour_arrive_in_the_real_configuration(document: dict[str, Any]) -> None:
    ours = reduced(document)
    real = model_of(ours).config

    for key, value in ours.values.items():
        assert getattr(real, key) == value


@pytest.mark.parametrize("document", _DOCUMENTS)
def test_the_library_reads_the_submitted_file_as_we_do(
    document: dict[str, Any],
) -> None:
    ours = reduced(document)
    config_class = getattr(transformers, ours.architecture.config_class)

    theirs = config_class.from_dict(dict(document)).to_dict()
    rebuilt = config_class(**ours.values).to_dict()

    theirs["rope_parameters"].pop("type", None)
    unused = {"dtype", "architectures", "max_window_layers"}
    assert {key: one for key, one in theirs.items() if key not in unused} == {
        key: rebuilt[key] for key in theirs if key not in unused
    }


@pytest.mark.parametrize("document", _DOCUMENTS)
def test_special_names_exist(document: dict[str, Any]) -> None:
    ours = reduced(document)
    architecture, names = ours.architecture, ours.architecture.tensors(ours.values)

    assert architecture.embedding in names
    assert (architecture.head in names) is not ours.values["tie_word_embeddings"]
    assert {kind.format(1) for kind in architecture.projections} <= names.keys()
    assert not names.keys() & architecture.buffers(ours.values).keys()
