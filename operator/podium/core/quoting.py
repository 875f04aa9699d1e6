"""How much is kept of what pods say, so that a Round of the most contenders can always be stored."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from podium.core.faults import Cause
from podium.core.kinds import TaskScore

__all__ = ["QUOTED_CHARACTERS", "quoted_cause", "quoted_scores"]

QUOTED_CHARACTERS: Final = 512
"""Of a contender's failure, and of all its tasks together.

A pod may fill its whole summary with letters that are stored as six bytes each. 128 contenders who do
would lift their Round above etcd's 1.5 MiB for an object, and nobody's results could be written.
"""


def quoted_cause(cause: Cause) -> Cause:
    """A cause whose message has room beside those of all other contenders."""
    return replace(cause, message=cause.message[:QUOTED_CHARACTERS])


def quoted_scores(scores: tuple[TaskScore, ...]) -> tuple[TaskScore, ...]:
    """Scores whose messages share the room that one contender has."""
    longest = QUOTED_CHARACTERS // max(sum(bool(one.message) for one in scores), 1)
    return tuple(replace(one, message=one.message[:longest]) for one in scores)
