"""More than luck: intervals of differences, their level, and that nothing but the samples decides."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.core.evidence import Evidence, TaskSamples
from podium.core.kinds import Normalization, RoundTask
from podium.core.scoring import normalize
from podium.core.shares import UNIT
from podium.core.statistics import Estimate, estimate, resampled

_ONE = (RoundTask("sorting", Fraction(1), Normalization()),)
_TWO = (
    RoundTask("sorting", Fraction(1, 4), Normalization()),
    RoundTask("texts", Fraction(3, 4), Normalization("InverseExponential", Fraction(20))),
)
_NONE = (Fraction(0), Fraction(0))


def _evidence(**tasks: list[float]) -> Evidence:
    return Evidence(
        "sha256:a",
        tasks=tuple(
            TaskSamples(name, tuple(scores), (1,) * len(scores), tuple(map(str, range(len(scores)))))
            for name, scores in tasks.items()
        ),
    )


def _compared(
    challenger: Evidence,
    incumbent: Evidence,
    tasks: tuple[RoundTask, ...] = _ONE,
    *,
    seed: str = "seed",
    comparisons: int = 1,
    advantages: tuple[Fraction, Fraction] = _NONE,
) -> Estimate:
    mine, theirs = resampled(tasks, [challenger, incumbent], seed)
    assert mine is not None
    assert theirs is not None
    return estimate(mine, theirs, advantages, comparisons)


def test_the_first_value_is_the_weighted_score_itself() -> None:
    (drawn,) = resampled(_TWO, [_evidence(sorting=[0.5, 1.5], texts=[3.0, 5.0])], "seed")
    assert drawn is not None
    expected = Fraction(1, 4) + Fraction(3, 4) * normalize(Fraction(4), _TWO[1].normalization)
    assert abs(Fraction(drawn[0], UNIT) - expected) < Fraction(2, UNIT)


def test_a_clear_lead_is_told_from_none() -> None:
    noise = random.Random(1)  # noqa: S311  # noise for a test
    base = [noise.uniform(1, 2) for _ in range(200)]
    better = [score - 0.2 + noise.uniform(-0.3, 0.3) for score in base]
    found = _compared(_evidence(sorting=better), _evidence(sorting=base))
    assert found.low > 0
    assert found.low < found.difference < found.high
    reverse = _compared(_evidence(sorting=base), _evidence(sorting=better))
    assert (reverse.difference, reverse.low, reverse.high) == (-found.difference, -found.high, -found.low)


def test_equal_models_do_not_differ() -> None:
    evidence = _evidence(sorting=[0.1, 0.7, 1.3])
    found = _compared(evidence, evidence)
    assert (found.difference, found.low, found.high) == (0, 0, 0)


def test_the_earlier_ones_advantage_counts() -> None:
    mine, theirs = _evidence(sorting=[0.98] * 9), _evidence(sorting=[1.0] * 9)
    assert _compared(mine, theirs).difference > 0
    assert _compared(mine, theirs, advantages=(Fraction(0), Fraction(1, 20))).difference < 0


def test_more_challengers_need_more_certainty() -> None:
    noise = random.Random(2)  # noqa: S311  # noise for a test
    mine, theirs = ([noise.uniform(0, 1) for _ in range(50)] for _ in range(2))
    widths = [
        (one := _compared(_evidence(sorting=mine), _evidence(sorting=theirs), comparisons=count)).high
        - one.low
        for count in (1, 8, 127)
    ]
    assert widths == sorted(widths)
    assert widths[0] < widths[2]


@pytest.mark.parametrize(
    "tasks",
    [{}, {"sorting": []}, {"sorting": [0.5, None]}, {"sorting": [0.5, float("inf")]}],
    ids=["no task", "no samples", "a sample without a score", "an infinite one"],
)
def test_nothing_is_drawn_from_samples_without_scores(tasks: dict[str, list[float]]) -> None:
    assert resampled(_ONE, [_evidence(**tasks)], "seed") == [None]


def test_a_task_whose_samples_have_no_weight_tells_nothing() -> None:
    task = TaskSamples("sorting", (0.5, 0.6), (0, 0), ("a", "b"))
    assert resampled(_ONE, [Evidence("sha256:a", tasks=(task,))], "seed") == [None]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(0, 100), min_size=1, max_size=20), st.text("abc", min_size=1, max_size=4))
def test_the_same_seed_draws_the_same(scores: list[float], seed: str) -> None:
    evidence = _evidence(sorting=scores)
    assert resampled(_ONE, [evidence], seed) == resampled(_ONE, [evidence], seed)


def test_draws_are_the_same_on_every_machine() -> None:
    (drawn,) = resampled(_ONE, [_evidence(sorting=[0.0, 1.0, 2.0, 3.0])], "seed")
    assert drawn is not None
    assert [4 * one // UNIT for one in drawn[:9]] == _FIRST_DRAWS


_FIRST_DRAWS = [6, 9, 6, 7, 3, 8, 6, 5, 5]


def test_of_equally_good_models_few_are_called_better() -> None:
    """The error rate: of 200 pairs that differ by luck alone, some 5 % may be called better or worse."""
    noise, wrong = random.Random(3), 0  # noqa: S311  # noise for a test
    for number in range(200):
        base = [noise.gauss(1, 0.3) for _ in range(40)]
        other = [score + noise.gauss(0, 0.2) for score in base]
        found = _compared(_evidence(sorting=other), _evidence(sorting=base), seed=str(number))
        wrong += found.low > 0 or found.high < 0
    assert 2 <= wrong <= 22
