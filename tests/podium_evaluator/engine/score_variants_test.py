"""Every variant of every architecture: shared, packed or alone, each token's loss is the stock model's."""

import random
from typing import Any

import numpy as np
import pytest
import torch

from podium_evaluator.engine.plan import plan_packed
from podium_evaluator.engine.score import score
from podium_evaluator.sequences import TokenSequence
from tests.podium_evaluator.engine.forests import forest, random_forest
from tests.podium_evaluator.engine.model_test import load, plain
from tests.podium_evaluator.tiny import VARIANTS

_SHARED = forest(random.Random(5), 90, 12, 30, 4, 6, vocabulary=512)[1]  # noqa: S311 - repeatable by intent
_MIXED = [one for seed in range(3) for one in random_forest(seed, 512) if len(one.ids) <= 512]


def stock_losses(model: Any, sequences: list[TokenSequence]) -> list[Any]:
    """All logits in single precision, their cross entropy in double precision."""
    found: list[Any] = []
    with torch.inference_mode():
        for one in sequences:
            logits = model(torch.tensor([one.ids])).logits[0].double()
            losses = torch.nn.functional.cross_entropy(
                logits[:-1], torch.tensor(one.ids[1:]), reduction="none"
            )
            found.append(losses[one.first - 1 :].numpy())
    return found


def test_the_sequences_below_share_in_every_way() -> None:
    rows = plan_packed(_SHARED, 512)
    assert any(row.keeps for row in rows)
    assert any(placed.segment.branches for row in rows for placed in row.placed)
    mixed = plan_packed(_MIXED, 512)
    assert any(placed.segment.branches for row in mixed for placed in row.placed)


@pytest.mark.parametrize("name", VARIANTS)
def test_losses_of_tokens(tmp_path: Any, name: str) -> None:
    model = load(tmp_path, VARIANTS[name], torch.float32)
    asked = [*_SHARED, *_MIXED]
    random.Random(1).shuffle(asked)  # noqa: S311 - repeatable by intent
    found = score(model, asked, row_tokens=512)

    compared = range(0, len(asked), 5)
    expected = stock_losses(plain(VARIANTS[name]), [asked[index] for index in compared])

    for index, by_class in zip(compared, expected, strict=True):
        np.testing.assert_allclose(found[index], by_class, atol=1e-4, rtol=0)
