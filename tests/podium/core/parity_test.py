"""The former validator's published numbers, each computed here by exact arithmetic."""

from __future__ import annotations

from fractions import Fraction

import pytest
from pydantic import ValidationError

from podium.api import round_status as status_of
from podium.core.clock import next_sync_block, seed_of, sync_block
from podium.core.kinds import Evaluation, Normalization
from podium.core.ranking import Contestant, Epsilon, rank
from podium.core.retry import may_try_again
from podium.core.scoring import normalize
from podium.core.shares import UNIT, Share
from podium.core.staleness import Yardstick
from podium.core.standings import move_average, payable
from podium.core.weights import Composition, Earned, compose


def _shares(**tenths: int) -> tuple[Share, ...]:
    return tuple(Share(name, tenth * UNIT // 10) for name, tenth in sorted(tenths.items()))


@pytest.mark.parametrize("block", [1_234_511, 1_234_512, 1_234_610])
def test_sync_blocks(block: int) -> None:
    assert sync_block(block, 100, 1_111_111) == 1_234_511
    assert next_sync_block(block, 100, 1_111_111) == 1_234_611


def test_the_seed_is_made_of_the_text_of_a_blocks_hash() -> None:
    seed = seed_of("0xf0c1d88fffb58f2de2798abb2236460f426b02a9c84cad7463188eff75140bd2")
    assert int(seed, 16) == 592572197532882810092427479703237300164718763613437077128565525142151814165
    assert len(seed) == 64


@pytest.mark.parametrize(
    ("epsilon", "again"),
    [("0.51", False), ("0.5004", False), ("0.49", True)],
    ids=["51 %", "just too much", "49 %"],
)
def test_a_model_is_tried_again_when_epsilon_alone_was_in_the_way(epsilon: str, *, again: bool) -> None:
    lost = Evaluation("small-100", 100, "Scored", "0.5", "1.0", "tasks", 0)
    fixed = Epsilon("Fixed", Fraction(epsilon))
    assert may_try_again([lost], fixed, 200, Yardstick("tasks", "image")) is again


@pytest.mark.parametrize(("failures", "again"), [(1, True), (2, False)])
def test_a_model_without_any_score_is_tried_once_more(failures: int, *, again: bool) -> None:
    failed = Evaluation("small-100", 100, "Failed", None, "1.0", "tasks", 0)
    fixed = Epsilon("Fixed", Fraction("0.01"))
    assert may_try_again([failed] * failures, fixed, 200, Yardstick("tasks", "image")) is again


@pytest.mark.parametrize(
    ("age", "advantage"),
    [(-1, "0.005"), (0, "0.005"), (25_200, "0.003"), (50_400, "0.001"), (50_401, "0.001")],
)
def test_epsilon(age: int, advantage: str) -> None:
    decay = Epsilon("LinearDecay", Fraction("0.005"), Fraction("0.001"), 50_400)
    assert decay.at_age(age) == Fraction(advantage)


@pytest.mark.parametrize(("score", "expected"), [(5, "0.6224593312"), (15, "1")])
def test_inverse_exponential(score: int, expected: str) -> None:
    found = normalize(Fraction(score), Normalization("InverseExponential", Fraction(10)))
    assert abs(found - Fraction(expected)) <= Fraction(5, 10**11)


def test_the_average_of_two_rounds() -> None:
    first = move_average((), _shares(a=10), Fraction(1, 2))
    assert move_average(first, _shares(d=10), Fraction(1, 2)) == _shares(a=5, d=5)


def test_the_payment_threshold() -> None:
    average = _shares(a=1, b=1, c=2, d=3, e=3)
    assert payable(average, Fraction(3, 10)) == _shares(d=5, e=5)


def test_two_competitions() -> None:
    halves = [_shares(a=5, b=5), _shares(c=5, d=5)]
    earned = [Earned(str(part), Fraction(part), half) for part, half in zip((60, 40), halves, strict=True)]
    assert compose(earned, "KeepLast", 0) == Composition(_shares(a=3, b=3, c=2, d=2), 0)


@pytest.mark.parametrize(("epsilon", "overcomes"), [("0.51", False), ("0.5004", False), ("0.49", True)])
def test_whether_half_the_winners_score_overcomes_epsilon(epsilon: str, *, overcomes: bool) -> None:
    winner = Contestant("winner", "one", 1, Fraction(1))
    own = Contestant("own", "two", 2, Fraction(1, 2))
    first = rank([winner, own], Epsilon("Fixed", Fraction(epsilon)), 10)[0]
    assert (first.contestant is own) is overcomes


@pytest.mark.parametrize("score", ["NaN", "nan", "Infinity", "inf", "-inf"])
def test_a_score_that_is_no_finite_number_is_never_recorded(score: str) -> None:
    raw = {"submission": "a", "submissionUID": "uid-a", "outcome": "Scored", "score": score}
    with pytest.raises(ValidationError, match="score"):
        status_of.Result.model_validate(raw)
