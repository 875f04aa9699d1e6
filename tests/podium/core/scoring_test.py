"""From raw task scores to one weighted score."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.core.kinds import Normalization, RoundTask, TaskScore
from podium.core.scoring import normalize, score_text, unbounded_task, weighted_score

_POSITIVE = st.fractions(min_value=0, max_value=1000, max_denominator=10**6)


def _exponential(ceiling: int) -> Normalization:
    return Normalization("InverseExponential", Fraction(ceiling))


@pytest.mark.parametrize(
    ("ceiling", "score", "expected"),
    [
        (10, "5", 0.6224593312),
        (10, "15", 1.0),
        (10, "10", 1.0),
        (40, "2", 0.0772),
        (20, "2.5", 0.1859),
        (20, "3", 0.2204),
    ],
)
def test_scores_below_the_ceiling_approach_one(ceiling: int, score: str, expected: float) -> None:
    assert float(normalize(Fraction(score), _exponential(ceiling))) == pytest.approx(expected, abs=5e-5)


def test_without_normalization_a_score_stays_what_it_is() -> None:
    assert normalize(Fraction("12345.678"), Normalization()) == Fraction("12345.678")


def test_a_ceiling_is_needed() -> None:
    with pytest.raises(ValueError, match="ceiling"):
        normalize(Fraction(1), Normalization("InverseExponential"))


@given(_POSITIVE, _POSITIVE)
def test_normalization_keeps_the_order_and_the_bounds(one: Fraction, other: Fraction) -> None:
    low, high = (normalize(score, _exponential(20)) for score in sorted([one, other]))
    assert 0 <= low <= high <= 1


def test_tasks_add_up_by_their_weights() -> None:
    tasks = [
        RoundTask("a", Fraction(1, 4), Normalization()),
        RoundTask("b", Fraction(3, 4), _exponential(10)),
    ]
    score = weighted_score(tasks, _scores(a="2", b="99", other="7"))
    assert score == Fraction(1, 4) * 2 + Fraction(3, 4)


def _scores(**scores: str | None) -> dict[str, TaskScore]:
    return {name: TaskScore(name, score, "" if score else "Broken") for name, score in scores.items()}


def test_the_weights_of_tasks_that_are_left_fill_the_place_of_the_others() -> None:
    tasks = [
        RoundTask("a", Fraction(1, 4), Normalization()),
        RoundTask("b", Fraction(1, 2), Normalization()),
    ]
    assert weighted_score(tasks, _scores(a="3", b="9")) == 7


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        (RoundTask("b", Fraction(1, 2), _exponential(20)), Fraction(1)),
        (RoundTask("b", Fraction(1, 2), Normalization(), highest=Fraction(1)), Fraction(1)),
        (RoundTask("b", Fraction(1, 2), Normalization()), None),
    ],
    ids=["a bounded normalisation", "a fraction of errors", "a loss as it is"],
)
def test_a_task_that_could_not_be_scored_costs_the_worst_there_is(
    task: RoundTask, expected: Fraction | None
) -> None:
    tasks = [RoundTask("a", Fraction(1, 2), Normalization()), task]
    found = _scores(a="0.5", b=None)
    score = weighted_score(tasks, found)
    assert score == (None if expected is None else (Fraction(1, 2) + expected) / 2)
    assert unbounded_task(tasks, found) == (found["b"] if expected is None else None)


def test_a_task_of_which_nothing_is_known_is_an_error() -> None:
    with pytest.raises(ValueError, match="no score for task b"):
        weighted_score([RoundTask("b", Fraction(1), Normalization())], _scores(a="2"))


@given(st.floats(min_value=0, allow_infinity=False))
def test_a_stored_score_reads_back_as_the_same_number(score: float) -> None:
    text = score_text(Fraction(score))
    assert float(Fraction(text)) == score
    assert math.isfinite(float(text))
