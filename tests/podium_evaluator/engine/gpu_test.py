"""What only a GPU can show: its kernels agree with the library's classes, and neighbours change no bit."""

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from podium_evaluator.engine.environment import pin_environment
from podium_evaluator.engine.generate import generate
from podium_evaluator.engine.head import gpu_kernel
from podium_evaluator.engine.memory import CPU_SIZES
from podium_evaluator.engine.model import LanguageModel
from podium_evaluator.engine.path import describe_path
from podium_evaluator.engine.score import score
from podium_evaluator.errors import submission
from podium_evaluator.sequences import Generation, TokenSequence
from podium_evaluator.tokenizers import load_encoder
from tests.podium_evaluator.engine.forests import forest, random_forest
from tests.podium_evaluator.engine.model_test import lively, load, plain
from tests.podium_evaluator.tiny import EVERY, LLAMA, tokenizer_json

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")

_WIDE: dict[str, Any] = {
    **LLAMA,
    "hidden_size": 2048,
    "intermediate_size": 5632,
    "num_attention_heads": 16,
    "num_key_value_heads": 4,
}
"""Matrices for which the libraries choose the kernels that they choose for real models."""
_MODELS = {**EVERY, "wide": _WIDE}
_EACH, _SCORE, _HALF_SCORE = 1e-4, 1e-5, 3e-3
_ENCODER = load_encoder(tokenizer_json(), 512, submission, own=False)

every_model = pytest.mark.parametrize("name", _MODELS)


@pytest.fixture(scope="module", autouse=True)
def device() -> torch.device:
    return pin_environment(2, "cuda")


def asked() -> list[TokenSequence]:
    """Questions behind a header, texts that begin each other, long ones."""
    source = random.Random(3)  # noqa: S311 - repeatable by intent
    shared = forest(source, 80, 5, 20, 4, 5, vocabulary=512)[1]
    texts = [
        TokenSequence(tuple(source.choices(range(512), k=length)), 1) for length in (3, 70, 130, 300, 500)
    ]
    return [*shared, *texts, *(one for one in random_forest(6, 512) if len(one.ids) <= 512)]


def tensors(name: str) -> dict[str, Any]:
    """Weights of usual size: losses like a trained model's, not larger than its logits are."""
    size = 64 if name == "wide" else 4
    return {
        key: tensor / size if tensor.ndim == 2 else tensor for key, tensor in lively(_MODELS[name]).items()
    }


@torch.inference_mode()
def expected_losses(name: str, dtype: torch.dtype, device: torch.device) -> Any:
    model = plain(_MODELS[name])
    size = 64 if name == "wide" else 4
    model.load_state_dict(
        {key: value / size if value.ndim == 2 else value for key, value in model.state_dict().items()}
    )
    model = model.to(dtype).to(device)
    losses = []
    for one in asked():
        ids = torch.tensor([one.ids], device=device)
        logits = model(ids, use_cache=False).logits[0, :-1]
        wide = torch.float64 if dtype == torch.float64 else torch.float32
        each = torch.nn.functional.cross_entropy(logits.to(wide), ids[0, 1:], reduction="none")
        losses.append(each[one.first - 1 :].double().cpu().numpy())
    return np.concatenate(losses)


def bits(model: LanguageModel, sequences: Sequence[TokenSequence], row_tokens: int = 1024) -> list[bytes]:
    return [one.tobytes() for one in score(model, sequences, row_tokens=row_tokens)]


def test_the_head_s_kernel_works() -> None:
    assert gpu_kernel() is not None


@every_model
def test_single_precision_is_as_good_as_double(tmp_path: Path, name: str, device: torch.device) -> None:
    model = load(tmp_path, _MODELS[name], torch.float32, tensors(name), device)

    ours = np.concatenate(score(model, asked())).astype(np.float64)
    expected = expected_losses(name, torch.float64, device)

    assert float(np.abs(ours - expected).max()) < _EACH
    assert abs(float(ours.mean() - expected.mean())) < _SCORE


@every_model
def test_a_score_in_half_the_precision_is_that_of_a_loop(
    tmp_path: Path, name: str, device: torch.device
) -> None:
    model = load(tmp_path, _MODELS[name], torch.bfloat16, tensors(name), device)

    ours = np.concatenate(score(model, asked())).astype(np.float64)
    expected = expected_losses(name, torch.bfloat16, device)

    assert abs(float(ours.mean() - expected.mean())) < _HALF_SCORE


def test_a_llama_goes_the_fast_way(tmp_path: Path, device: torch.device) -> None:
    found = describe_path(load(tmp_path, LLAMA, torch.bfloat16, None, device))

    assert found == {"attention": "packed rows, variable lengths", "head": "kernel"}


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@every_model
def test_losses_are_the_same_bits_in_any_order(
    tmp_path: Path, name: str, dtype: torch.dtype, device: torch.device
) -> None:
    model = load(tmp_path, _MODELS[name], dtype, tensors(name), device)
    sequences = asked()
    straight = bits(model, sequences)
    order = random.Random(1).sample(range(len(sequences)), len(sequences))  # noqa: S311 - as above

    assert bits(model, [sequences[index] for index in order]) == [straight[index] for index in order]
    assert bits(model, sequences) == straight


@pytest.mark.parametrize("row_tokens", [256, 4096])
@every_model
def test_losses_are_the_same_bits_in_rows_of_any_length(
    tmp_path: Path, name: str, row_tokens: int, device: torch.device
) -> None:
    """In half the precision; in single precision kernels are chosen by the length of rows, which is fixed."""
    model = load(tmp_path, _MODELS[name], torch.bfloat16, tensors(name), device)

    found, straight = bits(model, asked(), row_tokens), bits(model, asked())

    assert [mine == other for mine, other in zip(found, straight, strict=True)].count(False) == 0


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@every_model
def test_continuations_are_the_same_whatever_is_written_beside_them(
    tmp_path: Path, name: str, dtype: torch.dtype, device: torch.device
) -> None:
    model = load(tmp_path, _MODELS[name], dtype, tensors(name), device)
    source = random.Random(2)  # noqa: S311 - as above
    prompts = [tuple(source.choices(range(512), k=length)) for length in (1, 63, 64, 65, 120, 300)]
    # Neighbours that begin alike share what was read.
    prompts += [(*prompts[4][:100], *prompts[0]), prompts[3][:64]]

    def continued(some: Sequence[tuple[int, ...]], slots: int) -> list[tuple[int, ...]]:
        sizes = replace(CPU_SIZES, slots=slots)
        wanted = [Generation(prompt, 12, 1.2) for prompt in some]
        return [one.ids for one in generate(model, _ENCODER, wanted, sizes=sizes)]

    together = continued(prompts, 64)

    assert continued(prompts[::-1], 64) == together[::-1]
    assert continued(prompts, 3) == together
    assert continued(prompts[4:5], 64) == together[4:5]
