"""The schedule of tasks."""

from __future__ import annotations

from collections.abc import Sequence

from podium.core.kinds import TaskEntry

__all__ = ["active_tasks"]


def active_tasks(schedule: Sequence[TaskEntry], block: int) -> TaskEntry | None:
    """The last entry of the schedule whose start is not after `block`."""
    started = [entry for entry in schedule if entry.start_block <= block]
    return max(started, key=lambda entry: entry.start_block, default=None)
