"""What the evidence of a contender holds: the scores of every sample."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Evidence", "TaskSamples"]


@dataclass(frozen=True)
class TaskSamples:
    """The scores of one task's samples; None is one that is not finite.

    Attributes:
        weights: How often each sample counts.
        ids: Of the samples, in the same order.
    """

    name: str
    scores: tuple[float | None, ...]
    weights: tuple[int, ...]
    ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Evidence:
    """What one contender's evidence holds.

    Attributes:
        digest: Of the line that is stored, computed when it was read.
        unreadable: Why there is nothing else; empty when it could be read.
    """

    digest: str
    samples_digest: str = ""
    manifest_digest: str = ""
    tasks: tuple[TaskSamples, ...] = ()
    unreadable: str = ""
