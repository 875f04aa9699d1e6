"""Whether both sides computed the same: nobody may be faster by doing less."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch

from tests.bench.samples import Ids

__all__ = ["Disagreement", "Tolerance", "agree_on_choices", "agree_on_numbers", "agree_on_tokens"]

_TEXTS: Final = 6
"""So many continuations are checked: each needs all logits of its text."""


class Disagreement(Exception):  # noqa: N818 - what it is
    """Results of two sides differ by more than the tolerance."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far numbers may lie apart.

    Attributes:
        each: Any one of them.
        mean: Their mean; errors of rounding cancel, those of meaning do not.
    """

    each: float
    mean: float


def agree_on_numbers(ours: Sequence[float], peer: Sequence[float], tolerance: Tolerance) -> str:
    """Compare one by one and in the mean.

    Raises:
        Disagreement: With both distances.
    """
    if len(ours) != len(peer):
        raise Disagreement(f"{len(ours)} results against {len(peer)}")
    difference = np.asarray(ours, np.float64) - np.asarray(peer, np.float64)
    each, mean = float(np.abs(difference).max()), float(abs(difference.mean()))
    told = (
        f"{len(ours)} numbers around {np.mean(peer):.4g} differ by at most {each:.1e} (tolerance"
        f" {tolerance.each:.1e}) and by {mean:.1e} in the mean (tolerance {tolerance.mean:.1e})"
    )
    # Written so that what is not a number fails.
    if not (each <= tolerance.each and mean <= tolerance.mean):
        raise Disagreement(told)
    return told


def agree_on_tokens(
    model: Any,  # transformers publishes no types
    prompts: Sequence[Ids],
    sides: Sequence[Sequence[Ids]],
    penalty: float,
    tolerance: float,
    count: int | None = None,
) -> str:
    """Check that each token of each side is a greatest one by the library's own logits.

    Two right continuations may differ: where two logits are nearly equal, rounding decides, and all
    later tokens follow. So not the tokens are compared but how far each lies below the best one.

    Args:
        model: The library's.
        prompts: What was continued.
        sides: Each side's continuations.
        penalty: Repetition penalty.
        tolerance: Largest distance from the best logit.
        count: Tokens that each continuation must have; None where a side may end earlier.

    Raises:
        Disagreement: With the distance.
    """
    if count is not None and any(len(tokens) != count for side in sides for tokens in side):
        raise Disagreement(f"a continuation has not {count} tokens")
    worst = 0.0
    for side in sides:
        for prompt, tokens in list(zip(prompts, side, strict=True))[:_TEXTS]:
            worst = max(worst, _regret(model, prompt, tokens, penalty))
    counts = [sum(map(len, side)) for side in sides]
    told = (
        f"{' and '.join(map(str, counts))} tokens, each at most {worst:.2g} below the best (tolerance"
        f" {tolerance}; {_TEXTS} texts a side)"
    )
    if not worst <= tolerance:
        raise Disagreement(told)
    return told


def agree_on_choices(ours: Sequence[str | None], peer: Sequence[str | None], least: float) -> str:
    """Check that at least this part of the answers is the same.

    Raises:
        Disagreement: With the part.
    """
    same = sum(mine == theirs for mine, theirs in zip(ours, peer, strict=True)) / len(ours)
    answered = sum(one is not None for one in peer)
    told = (
        f"{same:.0%} of {len(ours)} answers equal, {answered} of them letters (at least {least:.0%} expected)"
    )
    if same < least:
        raise Disagreement(told)
    return told


@torch.inference_mode()
def _regret(model: Any, prompt: Ids, tokens: Ids, penalty: float) -> float:
    """How far the worst of the tokens lies below the best one, in logits after the penalty."""
    logits = model(torch.tensor([(*prompt, *tokens)], device=model.device)).logits[0].float().cpu()
    worst = 0.0
    for index, token in enumerate(tokens):
        row = logits[len(prompt) + index - 1].clone()
        seen = list({*prompt, *tokens[:index]})
        row[seen] = torch.where(row[seen] < 0, row[seen] * penalty, row[seen] / penalty)
        worst = max(worst, float(row.max() - row[token]))
    return worst
