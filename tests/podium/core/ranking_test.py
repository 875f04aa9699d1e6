"""Ranking: the rules' own examples, the oracle, and what must hold whatever is submitted."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from podium.core.ranking import Contestant, Epsilon, Place, Selection, rank, step_shares
from podium.core.shares import UNIT, Share
from tests.podium.core import oracle

WINNER = Selection("WinnerTakesAll")
SOFTMAX = Selection("Softmax", Fraction(1, 100))
DECAY = Epsilon("LinearDecay", Fraction(5, 1000), Fraction(1, 1000), 50_400)
NOW = 1000

_SCORES = st.one_of(
    st.none(),
    # Few values, so that ties and models inside each other's advantage are common.
    st.sampled_from([Fraction(0), Fraction(1), Fraction(99, 100), Fraction(98, 100), Fraction(1, 2)]),
    st.fractions(min_value=0, max_value=10, max_denominator=1000),
)
_EPSILONS = st.builds(
    Epsilon,
    st.just("LinearDecay"),
    st.sampled_from([Fraction(0), Fraction(1, 100), Fraction(1, 20)]),
    st.sampled_from([Fraction(0), Fraction(1, 1000)]),
    st.sampled_from([1, 500, 2000]),
)


@st.composite
def _contestants(draw: st.DrawFn) -> tuple[Contestant, ...]:
    count = draw(st.integers(0, 8))
    return tuple(
        Contestant(
            f"model-{number}",
            f"hotkey-{draw(st.integers(0, 5))}",
            draw(st.sampled_from([0, 500, 990, NOW])),
            draw(_SCORES),
        )
        for number in range(count)
    )


def _models(contestants: tuple[Contestant, ...]) -> list[oracle.Model]:
    return [oracle.Model(one.submission, one.hotkey, one.commit_block, one.score) for one in contestants]


def _parameters(epsilon: Epsilon) -> tuple[Fraction, Fraction, int]:
    return epsilon.start, epsilon.end, epsilon.blocks


def _contestant(name: str, score: str | None, commit_block: int = 0) -> Contestant:
    return Contestant(name, f"hotkey-{name}", commit_block, None if score is None else Fraction(score))


def _names(ranking: tuple[Place, ...]) -> list[str]:
    return [place.contestant.submission for place in ranking]


@pytest.mark.parametrize(
    ("age", "advantage"),
    [(-5, "0.005"), (0, "0.005"), (25_200, "0.003"), (50_400, "0.001"), (1_000_000, "0.001")],
)
def test_the_advantage_decays_linearly_and_stays(age: int, advantage: str) -> None:
    assert DECAY.at_age(age) == Fraction(advantage)


def test_a_fixed_advantage_has_no_age() -> None:
    assert Epsilon("Fixed", Fraction(1, 100)).at_age(10**9) == Fraction(1, 100)


def test_a_copy_with_a_trace_of_noise_does_not_beat_the_original() -> None:
    original, copy = _contestant("original", "1.0", 0), _contestant("copy", "0.9999", 900)
    assert _names(rank([copy, original], DECAY, NOW)) == ["original", "copy"]


def test_the_advantage_is_strict() -> None:
    epsilon = Epsilon("Fixed", Fraction(1, 10))
    at_the_edge = rank([_contestant("old", "1.0", 0), _contestant("new", "0.9", 1)], epsilon, NOW)
    assert [place.wins for place in at_the_edge] == [0, 0]


def test_the_advantage_is_taken_at_the_sync_block() -> None:
    old, new = _contestant("old", "1.0", 0), _contestant("new", "0.9965", 100)
    assert _names(rank([old, new], DECAY, 25_200)) == ["new", "old"]
    assert _names(rank([old, new], DECAY, 100)) == ["old", "new"]


def test_models_of_the_same_block_have_no_advantage_over_each_other() -> None:
    ranking = rank([_contestant("one", "1.0", 7), _contestant("two", "0.9999", 7)], DECAY, NOW)
    assert _names(ranking) == ["two", "one"]


def test_alone_is_first_with_a_win_rate_of_zero_and_earns_everything() -> None:
    (place,) = rank([_contestant("only", "3.0")], DECAY, NOW)
    assert (place.place, place.wins, place.win_rate) == (1, 0, 0)
    assert [share.units for share in step_shares([place], WINNER)] == [UNIT]


def test_equal_win_rates_share_to_the_last_unit() -> None:
    ranking = rank([_contestant(name, "1.0") for name in ("a", "b", "c")], DECAY, NOW)
    units = [share.units for share in step_shares(ranking, WINNER)]
    assert units == [333333333333333334, 333333333333333333, 333333333333333333]


def test_a_round_in_which_everybody_failed_pays_nobody() -> None:
    ranking = rank([_contestant(name, None) for name in ("a", "b")], DECAY, NOW)
    assert [place.place for place in ranking] == [1, 2]
    assert step_shares(ranking, WINNER) == ()
    assert step_shares(ranking, SOFTMAX) == ()


def test_softmax_pays_by_win_rate() -> None:
    warm = Selection("Softmax", Fraction(1, 2))
    ranking = rank([_contestant("a", "1"), _contestant("b", "2"), _contestant("c", "3")], DECAY, NOW)
    units = {share.hotkey: share.units for share in step_shares(ranking, warm)}
    # exp(2), exp(1) and exp(0) over their sum.
    assert units["hotkey-a"] / UNIT == pytest.approx(0.6652409557748219)
    assert units["hotkey-b"] / UNIT == pytest.approx(0.24472847105479764)
    assert sum(units.values()) == UNIT


@given(_contestants(), _EPSILONS)
def test_wins_are_the_oracles(contestants: tuple[Contestant, ...], epsilon: Epsilon) -> None:
    ranking = rank(contestants, epsilon, NOW)
    expected = oracle.wins(_models(contestants), NOW, _parameters(epsilon))
    assert {place.contestant.submission: place.wins for place in ranking} == expected
    assert all(place.win_rate == Fraction(place.wins, max(len(contestants) - 1, 1)) for place in ranking)


@given(_contestants(), _EPSILONS)
def test_what_the_winner_takes_is_the_oracles(contestants: tuple[Contestant, ...], epsilon: Epsilon) -> None:
    paid = step_shares(rank(contestants, epsilon, NOW), WINNER)
    expected = oracle.step(_models(contestants), NOW, _parameters(epsilon))
    assert {share.hotkey: share.units for share in paid} == (oracle.in_units(expected) if expected else {})


@given(_contestants(), _EPSILONS, st.sampled_from([WINNER, SOFTMAX]), st.randoms())
def test_the_order_of_arrival_changes_nothing(
    contestants: tuple[Contestant, ...], epsilon: Epsilon, selection: Selection, random: Random
) -> None:
    shuffled = random.sample(contestants, len(contestants))
    ranking = rank(contestants, epsilon, NOW)
    assert rank(shuffled, epsilon, NOW) == ranking
    assert step_shares(ranking, selection) == step_shares(random.sample(ranking, len(ranking)), selection)


@given(_contestants(), _EPSILONS, st.sampled_from([WINNER, SOFTMAX]))
def test_shares_are_one_whole_and_only_for_who_has_a_score(
    contestants: tuple[Contestant, ...], epsilon: Epsilon, selection: Selection
) -> None:
    shares = step_shares(rank(contestants, epsilon, NOW), selection)
    scored = {one.hotkey for one in contestants if one.score is not None}
    assert {share.hotkey for share in shares} <= scored
    assert sum(share.units for share in shares) == (UNIT if scored else 0)


@given(_contestants(), _EPSILONS)
def test_places_are_distinct_and_nobody_without_a_score_precedes_one_with(
    contestants: tuple[Contestant, ...], epsilon: Epsilon
) -> None:
    ranking = rank(contestants, epsilon, NOW)
    assert [place.place for place in ranking] == list(range(1, len(contestants) + 1))
    without = [place.contestant.score is None for place in ranking]
    assert without == sorted(without)


@given(_contestants(), _EPSILONS, st.one_of(st.none(), st.integers(1, 5)))
def test_a_worse_and_later_model_changes_nothing_about_who_wins(
    contestants: tuple[Contestant, ...], epsilon: Epsilon, worse_by: int | None
) -> None:
    scores = [one.score for one in contestants if one.score is not None]
    assume(scores)
    late = Contestant("late", "hotkey-late", NOW, None if worse_by is None else max(scores) + worse_by)
    before = step_shares(rank(contestants, epsilon, NOW), WINNER)
    assert step_shares(rank([*contestants, late], epsilon, NOW), WINNER) == before


def test_softmax_at_a_tiny_temperature_pays_the_best_alone_and_a_tie_of_the_best_evenly() -> None:
    # Unbounded, e^(-10^30) would need a denominator that no memory holds.
    selection = Selection("Softmax", Fraction(1, 10**30))
    one, two, three = (
        Place(Contestant(name, name, 0, Fraction(1)), at, 0, rate)
        for at, (name, rate) in enumerate([("a", Fraction(1)), ("b", Fraction(1)), ("c", Fraction(0))], 1)
    )
    assert step_shares([one, three], selection) == (Share("a", UNIT),)
    assert step_shares([one, two, three], selection) == (Share("a", UNIT // 2), Share("b", UNIT // 2))


@given(_contestants(), _contestants(), _EPSILONS)
def test_a_model_that_a_leader_beats_never_makes_it_lose(
    contestants: tuple[Contestant, ...], others: tuple[Contestant, ...], epsilon: Epsilon
) -> None:
    assume(contestants and others)
    leader = rank(contestants, epsilon, NOW)[0].contestant
    added = replace(others[0], submission="added")
    beaten = rank([leader, added], epsilon, NOW)[0]
    assume(beaten.contestant is leader and beaten.wins == 1)
    places = rank([*contestants, added], epsilon, NOW)
    (kept,) = [place for place in places if place.contestant is leader]
    assert kept.win_rate == places[0].win_rate


@given(_contestants(), _EPSILONS, st.sampled_from([0, 500, 990, NOW]), _SCORES)
def test_a_model_that_everybody_beats_changes_no_place(
    contestants: tuple[Contestant, ...], epsilon: Epsilon, committed: int, score: Fraction | None
) -> None:
    contestants = tuple(one for one in contestants if one.score is not None)
    assume(contestants)
    highest = max(one.score for one in contestants if one.score is not None)
    # Far behind, or hardly anybody would be beaten by all.
    behind = None if score is None else 10 * (1 + highest + score)
    worse = Contestant("worse", "hotkey-worse", committed, behind)
    beaten = [rank([one, worse], epsilon, NOW) for one in contestants]
    assume(all(pair[0].contestant != worse and pair[0].wins == 1 for pair in beaten))
    before = [place.contestant for place in rank(contestants, epsilon, NOW)]
    assert [place.contestant for place in rank([*contestants, worse], epsilon, NOW)] == [*before, worse]
