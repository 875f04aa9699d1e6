"""What the Jobs of a round have in common: how long they may wait for a node, and empty answers."""

from __future__ import annotations

from datetime import datetime, timedelta

from podium.core.faults import Failure, Fault, disrupted
from podium.core.jobs import Ending, Job
from podium.core.kinds import Round
from podium.core.world import CompetitionWorld

__all__ = ["never_started", "no_result", "pending_deadlines", "pending_too_long"]


def pending_too_long(job: Job, current: Round, world: CompetitionWorld) -> Ending | None:
    """Waiting for a GPU is never a slow model: it is bounded apart and blames the infrastructure."""
    return never_started(job, current.pending_seconds, world.now)


def never_started(job: Job, pending_seconds: int, now: datetime) -> Ending | None:
    """The end of a Job whose pod did not start in time, or None."""
    if job.started is not None or now < job.waits_since + timedelta(seconds=pending_seconds):
        return None
    text = f"no pod started within {pending_seconds} s: {job.waiting or 'no reason given'}"
    return Ending(disrupted(job.waiting_for, text, now))


def pending_deadlines(current: Round, world: CompetitionWorld) -> list[datetime]:
    """When the waiting Jobs of a round will have waited too long."""
    return [
        job.waits_since + timedelta(seconds=current.pending_seconds)
        for job in world.jobs.values()
        if job.round_uid == current.uid and job.started is None and job.ending is None
    ]


def no_result(now: datetime) -> Failure:
    """The failure of a pod that ended well and said nothing."""
    text = "the pod succeeded without the result of its purpose"
    return Failure(Fault.EVALUATOR, "ResultIncomplete", text, retriable=False, time=now)
