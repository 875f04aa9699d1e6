"""Times count only where both sides computed the same."""

import math
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from tests.bench.agreement import (
    Disagreement,
    Tolerance,
    agree_on_choices,
    agree_on_numbers,
    agree_on_tokens,
)

_TOLERANCE = Tolerance(each=0.1, mean=0.01)


def test_errors_that_cancel_are_roundings() -> None:
    assert "at most 9.0e-02" in agree_on_numbers([1.09, 0.91], [1, 1], _TOLERANCE)


@pytest.mark.parametrize(
    ("ours", "peer"),
    [([1.2, 0.8], [1, 1]), ([1.02, 1.02], [1, 1]), ([math.nan, 1], [1, 1]), ([1], [1, 1])],
    ids=["one too far", "all a little to one side", "no number", "fewer"],
)
def test_other_numbers_are_a_disagreement(ours: list[float], peer: list[float]) -> None:
    with pytest.raises(Disagreement):
        agree_on_numbers(ours, peer, _TOLERANCE)


class Model:
    """Logits of four tokens, the same at every position."""

    device = "cpu"

    def __call__(self, ids: torch.Tensor) -> Any:
        return SimpleNamespace(logits=torch.tensor([1.0, 5.0, 4.9, 4.0]).expand(1, ids.shape[1], 4))


@pytest.mark.parametrize("tokens", [(1, 2, 3), (2, 1, 3)])
def test_tokens_that_are_nearly_the_best_agree(tokens: tuple[int, ...]) -> None:
    """With a penalty of 2 a token that was said falls below the next."""
    agree_on_tokens(Model(), [(0,)], [[tokens], [(1, 2, 3)]], 2.0, 0.2)


@pytest.mark.parametrize("tokens", [(1, 1, 1), (3, 1, 2)], ids=["no penalty", "a worse token first"])
def test_tokens_that_others_beat_are_a_disagreement(tokens: tuple[int, ...]) -> None:
    with pytest.raises(Disagreement):
        agree_on_tokens(Model(), [(0,)], [[(1, 2, 3)], [tokens]], 2.0, 0.2)


def test_fewer_tokens_are_a_disagreement() -> None:
    with pytest.raises(Disagreement):
        agree_on_tokens(Model(), [(0,)], [[(1, 2)], [(1, 2, 3)]], 2.0, 0.2, 3)


def test_answers_are_counted() -> None:
    agree_on_choices(["A", "B", None], ["A", "B", "C"], 0.6)
    with pytest.raises(Disagreement):
        agree_on_choices(["A", "B", None], ["A", "B", "C"], 0.7)
