"""From raw task scores to one weighted score, exactly and equally on every machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Context, Decimal
from fractions import Fraction

from podium.core.kinds import Normalization, RoundTask, TaskScore

__all__ = ["normalize", "score_text", "unbounded_task", "weighted_score"]

_PRECISION = 40


def _exp(exponent: Fraction) -> Fraction:
    context = Context(prec=_PRECISION)
    quotient = context.divide(Decimal(exponent.numerator), Decimal(exponent.denominator))
    return Fraction(quotient.exp(context))


_RISE = 1 - _exp(Fraction(-1))
"""Of 1 − e^(−s/c) from 0 to c."""


def normalize(score: Fraction, normalization: Normalization) -> Fraction:
    """A raw score on the scale of its task.

    None leaves it. InverseExponential with ceiling c gives 1 from c on and
    (1 − e^(−s/c)) / (1 − e^(−1)) below it. Decimal's exp is correctly rounded, floats' is not
    the same on every machine.
    """
    if normalization.kind == "None":
        return score
    ceiling = normalization.ceiling
    if ceiling is None:
        raise ValueError("InverseExponential needs a ceiling")
    if score >= ceiling:
        return Fraction(1)
    return (1 - _exp(-score / ceiling)) / _RISE


def weighted_score(tasks: Sequence[RoundTask], scores: Mapping[str, TaskScore]) -> Fraction | None:
    """The mean of the normalised task scores by their weights.

    Weights that sum to less than 1, because a task is unavailable, are scaled to sum to 1. A task
    without a score counts as the worst that its method and normalisation can give.

    Returns:
        None when a task without a score has no worst: the model has no score then.

    Raises:
        ValueError: Nothing is known of a task.
    """
    missing = [task.name for task in tasks if task.name not in scores]
    if missing:
        raise ValueError(f"no score for task {', '.join(missing)}")
    parts = [(task.weight, _normalized(task, scores[task.name])) for task in tasks]
    known = [weight * part for weight, part in parts if part is not None]
    if len(known) < len(parts):
        return None
    return sum(known, Fraction(0)) / sum((weight for weight, _ in parts), Fraction(0))


def unbounded_task(tasks: Sequence[RoundTask], scores: Mapping[str, TaskScore]) -> TaskScore | None:
    """The first task without a score that has no worst score either."""
    found = (scores[task.name] for task in tasks if _normalized(task, scores[task.name]) is None)
    return next(found, None)


def _normalized(task: RoundTask, found: TaskScore) -> Fraction | None:
    if found.score is not None:
        return normalize(Fraction(found.score), task.normalization)
    if task.highest is not None:
        return normalize(task.highest, task.normalization)
    return Fraction(1) if task.normalization.kind == "InverseExponential" else None


def score_text(score: Fraction) -> str:
    """A score as it is stored: the shortest decimal that gives the nearest float."""
    return repr(float(score))
