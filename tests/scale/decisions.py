"""What one decision costs, in processor time and memory."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from unittest.mock import patch

from podium.core import fetching
from podium.core.competition import decide
from podium.core.plan import Plan
from podium.core.world import CompetitionWorld
from tests.podium.core.objects import a_competition, a_submission
from tests.podium.core.worlds import World

__all__ = ["CONTENDERS", "Cost", "cost_of", "settled_world"]

CONTENDERS = 128
_TOGETHER = 200
"""Submissions of one block."""


@dataclass(frozen=True)
class Cost:
    """Milliseconds of processor time of a decision over a world in which nothing is left to do.

    Attributes:
        first: By a process that has decided nothing yet.
        again: By one that has.
        one_changed: By one that has, after one submission's status was written.
        actions: What the decisions ask for altogether.
    """

    submissions: int
    first: float
    again: float
    one_changed: float
    actions: int


def settled_world(submissions: int) -> CompetitionWorld:
    """A competition after two rounds of the most contenders, all submissions fetched."""
    world = World(
        competition=a_competition(max_contenders=CONTENDERS, keep_top=64, max_parallel=64), forgets=False
    )
    world.add(*(a_submission(f"model-{number:05}", number // _TOGETHER) for number in range(submissions)))
    with patch.multiple(fetching, PARALLEL_FETCHES=submissions, FETCH_AHEAD=submissions):
        world.run_to(290)
    return world.seen()


def cost_of(world: CompetitionWorld) -> Cost:
    """The best of three of each."""
    plan = decide(world)
    first, again, changed = [], [], []
    other = _rewritten(world)
    for _ in range(3):
        first.append(_milliseconds(world, None))
        again.append(_milliseconds(world, plan))
        changed.append(_milliseconds(other, plan))
    actions = len(plan.actions) + len(decide(world, plan.memo).actions)
    return Cost(len(world.submissions), min(first), min(again), min(changed), actions)


def _rewritten(world: CompetitionWorld) -> CompetitionWorld:
    """The world after a status was read anew: equal, and another object."""
    one, *others = world.submissions
    return replace(world, submissions=(replace(one), *others))


def _milliseconds(world: CompetitionWorld, plan: Plan | None) -> float:
    before = time.process_time()
    decide(world, plan.memo if plan is not None else None)
    return 1000 * (time.process_time() - before)
