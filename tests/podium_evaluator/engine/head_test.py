"""Losses off hidden states: tiles, whatever the vocabulary, add up to the plain cross entropy."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from podium_evaluator.engine import head as module
from podium_evaluator.engine.head import Head, plain_weight

_VOCABULARIES = st.sampled_from([1, 3, 4095, 4096, 4097, 9000])


def random_head(
    vocabulary: int, seed: int, softcap: float | None = None, *, bias: bool = False, width: int = 16
) -> tuple[Head, torch.Tensor]:
    source = torch.Generator().manual_seed(seed)
    matrix = torch.randn(vocabulary, width, generator=source)
    offsets = torch.randn(vocabulary, generator=source) if bias else None
    return Head(matrix, offsets, softcap, plain_weight, ""), torch.randn(64, width, generator=source)


def by_definition(
    head: Head, hidden: torch.Tensor, state: torch.Tensor, target: torch.Tensor
) -> torch.Tensor:
    logits = hidden.double() @ head.matrix.double().T
    logits = logits if head.bias is None else logits + head.bias.double()
    logits = logits if head.softcap is None else torch.tanh(logits / head.softcap) * head.softcap
    return torch.nn.functional.cross_entropy(logits[state], target, reduction="none")


@settings(deadline=None, max_examples=30)
@given(_VOCABULARIES, st.integers(0, 99), st.sampled_from([None, 3.0]), st.booleans(), st.integers(0, 200))
def test_losses(vocabulary: int, seed: int, softcap: float | None, bias: bool, count: int) -> None:  # noqa: FBT001
    head, hidden = random_head(vocabulary, seed, softcap, bias=bias)
    source = torch.Generator().manual_seed(seed)
    state = torch.randint(64, (count,), generator=source)
    target = torch.randint(vocabulary, (count,), generator=source)

    found = head.losses(hidden, state, target)

    torch.testing.assert_close(
        found.double(), by_definition(head, hidden, state, target), atol=2e-5, rtol=1e-5
    )


def test_a_sure_model_has_no_negative_losses_in_half_the_precision() -> None:
    head, hidden = random_head(5000, 1)
    matrix = (4 * head.matrix).bfloat16()
    sure = Head(matrix, None, None, plain_weight, "")
    target = (hidden.bfloat16() @ matrix.T).argmax(1)

    found = sure.losses(hidden.bfloat16(), torch.arange(64), target)

    assert (found >= 0).all()


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_stays_none(value: float) -> None:
    head, hidden = random_head(100, 1)
    hidden[3] = value

    found = head.losses(hidden, torch.tensor([2, 3]), torch.tensor([5, 5]))

    assert found.isfinite().tolist() == [True, False]


def test_never_all_logits_at_once() -> None:
    assert module.STATES * module._TILE * 4 <= 2**24
