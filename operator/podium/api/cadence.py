"""When rounds happen, who takes part, and what happens when something is missing."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from podium.api.base import MAX_CONTENDERS, Model
from podium.api.extensions import Rule, ruled

__all__ = ["Rounds"]

Interval = Annotated[int, Field(ge=1, le=1_000_000)]


class Rounds(Model):
    """The cadence of rounds, in blocks of the Subnet."""

    model_config = ConfigDict(
        json_schema_extra=ruled(
            Rule(
                "self.keepTop + 1 < self.maxContenders",
                "must leave two seats of maxContenders to others: keepTop + 1 < maxContenders",
                ".keepTop",
            ),
            Rule(
                "self.historyLimit * self.maxContenders <= 2048",
                "must keep at most 2048 results: historyLimit × maxContenders",
                ".historyLimit",
            ),
            Rule(
                "self.deadlineBlocks <= self.everyBlocks",
                "must not exceed everyBlocks: rounds do not overlap",
                ".deadlineBlocks",
            ),
            Rule("self.syncOffsetBlock < self.everyBlocks", "must be below everyBlocks", ".syncOffsetBlock"),
        )
    )

    every_blocks: Interval
    """A round starts at every multiple of this, plus `syncOffsetBlock`."""
    sync_offset_block: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    submission_delay_blocks: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    """Age that a commitment must have at the sync block."""
    keep_top: Annotated[int, Field(ge=0, le=MAX_CONTENDERS)] = 3
    """Models of the last round that take part again, best first."""
    max_contenders: Annotated[int, Field(ge=2, le=MAX_CONTENDERS)] = 16
    deadline_blocks: Interval
    """Blocks after the sync block at which contenders without an outcome are missing."""
    history_limit: Annotated[int, Field(ge=1, le=256)] = 16
    """Finished Rounds that are kept, and the newest completed one in any case."""
    when_task_unavailable: Literal["Postpone", "Renormalize"] = "Postpone"
    """A task that cannot be prepared postpones the round, or the others' weights fill its place."""
    when_leader_missing: Literal["Postpone", "Publish"] = "Postpone"
    """A round without a result of the leader is postponed at most twice, or published."""
