"""Every row of the table says what the real class says."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers

from podium_evaluator.models.config import ModelConfig, reduce_config
from podium_evaluator.models.harmless import HARMLESS
from podium_evaluator.models.table import ARCHITECTURES
from podium_evaluator.weights.check import check_tensors
from podium_evaluator.weights.header import read_header
from tests.podium_evaluator.tiny import EVERY, VARIANTS

_KINDS = {"q_proj", "k_proj", "v_proj", "o_proj", "up_proj", "down_proj"}
_CHECKED_ONLY = {"ff_factor", "max_window_layers", "partial_rotary_factor", "sliding_window_size"}
"""Keys that the library keeps beside those that it reads; ours are dropped once they agree with these."""


def reduced(document: dict[str, Any]) -> ModelConfig:
    return reduce_config(json.dumps(document).encode(), ARCHITECTURES)


def model_of(model_config: ModelConfig, given: dict[str, Any] | None = None) -> Any:  # the library is untyped
    architecture = model_config.architecture
    config_class = getattr(transformers, architecture.config_class)
    # A copy, since the library changes what it is given.
    document = json.loads(json.dumps(model_config.values if given is None else given))
    real = config_class(**document) if given is None else config_class.from_dict(document)
    real.pad_token_id = None
    with torch.device("meta"):
        return getattr(transformers, architecture.name)(real)


def test_the_table_holds_the_competitions_architectures_and_two_more() -> None:
    assert ARCHITECTURES.keys() == EVERY.keys()
    assert {f"{name}ForCausalLM" for name in ("Qwen2", "Qwen3")} < ARCHITECTURES.keys()
    assert len(ARCHITECTURES) == 11


@pytest.mark.parametrize("document", VARIANTS.values(), ids=VARIANTS)
def test_names_and_shapes_are_those_of_the_real_class(document: dict[str, Any]) -> None:
    ours = reduced(document)
    model = model_of(ours)
    architecture, shapes = ours.architecture, ours.architecture.tensors(ours.values)

    named = {architecture.renamed.get(name, name): shape for name, shape in shapes.items()}
    head = architecture.renamed.get(architecture.head, architecture.head)
    if ours.values["tie_word_embeddings"]:
        named[head] = named[architecture.embedding]
    assert named == {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    assert architecture.parameters(ours.values) == sum(one.numel() for one in model.parameters())


@pytest.mark.parametrize("document", VARIANTS.values(), ids=VARIANTS)
def test_the_library_reads_the_submitted_file_as_we_do(document: dict[str, Any]) -> None:
    ours = reduced(document)

    theirs = model_of(ours, document).config.to_dict()
    rebuilt = model_of(ours).config.to_dict()

    theirs.get("rope_parameters", {}).pop("type", None)
    ignored = HARMLESS | ours.architecture.unused | ours.architecture.constants.keys() | _CHECKED_ONLY
    assert {key: rebuilt[key] for key in ours.values} == ours.values
    assert {key: one for key, one in theirs.items() if key not in ignored} == {
        key: rebuilt[key] for key in theirs if key not in ignored
    }


@pytest.mark.parametrize("document", EVERY.values(), ids=EVERY)
def test_what_the_library_saves_may_enter_as_the_same_model(document: dict[str, Any], tmp_path: Path) -> None:
    ours = reduced(document)
    model = model_of(ours, document).to_empty(device="cpu")

    model.save_pretrained(tmp_path)

    saved = reduce_config((tmp_path / "config.json").read_bytes(), ARCHITECTURES)
    assert saved.document() == ours.document()
    with (tmp_path / "model.safetensors").open("rb") as file:
        check_tensors(read_header(file, (tmp_path / "model.safetensors").stat().st_size).tensors, saved)


@pytest.mark.parametrize("document", VARIANTS.values(), ids=VARIANTS)
def test_reducing_what_was_stored_changes_nothing(document: dict[str, Any]) -> None:
    once = reduced(document)

    assert reduce_config(once.document(), ARCHITECTURES).document() == once.document()


@pytest.mark.parametrize("document", VARIANTS.values(), ids=VARIANTS)
def test_special_names_exist(document: dict[str, Any]) -> None:
    ours = reduced(document)
    architecture, names = ours.architecture, ours.architecture.tensors(ours.values)

    assert architecture.embedding in names
    assert (architecture.head in names) is not ours.values["tie_word_embeddings"]
    assert not names.keys() & architecture.buffers(ours.values).keys()


@pytest.mark.parametrize("document", VARIANTS.values(), ids=VARIANTS)
def test_six_kinds_of_projections_are_measured_in_each_layer(document: dict[str, Any]) -> None:
    ours = reduced(document)
    kinds = ours.architecture.projections(ours.values)
    shapes = ours.architecture.tensors(ours.values)

    assert kinds.keys() == _KINDS
    assert {len(layers) for layers in kinds.values()} == {2}
    for layers in kinds.values():
        for layer, one in enumerate(layers):
            assert f".{layer}." in one.tensor
            assert shapes[one.tensor][0] % one.rows.period == 0
