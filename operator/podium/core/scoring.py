"""From raw task scores to one weighted score, exactly and equally on every machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Context, Decimal
from fractions import Fraction

from podium.core.kinds import Normalization, RoundTask

__all__ = ["normalize", "score_text", "weighted_score"]

_PRECISION = 40


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
    return (1 - _exp(-score / ceiling)) / (1 - _exp(Fraction(-1)))


def weighted_score(tasks: Sequence[RoundTask], scores: Mapping[str, str]) -> Fraction:
    """The sum of the normalised task scores times their weights.

    Raises:
        ValueError: A task has no score.
    """
    missing = [task.name for task in tasks if task.name not in scores]
    if missing:
        raise ValueError(f"no score for task {', '.join(missing)}")
    return sum(
        (task.weight * normalize(Fraction(scores[task.name]), task.normalization) for task in tasks),
        Fraction(0),
    )


def score_text(score: Fraction) -> str:
    """A score as it is stored: the shortest decimal that gives the nearest float."""
    return repr(float(score))


def _exp(exponent: Fraction) -> Fraction:
    context = Context(prec=_PRECISION)
    quotient = context.divide(Decimal(exponent.numerator), Decimal(exponent.denominator))
    return Fraction(quotient.exp(context))
