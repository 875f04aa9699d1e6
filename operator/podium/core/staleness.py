"""Whether an old score still compares: only with the same tasks, scored by the same evaluator image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from podium.core.clock import sync_block
from podium.core.kinds import Competition, Evaluation
from podium.core.tasks import active_tasks
from podium.core.world import CompetitionWorld

__all__ = ["Yardstick", "comparable", "is_stale", "yardstick", "yardstick_of"]


@dataclass(frozen=True)
class Yardstick:
    """What models are measured with now.

    Attributes:
        tasks_digest: Of the tasks of the schedule's active entry; empty when there is none yet.
        evaluator_image: With its digest.
    """

    tasks_digest: str
    evaluator_image: str


def yardstick(competition: Competition, block: int) -> Yardstick:
    """The one of a competition at a block."""
    tasks = active_tasks(competition.task_schedule, block)
    return Yardstick(tasks.digest if tasks is not None else "", competition.evaluator_image)


def yardstick_of(world: CompetitionWorld) -> Yardstick:
    """The one of the newest sync block: that of the round which is open, or was the last that was due."""
    competition, block = world.competition, world.block if world.block is not None else 0
    sync = sync_block(block, competition.every_blocks, competition.sync_offset_block)
    return yardstick(competition, sync)


def is_stale(evaluation: Evaluation, now: Yardstick) -> bool:
    """Whether something that decides scores has changed since. What was not recorded is taken for equal."""
    return any(
        before and today and before != today
        for before, today in (
            (evaluation.tasks_digest, now.tasks_digest),
            (evaluation.evaluator_image, now.evaluator_image),
        )
    )


def comparable(evaluations: Sequence[Evaluation], now: Yardstick) -> list[Evaluation]:
    """Those that may be compared with scores of today."""
    return [one for one in evaluations if not is_stale(one, now)]
