"""The clone filter: models that add nothing to what was committed before them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from podium.core.ranking import Contestant, Epsilon

__all__ = ["clones"]


def clones(contestants: Sequence[Contestant], epsilon: Epsilon) -> dict[str, str]:
    """The submissions that a round does not rank, each with an earlier one that it does not beat.

    A model stays only if it beats every model that was committed before it, even with the
    smallest advantage that `epsilon` ever gives. Otherwise many copies of one model would
    lift its win rate. Models of the same block could not copy each other. The first by commit
    has nothing before it, and one without a score is not compared: it wins and earns nothing.
    """
    smallest = epsilon.start if epsilon.kind == "Fixed" else min(epsilon.start, epsilon.end)
    found: dict[str, str] = {}
    best: tuple[Fraction, str] | None = None
    pending: list[tuple[Fraction, str]] = []
    block = -1
    for one in sorted(contestants, key=lambda one: (one.commit_block, one.submission)):
        if one.score is None:
            continue
        if one.commit_block != block:
            best = min([*pending, *([best] if best else [])], default=None)
            pending, block = [], one.commit_block
        if best is not None and one.score >= best[0] * (1 - smallest):
            found[one.submission] = best[1]
        pending.append((one.score, one.submission))
    return found
