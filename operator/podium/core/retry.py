"""Whether a model that was evaluated before may take part again although it is not among the best."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from podium.core.kinds import Evaluation
from podium.core.ranking import Epsilon
from podium.core.staleness import Yardstick, comparable

__all__ = ["may_try_again"]

_FAILURES: Final = 2
"""A model that never had a score is tried so often."""


def may_try_again(evaluations: Sequence[Evaluation], epsilon: Epsilon, block: int, now: Yardstick) -> bool:
    """The former validator's rule: only the winner's advantage was in the way, and it has decayed.

    Args:
        evaluations: Of completed rounds, the newest last; none is no retry but a first try.
        epsilon: The competition's.
        block: The sync block of the round.
        now: What it measures with: scores that do not compare with today's hold nobody back.
    """
    if not evaluations:
        return False
    evaluations = comparable(evaluations, now)
    if not evaluations:
        return True
    scored = [one for one in evaluations if one.score is not None]
    if not scored:
        return len(evaluations) < _FAILURES
    last = scored[-1]
    if last.score is None or last.winner_score is None or last.winner_commit_block is None:
        return False
    score, winner = Fraction(last.score), Fraction(last.winner_score)
    advantage = epsilon.at_age(block - last.winner_commit_block)
    return score < winner * (1 - advantage)
