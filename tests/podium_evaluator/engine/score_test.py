"""Losses are those of the stock model, one sequence at a time, and no order changes a bit."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from numpy.typing import NDArray

from podium_evaluator.contract import Fault, Reason
from podium_evaluator.engine.environment import describe_environment, pin_environment
from podium_evaluator.engine.model import LanguageModel, load_model
from podium_evaluator.engine.score import score
from podium_evaluator.errors import Failure
from podium_evaluator.hub.client import Hub
from podium_evaluator.hub.fetch import fetch
from podium_evaluator.models.config import reduce_config
from podium_evaluator.models.table import ARCHITECTURES
from podium_evaluator.sequences import TokenSequence
from podium_evaluator.store import Manifest, Store, open_manifest
from tests.podium_evaluator.engine.classes import CLASSES, VOCABULARY, language_model, stock_model
from tests.podium_evaluator.tiny import (
    BART,
    GPT_NEOX,
    LLAMA,
    config,
    fetch_request,
    random_tensors,
    write_model,
)

_CPU = torch.device("cpu")
_MISTRAL = config(architectures=["MistralForCausalLM"], model_type="mistral", sliding_window=40)
_QWEN2 = config(architectures=["Qwen2ForCausalLM"], model_type="qwen2")
_DOCUMENTS = {
    "llama": LLAMA,
    "untied": config(tie_word_embeddings=False, attention_bias=True, mlp_bias=True),
    "scaled": config(
        rope_scaling={"rope_type": "yarn", "factor": 2.0, "original_max_position_embeddings": 64}
    ),
    "mistral": _MISTRAL,
    "qwen2": _QWEN2,
    "gpt-neox": GPT_NEOX,
}


@pytest.fixture(autouse=True)
def two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def stored(folder: Path, document: dict[str, Any], dtype: str = "F32") -> tuple[Path, Manifest]:
    write_model(folder / "model", document, random_tensors(document, dtype=dtype))
    fetched = fetch(fetch_request(), Store(folder / "store"), folder, Hub(None), now=0.0)
    target = folder / "store" / "models" / fetched.manifest_digest.replace(":", "-")
    return target, open_manifest(target, fetched.manifest_digest)


def load(folder: Path, document: dict[str, Any], dtype: torch.dtype = torch.float32) -> LanguageModel:
    target, manifest = stored(folder, document)
    model_config = reduce_config((target / "config.json").read_bytes(), ARCHITECTURES)
    return load_model(target, manifest, model_config, _CPU, dtype)


def sequences(count: int = 30, longest: int = 200, vocabulary: int = 512) -> list[TokenSequence]:
    source = random.Random(7)  # noqa: S311 - repeatable by intent
    found = []
    for _ in range(count):
        ids = tuple(source.randrange(vocabulary) for _ in range(source.randint(2, longest)))
        found.append(TokenSequence(ids, source.randint(1, len(ids) - 1)))
    return found


def stock_losses(folder: Path, document: dict[str, Any], sequence: TokenSequence) -> NDArray[np.float32]:
    """What the library itself computes from the submitted files: all logits, single precision, alone."""
    model = getattr(transformers, document["architectures"][0]).from_pretrained(
        folder / "model", dtype=torch.float32
    )
    with torch.inference_mode():
        logits = model(torch.tensor([sequence.ids])).logits[0].float()
    losses = torch.nn.functional.cross_entropy(logits[:-1], torch.tensor(sequence.ids[1:]), reduction="none")
    wanted: NDArray[np.float32] = losses[sequence.first - 1 :].numpy()
    return wanted


@pytest.mark.parametrize("name", _DOCUMENTS)
def test_losses_are_those_of_the_stock_model(tmp_path: Path, name: str) -> None:
    document = _DOCUMENTS[name]
    model = load(tmp_path, document)
    asked = sequences(8)

    for sequence, losses in zip(asked, score(model, asked), strict=True):
        np.testing.assert_allclose(losses, stock_losses(tmp_path, document, sequence), atol=1e-4, rtol=0)


@pytest.mark.parametrize("name", CLASSES)
def test_losses_are_those_of_every_class_its_bound_of_logits_included(name: str) -> None:
    stock = stock_model(name)
    asked = sequences(4, 100, VOCABULARY)

    for sequence, losses in zip(asked, score(language_model(stock), asked), strict=True):
        logits = stock(torch.tensor([sequence.ids])).logits[0].double()
        expected = torch.nn.functional.cross_entropy(
            logits[:-1], torch.tensor(sequence.ids[1:]), reduction="none"
        )
        np.testing.assert_allclose(losses, expected[sequence.first - 1 :].numpy(), atol=1e-4, rtol=0)


def test_a_sequence_may_be_as_long_as_learned_positions_go(tmp_path: Path) -> None:
    document = config(BART, max_position_embeddings=100)
    write_model(tmp_path / "model", document, random_tensors(document, dtype="F32"))
    request = fetch_request(
        limits={"architectures": ["BartForCausalLM"], "maximum_parameters": 10**6, "sequence_length": 100}
    )
    fetched = fetch(request, Store(tmp_path / "store"), tmp_path, Hub(None), now=0.0)
    folder = tmp_path / "store" / "models" / fetched.manifest_digest.replace(":", "-")
    manifest = open_manifest(folder, fetched.manifest_digest)
    read = reduce_config((folder / "config.json").read_bytes(), ARCHITECTURES)
    model = load_model(folder, manifest, read, _CPU, torch.float32)

    (losses,) = score(model, [TokenSequence(tuple(range(100)), 1)])

    assert np.isfinite(losses).all()


def test_progress_is_told_up_to_the_last_sequence() -> None:
    told: list[int] = []

    score(language_model(stock_model("llama")), sequences(60, 200, VOCABULARY), told.append)

    assert told == sorted(told)
    assert told[-1] == 60
    assert len(told) > 1


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_order_of_the_input_does_not_change_a_bit(tmp_path: Path, dtype: torch.dtype) -> None:
    model = load(tmp_path, LLAMA, dtype)
    asked = sequences()
    order = list(range(len(asked)))
    random.Random(1).shuffle(order)  # noqa: S311 - repeatable by intent

    straight = score(model, asked)
    shuffled = score(model, [asked[index] for index in order])

    for position, index in enumerate(order):
        assert shuffled[position].tobytes() == straight[index].tobytes()


def test_weights_of_any_allowed_type_become_the_competitions(tmp_path: Path) -> None:
    model = load(tmp_path, LLAMA, torch.bfloat16)

    assert {parameter.dtype for parameter in model.backbone.parameters()} == {torch.bfloat16}
    assert model.head.weight is model.backbone.embed_tokens.weight
    assert model.backbone.rotary_emb.inv_freq.dtype is torch.float32, "positions keep their precision"


def test_no_sequences_have_no_losses(tmp_path: Path) -> None:
    assert score(load(tmp_path, LLAMA), []) == []


def test_a_flipped_bit_in_the_store_is_noticed(tmp_path: Path) -> None:
    target, manifest = stored(tmp_path, LLAMA)
    model_config = reduce_config(json.dumps(LLAMA).encode(), ARCHITECTURES)
    path = target / "model.safetensors"
    whole = path.read_bytes()

    for damaged in (whole[:-1] + bytes([whole[-1] ^ 1]), whole[:-1], b"", b"\xff" + whole[1:]):
        path.write_bytes(damaged)
        with pytest.raises(Failure) as caught:
            load_model(target, manifest, model_config, _CPU)
        assert (caught.value.fault, caught.value.reason) == (
            Fault.INFRASTRUCTURE,
            Reason.STORED_BYTES_CHANGED,
        )


def test_overwriting_the_file_after_loading_changes_nothing(tmp_path: Path) -> None:
    asked = sequences(3)
    model = load(tmp_path, LLAMA, torch.bfloat16)
    before = score(model, asked)

    for path in tmp_path.glob("store/models/*/model.safetensors"):
        path.write_bytes(bytes(path.stat().st_size))

    assert [part.tobytes() for part in score(model, asked)] == [part.tobytes() for part in before]


def test_the_environment_names_what_decides_bits() -> None:
    device = pin_environment(threads=1)
    described = describe_environment(device, torch.bfloat16, 1)

    assert torch.get_num_threads() == 1
    assert described["torch"] == torch.__version__
    assert described["transformers"] == transformers.__version__
    assert (described["dtype"], described["threads"]) == ("bfloat16", "1")
    assert {"cpu", "gpu"} & described.keys()
