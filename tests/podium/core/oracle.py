"""The scoring rules once more: slow, obvious and in Fractions, written from the rules' text alone.

Tests compare the project's decisions with these by property. Nothing here may be copied from
`podium.core.ranking`, `standings` or `weights`, nor the other way round.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

__all__ = ["Model", "average", "composition", "in_units", "payable", "step", "wins"]

WHOLE = 10**18


@dataclass(frozen=True)
class Model:
    """What a comparison needs to know of one model; a score of None is worse than any."""

    name: str
    hotkey: str
    commit_block: int
    score: Fraction | None


def advantage(start: Fraction, end: Fraction, blocks: int, age: int) -> Fraction:
    """Linear decay: `start` at age 0 and before, `end` from `blocks` on."""
    part = Fraction(max(age, 0), blocks)
    return start - min(part, Fraction(1)) * (start - end)


def beats(one: Model, other: Model, now: int, epsilon: tuple[Fraction, Fraction, int]) -> bool:
    """Whether `one` has the strictly lower score after the earlier of the two got its discount."""
    if one.score is None:
        return False
    if other.score is None:
        return True
    mine, theirs = one.score, other.score
    if one.commit_block < other.commit_block:
        mine *= 1 - advantage(*epsilon, now - one.commit_block)
    if other.commit_block < one.commit_block:
        theirs *= 1 - advantage(*epsilon, now - other.commit_block)
    return mine < theirs


def wins(models: Sequence[Model], now: int, epsilon: tuple[Fraction, Fraction, int]) -> dict[str, int]:
    """How many of the others each model beats."""
    table = {}
    for one in models:
        table[one.name] = 0
        for other in models:
            if other.name != one.name and beats(one, other, now, epsilon):
                table[one.name] += 1
    return table


def step(models: Sequence[Model], now: int, epsilon: tuple[Fraction, Fraction, int]) -> dict[str, Fraction]:
    """Winner takes all: the scored models with the most wins share one whole evenly."""
    table = wins(models, now, epsilon)
    scored = [model for model in models if model.score is not None]
    if not scored:
        return {}
    most = max(table[model.name] for model in scored)
    winners = [model for model in scored if table[model.name] == most]
    shares: dict[str, Fraction] = {}
    for model in winners:
        shares[model.hotkey] = shares.get(model.hotkey, Fraction(0)) + Fraction(1, len(winners))
    return shares


def average(
    previous: Mapping[str, Fraction], latest: Mapping[str, Fraction], alpha: Fraction
) -> dict[str, Fraction]:
    """α · previous + (1 − α) · latest; the first is taken as it is; nobody earned moves nothing."""
    if not latest:
        return dict(previous)
    if not previous:
        return dict(latest)
    everyone = {*previous, *latest}
    zero = Fraction(0)
    return {key: alpha * previous.get(key, zero) + (1 - alpha) * latest.get(key, zero) for key in everyone}


def payable(shares: Mapping[str, Fraction], threshold: Fraction) -> dict[str, Fraction]:
    """Entries of at least the threshold, or else all that are highest, made whole again."""
    kept = {key: value for key, value in shares.items() if value >= threshold and value > 0}
    if not kept:
        highest = max(shares.values(), default=Fraction(0))
        kept = {key: value for key, value in shares.items() if value == highest and value > 0}
    return {key: value / sum(kept.values()) for key, value in kept.items()}


@dataclass(frozen=True)
class Part:
    """One competition's part of the reward, what it pays now and what it paid last."""

    percent: Fraction
    now: Mapping[str, Fraction]
    last: Mapping[str, Fraction]


def composition(
    parts: Sequence[Part], *, keep_last: bool, burn_percent: int
) -> tuple[dict[str, Fraction], Fraction] | None:
    """What each hotkey is paid and what is burned: together one whole, or None for no weights."""
    paid: dict[str, Fraction] = {}
    burned = Fraction(0)
    for part in parts:
        receivers = part.now or (part.last if keep_last else {})
        for hotkey, share in receivers.items():
            paid[hotkey] = paid.get(hotkey, Fraction(0)) + share * part.percent
        if not receivers and not keep_last:
            burned += part.percent
    whole = sum(paid.values()) + burned
    if not whole:
        return None
    kept = Fraction(100 - burn_percent, 100)
    return (
        {hotkey: value / whole * kept for hotkey, value in paid.items()},
        burned / whole * kept + Fraction(burn_percent, 100),
    )


def in_units(portions: Mapping[str, Fraction]) -> dict[str, int]:
    """Whole units in proportion: every portion rounded down, then one each to the largest remainders.

    Of equal remainders the hotkey that sorts first is served first.
    """
    total = sum(portions.values())
    exact = {key: value / total * WHOLE for key, value in portions.items() if value > 0}
    units = {key: value.numerator // value.denominator for key, value in exact.items()}
    while sum(units.values()) < WHOLE:
        neediest = max(sorted(exact), key=lambda key: exact[key] - units[key])
        units[neediest] += 1
    return {key: value for key, value in units.items() if value}
