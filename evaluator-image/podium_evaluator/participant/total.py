"""From raw task scores to a competition's score, digit by digit as the operator computes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from typing import Final

from podium_evaluator.contract import Method, TaskScore

__all__ = ["Weighing", "decisive", "normalized", "weighted", "weighted_total"]

_DIGITS: Final = 40


@dataclass(frozen=True, slots=True)
class Weighing:
    """A task's part in the score.

    Attributes:
        name: The task's.
        method: How its raw score is made.
        weight: Its part of the whole.
        ceiling: Of the inverse exponential normalisation; None leaves the score as it is.
    """

    name: str
    method: Method
    weight: Fraction
    ceiling: Fraction | None


def normalized(weighing: Weighing, found: TaskScore) -> Fraction | None:
    """A raw score s on the scale of its task.

    With a ceiling c that is 1 from c on and (1 − e^(−s/c)) / (1 − e^(−1)) below it. Decimal's exp is
    correctly rounded, that of floats is not the same on every machine. A task without a score counts as
    the worst that its method and normalisation can give.

    Returns:
        None when a task without a score has no worst.
    """
    if found.score is not None:
        return _on_scale(Fraction(repr(found.score)), weighing.ceiling)
    if (worst := weighing.method.worst_score) is not None:
        return _on_scale(Fraction(worst), weighing.ceiling)
    return None if weighing.ceiling is None else Fraction(1)


def weighted(weighing: Weighing, found: TaskScore, whole: Fraction) -> Fraction | None:
    """What a task adds to the total, where the weights of all tasks sum to `whole`."""
    part = normalized(weighing, found)
    return None if part is None else weighing.weight * part / whole


def weighted_total(tasks: Sequence[Weighing], scores: Mapping[str, TaskScore]) -> Fraction | None:
    """The mean of the normalised scores by their weights, which need not sum to 1.

    Args:
        tasks: One or more.
        scores: By the task's name; none may be missing.

    Returns:
        None when a task without a score has no worst either: the model has no score then.
    """
    whole = sum((one.weight for one in tasks), Fraction(0))
    parts = [weighted(one, scores[one.name], whole) for one in tasks]
    known = [part for part in parts if part is not None]
    return None if len(known) < len(parts) else sum(known, Fraction(0))


def decisive(tasks: Sequence[Weighing], scores: Mapping[str, TaskScore]) -> TaskScore | None:
    """The first task without a score that has no worst score either: why the model has none."""
    found = (scores[one.name] for one in tasks if normalized(one, scores[one.name]) is None)
    return next(found, None)


def _on_scale(score: Fraction, ceiling: Fraction | None) -> Fraction:
    if ceiling is None:
        return score
    if score >= ceiling:
        return Fraction(1)
    return (1 - _exp(-score / ceiling)) / (1 - _exp(Fraction(-1)))


def _exp(exponent: Fraction) -> Fraction:
    context = Context(prec=_DIGITS)
    quotient = context.divide(Decimal(exponent.numerator), Decimal(exponent.denominator))
    return Fraction(quotient.exp(context))
