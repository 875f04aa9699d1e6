"""The total is the operator's, digit by digit."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.core import kinds
from podium.core.scoring import normalize, score_text, unbounded_task, weighted_score
from podium_evaluator.contract import Method, Reason, TaskScore
from podium_evaluator.participant.total import Weighing, decisive, normalized, weighted, weighted_total

_FRACTIONS = (Method.MULTIPLE_CHOICE, Method.INSTRUCTION_FOLLOWING)
_SCORES = st.none() | st.floats(min_value=0, allow_infinity=False, allow_nan=False)
_WEIGHTS = st.integers(1, 10**6).map(lambda millionths: Fraction(millionths, 10**6))
_CEILINGS = st.none() | st.decimals("0.001", "1000", places=3).map(Fraction)
_WEIGHINGS = st.builds(Weighing, st.just(""), st.sampled_from(Method), _WEIGHTS, _CEILINGS)
_TASKS = st.lists(st.tuples(_WEIGHINGS, _SCORES), min_size=1, max_size=5)


def score(name: str, value: float | None) -> TaskScore:
    if value is None:
        return TaskScore(name=name, samples=1, reason=Reason.NON_FINITE_SCORE)
    return TaskScore(name=name, score=value, samples=1)


def as_operator(one: Weighing) -> kinds.RoundTask:
    kind = "None" if one.ceiling is None else "InverseExponential"
    highest = Fraction(1) if one.method in _FRACTIONS else None
    return kinds.RoundTask(one.name, one.weight, kinds.Normalization(kind, one.ceiling), highest)


@given(_TASKS)
def test_the_total_is_that_of_the_operator(drawn: list[tuple[Weighing, float | None]]) -> None:
    tasks = [Weighing(f"t{number}", *_rest(one)) for number, (one, _) in enumerate(drawn)]
    found = {f"t{number}": score(f"t{number}", value) for number, (_, value) in enumerate(drawn)}
    theirs = {
        name: kinds.TaskScore(name, None if one.score is None else repr(one.score), one.reason or "")
        for name, one in found.items()
    }
    round_tasks = [as_operator(one) for one in tasks]

    total, expected = weighted_total(tasks, found), weighted_score(round_tasks, theirs)

    assert total == expected
    if total is not None and expected is not None:
        assert repr(float(total)) == score_text(expected)
    worst, theirs_worst = decisive(tasks, found), unbounded_task(round_tasks, theirs)
    assert (worst and worst.name) == (theirs_worst and theirs_worst.name)
    for one, task in zip(tasks, round_tasks, strict=True):
        if (value := found[one.name].score) is not None:
            assert normalized(one, found[one.name]) == normalize(Fraction(repr(value)), task.normalization)


def _rest(one: Weighing) -> tuple[Method, Fraction, Fraction | None]:
    return one.method, one.weight, one.ceiling


@given(_TASKS)
def test_the_parts_add_up_to_the_total(drawn: list[tuple[Weighing, float | None]]) -> None:
    tasks = [Weighing(f"t{number}", *_rest(one)) for number, (one, _) in enumerate(drawn)]
    found = {f"t{number}": score(f"t{number}", value) for number, (_, value) in enumerate(drawn)}
    whole = sum((one.weight for one in tasks), Fraction(0))
    parts = [weighted(one, found[one.name], whole) for one in tasks]

    total = weighted_total(tasks, found)

    assert (total is None) == (None in parts)
    if total is not None:
        assert total == sum((part for part in parts if part is not None), Fraction(0))


@pytest.mark.parametrize(
    ("method", "ceiling", "worst"),
    [
        (Method.MULTIPLE_CHOICE, None, 1),
        (Method.INSTRUCTION_FOLLOWING, None, 1),
        (Method.TEXT_LOSS, Fraction(20), 1),
        (Method.REFERENCE_LOSS, Fraction(40), 1),
        (Method.REFERENCE_LOSS, None, None),
    ],
)
def test_a_task_without_a_score_counts_as_the_worst_there_is(
    method: Method, ceiling: Fraction | None, worst: int | None
) -> None:
    assert normalized(Weighing("t", method, Fraction(1), ceiling), score("t", None)) == worst
