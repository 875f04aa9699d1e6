"""Ranking: epsilon-discounted pairwise wins and the shares that a round pays for them.

Lower scores are better. Of a pair, the model that was committed earlier gets an advantage that
decays with its age, so that a copy with a trace of noise never beats what it copied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from typing import Literal

from podium.core.shares import Share, apportion

__all__ = ["Contestant", "Epsilon", "Place", "Selection", "rank", "step_shares"]

_NEGLIGIBLE = -50
"""Softmax terms below e^this are 0: far less than a unit of 10⁻¹⁸, and exact sums stay short."""


@dataclass(frozen=True)
class Contestant:
    """One model at the barrier of a round.

    Attributes:
        score: Weighted score, lower is better; None means that it failed by its own fault and
            is worse than every score. Missing models are no contestants.
    """

    submission: str
    hotkey: str
    commit_block: int
    score: Fraction | None


@dataclass(frozen=True)
class Epsilon:
    """The advantage of the earlier model, as a fraction of its score.

    Attributes:
        kind: Fixed keeps `start`; LinearDecay falls from `start` to `end` over `blocks` blocks.
    """

    kind: Literal["Fixed", "LinearDecay"]
    start: Fraction
    end: Fraction = Fraction(0)
    blocks: int = 1

    def at_age(self, age: int) -> Fraction:
        """The advantage of a model that was committed `age` blocks ago."""
        if self.kind == "Fixed":
            return self.start
        passed = min(Fraction(max(age, 0), self.blocks), Fraction(1))
        return self.start - passed * (self.start - self.end)


@dataclass(frozen=True)
class Selection:
    """How win rates become shares: all to the best, or a softmax at `temperature`."""

    kind: Literal["WinnerTakesAll", "Softmax"]
    temperature: Fraction | None = None


@dataclass(frozen=True)
class Place:
    """One line of a round's ranking.

    Attributes:
        place: From 1; equal win rates and scores still get different places, by seniority.
        wins: Opponents beaten.
        win_rate: `wins` over the number of opponents; 0 when alone.
    """

    contestant: Contestant
    place: int
    wins: int
    win_rate: Fraction


def rank(contestants: Sequence[Contestant], epsilon: Epsilon, block: int) -> tuple[Place, ...]:
    """Everyone's wins against everyone, best first.

    Args:
        contestants: In any order; it does not matter.
        epsilon: The advantage of the earlier of a pair.
        block: The round's sync block, at which ages are taken.
    """
    opponents = len(contestants) - 1
    wins = _wins(contestants, epsilon, block)
    ordered = sorted(
        contestants,
        key=lambda one: (
            -wins[one.submission],
            one.score is None,
            one.score if one.score is not None else 0,
            one.commit_block,
            one.submission,
        ),
    )
    return tuple(
        Place(one, position, wins[one.submission], Fraction(wins[one.submission], max(opponents, 1)))
        for position, one in enumerate(ordered, start=1)
    )


def _wins(contestants: Sequence[Contestant], epsilon: Epsilon, block: int) -> dict[str, int]:
    discounted = {
        one.submission: one.score * (1 - epsilon.at_age(block - one.commit_block))
        for one in contestants
        if one.score is not None
    }
    own = {one.submission: one.score for one in contestants if one.score is not None}
    # Integers in the same order: every pair is compared, and Fractions are slow to compare.
    levels = {value: level for level, value in enumerate(sorted({*discounted.values(), *own.values()}))}
    worst = len(levels)
    ahead = {name: levels[value] for name, value in discounted.items()}
    plain = {name: levels[value] for name, value in own.items()}
    lines = [
        (one.commit_block, plain.get(one.submission, worst), ahead.get(one.submission, worst))
        for one in contestants
    ]

    def wins_of(block_: int, mine: int, mine_ahead: int) -> int:
        return sum(
            (mine_ahead if block_ < other else mine) < (theirs_ahead if other < block_ else theirs)
            for other, theirs, theirs_ahead in lines
        )

    return {one.submission: wins_of(*line) for one, line in zip(contestants, lines, strict=True)}


def step_shares(ranking: Sequence[Place], selection: Selection) -> tuple[Share, ...]:
    """What one round pays, summing to one whole; empty when nobody scored.

    WinnerTakesAll splits evenly among everyone who has the highest win rate. A model without a
    score earns nothing, whatever its win rate.
    """
    scored = [place for place in ranking if place.contestant.score is not None]
    if not scored:
        return ()
    best = max(place.win_rate for place in scored)
    portions: dict[str, Fraction] = {}
    for place in scored:
        hotkey = place.contestant.hotkey
        portions[hotkey] = portions.get(hotkey, Fraction(0)) + _portion(place.win_rate, best, selection)
    return apportion(portions)


def _portion(win_rate: Fraction, best: Fraction, selection: Selection) -> Fraction:
    if selection.kind == "WinnerTakesAll":
        return Fraction(int(win_rate == best))
    # Decimal's exp is correctly rounded, so it is the same on every machine; floats' is not.
    context = Context(prec=40)
    exponent = (win_rate - best) / (selection.temperature or Fraction(1))
    if exponent < _NEGLIGIBLE:
        return Fraction(0)
    ratio = context.divide(Decimal(exponent.numerator), Decimal(exponent.denominator))
    return Fraction(ratio.exp(context))
