"""However losses are shared, packed and tiled, they are those of the library's class, one text at a time."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch

from podium_evaluator.engine.model import LanguageModel
from podium_evaluator.engine.score import score
from podium_evaluator.sequences import TokenSequence
from tests.podium_evaluator.engine.forests import forest, random_forest
from tests.podium_evaluator.engine.model_test import lively, load, plain
from tests.podium_evaluator.tiny import EVERY

_EACH = 1e-4
"""In single precision, a token's loss against double precision throughout."""
_SCORE = 1e-5
"""The same of the mean loss."""
_HALF_SCORE = 3e-3
"""In half the precision, the mean loss against a loop that takes its losses in single precision."""

_SOURCE = random.Random(8)  # noqa: S311 - repeatable by intent
_ASKED = [
    *forest(_SOURCE, 90, 4, 20, 4, 5, vocabulary=512)[1],
    *(one for one in random_forest(3, 512, 24) if len(one.ids) <= 512),
    TokenSequence(tuple(_SOURCE.choices(range(512), k=500)), 1),
]
"""Questions behind a header, texts that begin each other, a long one, one whose reference is empty."""


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@dataclass(frozen=True)
class Loop:
    """The library's class: a batch of one, all logits, the loss of each token."""

    model: Any  # transformers publishes no types
    dtype: torch.dtype

    @torch.inference_mode()
    def __call__(self, sequence: TokenSequence) -> np.ndarray[Any, np.dtype[np.float64]]:
        logits = self.model(torch.tensor([sequence.ids]), use_cache=False).logits[0, :-1]
        targets = torch.tensor(sequence.ids[1:])
        losses = torch.nn.functional.cross_entropy(logits.to(self.dtype), targets, reduction="none")
        return np.asarray(losses[sequence.first - 1 :].double().numpy())


def losses(model: LanguageModel, loop: Callable[[TokenSequence], Any]) -> tuple[Any, Any]:
    """All tokens' losses, ours and the loop's."""
    ours = np.concatenate(score(model, _ASKED)).astype(np.float64)
    return ours, np.concatenate([loop(one) for one in _ASKED])


@pytest.mark.parametrize("name", EVERY)
def test_single_precision_is_as_good_as_double(tmp_path: Any, name: str) -> None:
    model = load(tmp_path, EVERY[name], torch.float32)

    ours, expected = losses(model, Loop(plain(EVERY[name]).double(), torch.float64))

    assert float(np.abs(ours - expected).max()) < _EACH
    assert abs(float(ours.mean() - expected.mean())) < _SCORE


@pytest.mark.parametrize("name", EVERY)
def test_a_score_in_half_the_precision_is_that_of_a_loop(tmp_path: Any, name: str) -> None:
    # Weights of usual size: losses like a trained model's, not larger than its logits are.
    tensors = {key: tensor / 4 if tensor.ndim == 2 else tensor for key, tensor in lively(EVERY[name]).items()}
    model = load(tmp_path, EVERY[name], torch.bfloat16, tensors)
    stock = plain(EVERY[name])
    stock.load_state_dict(
        {key: value / 4 if value.ndim == 2 else value for key, value in stock.state_dict().items()}
    )

    ours, expected = losses(model, Loop(stock.bfloat16(), torch.float32))

    assert abs(float(ours.mean() - expected.mean())) < _HALF_SCORE
