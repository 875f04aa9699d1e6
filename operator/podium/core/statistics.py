"""Whether a challenger is better than the incumbent by more than luck with the samples.

The difference of two models' weighted scores is looked at under a bootstrap: in every task, samples are drawn
again with replacement, the same ones for both models, means go through the task's normalisation, and the
earlier model has its advantage. The standard deviation of the difference over the draws is its standard
error; an interval of as many of them as the level asks for is compared with zero (Efron and Tibshirani, An
Introduction to the Bootstrap, 1993, sections 6 and 13.3). Tasks are strata: each keeps its number of samples.

Everything is integers of 10⁻¹⁸ and draws come from SHAKE-256, so that the same bits come out everywhere.
"""

from __future__ import annotations

import hashlib
import math
import sys
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import NormalDist
from typing import Final

from podium.core.evidence import Evidence, TaskSamples
from podium.core.kinds import RoundTask
from podium.core.scoring import normalize
from podium.core.shares import UNIT

__all__ = ["ERROR_RATE", "Estimate", "estimate", "resampled"]

ERROR_RATE: Final = Fraction(1, 20)
"""Of all comparisons of a round together: each has its part of it (Bonferroni)."""

_DRAWS: Final = 250
_MICRO: Final = 10**6
"""The evaluator rounds samples' scores to six decimals."""

_WORD_BYTES: Final = 4
_WORD_BITS: Final = 32


@dataclass(frozen=True)
class Estimate:
    """How much lower, and so better, a challenger's score is, in units of 10⁻¹⁸.

    Attributes:
        low: Lower end of the interval.
        high: Upper end.
        level: That the interval has.
    """

    difference: int
    low: int
    high: int
    level: Fraction


def resampled(
    tasks: Sequence[RoundTask], models: Sequence[Evidence], seed: str
) -> list[tuple[int, ...] | None]:
    """Each model's weighted score in units of 10⁻¹⁸: as it is, then under each draw.

    Args:
        tasks: Those that have samples.
        models: The evidence of each, of the same samples.
        seed: Of the round: the same samples are drawn for all models.

    Returns:
        None for a model without a score in a task, or with a sample's that is not finite: nothing can be
        drawn from that.
    """
    totals: list[list[int] | None] = [[0] * (_DRAWS + 1) for _ in models]
    weights = sum((task.weight for task in tasks), Fraction(0))
    for task in tasks:
        drawn: dict[int, list[int]] = {}
        for index, model in enumerate(models):
            total = totals[index]
            samples = next((one for one in model.tasks if one.name == task.name), None)
            usable = total is not None and samples is not None and _is_usable(samples)
            if total is None or samples is None or not usable:
                totals[index] = None
                continue
            count = len(samples.scores)
            if count not in drawn:
                drawn[count] = _indices(f"{seed}/{task.name}", count)
            part = task.weight / weights
            means = _means(samples, drawn[count])
            parts = {mean: round(normalize(mean, task.normalization) * part * UNIT) for mean in set(means)}
            for draw, mean in enumerate(means):
                total[draw] += parts[mean]
    return [tuple(total) if total is not None else None for total in totals]


def estimate(
    challenger: Sequence[int],
    incumbent: Sequence[int],
    advantages: tuple[Fraction, Fraction],
    comparisons: int,
) -> Estimate:
    """The difference of two models and its interval.

    Args:
        challenger: As from `resampled`.
        incumbent: The same of the other model, with the same seed.
        advantages: What each is discounted by: of the challenger, then of the incumbent.
        comparisons: How many share the error rate.
    """
    mine, theirs = ((1 - advantage) for advantage in advantages)
    differences = [
        round(theirs * other - mine * one) for one, other in zip(challenger, incumbent, strict=True)
    ]
    observed, drawn = differences[0], differences[1:]
    mean = Fraction(sum(drawn), len(drawn))
    variance = sum((one - mean) ** 2 for one in drawn) / (len(drawn) - 1)
    level = 1 - ERROR_RATE / max(comparisons, 1)
    # Three decimals of the quantile are the same with every library of mathematics.
    quantile = Fraction(round(1000 * NormalDist().inv_cdf(float(1 + level) / 2)), 1000)
    margin = math.ceil(quantile * math.isqrt(math.ceil(variance)))
    return Estimate(observed, observed - margin, observed + margin, level)


def _is_usable(task: TaskSamples) -> bool:
    complete = bool(task.scores) and len(task.weights) == len(task.scores) and sum(task.weights) > 0
    return complete and all(score is not None and math.isfinite(score) for score in task.scores)


def _means(task: TaskSamples, drawn: Sequence[int]) -> list[Fraction]:
    """The mean of a task's samples as they are, then under each draw."""
    scores = [round((score or 0.0) * _MICRO) for score in task.scores]
    weights = task.weights
    weighted = [score * weight for score, weight in zip(scores, weights, strict=True)]
    count, equal = len(weighted), len(set(weights)) == 1
    means = [Fraction(sum(weighted), _MICRO * sum(weights))]
    for draw in range(_DRAWS):
        indices = drawn[draw * count : (draw + 1) * count]
        total = sum(map(weighted.__getitem__, indices))
        weight = count * weights[0] if equal else sum(map(weights.__getitem__, indices))
        # All that were drawn may have no weight: then nothing was learnt from this draw.
        means.append(Fraction(total, _MICRO * weight) if weight else means[0])
    return means


def _indices(seed: str, count: int) -> list[int]:
    """Positions below `count`, for all draws; some are likelier than others by one in four billion."""
    words = array("I", hashlib.shake_256(seed.encode()).digest(_WORD_BYTES * _DRAWS * count))
    if sys.byteorder == "big":
        words.byteswap()
    return [word * count >> _WORD_BITS for word in words]
