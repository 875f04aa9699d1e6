"""The organiser's own model: fetched once, evaluated first in each round, and what its end tells.

It tells a broken evaluator from a broken submission, and a model that does not fit from nodes that are too
small.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from podium.core.faults import Failure, Fault
from podium.core.jobs import Ending, Job, Purpose
from podium.core.kinds import Competition, Contender, Outcome, ReferenceStatus, Result
from podium.core.names import job_name
from podium.core.plan import Action, CreateReferenceFetchJob, DeleteJob
from podium.core.waiting import never_started
from podium.core.world import CompetitionWorld

__all__ = ["REFERENCE", "ReferenceStep", "as_contender", "broken_evaluator", "fetch_reference", "unavailable"]

REFERENCE: Final = "reference"
"""What stands where a submission's name would."""

_FIRST_RETRY: Final = timedelta(seconds=30)
_LONGEST_RETRY: Final = timedelta(minutes=30)


@dataclass(frozen=True)
class ReferenceStep:
    """What is known of the reference, what to do for it, and when to look again."""

    status: ReferenceStatus | None
    actions: tuple[Action, ...] = ()
    wake_at: datetime | None = None


def fetch_reference(world: CompetitionWorld, *, may_create: bool) -> ReferenceStep:
    """Gets the reference into the store: once for each source and constraints.

    Args:
        world: What was observed.
        may_create: Whether a Job may be started.
    """
    competition = world.competition
    jobs = [
        job
        for job in world.jobs.values()
        if job.purpose is Purpose.FETCH and job.subject_uid == competition.uid
    ]
    if competition.reference_digest is None:
        return ReferenceStep(None, _deletions(jobs))
    status = competition.status.reference
    if status is None or status.digest != competition.reference_digest:
        status = ReferenceStatus(competition.reference_digest)
    if status.manifest_digest is not None:
        return ReferenceStep(status, _deletions(jobs))
    name = job_name(Purpose.FETCH, competition.uid, status.digest, status.attempts + 1)
    mine = next((job for job in jobs if job.name == name), None)
    stale = _deletions([job for job in jobs if job is not mine])
    if mine is not None:
        return _follow(mine, status, stale, world)
    due = _due(status)
    if due is not None and due > world.now:
        return ReferenceStep(status, stale, due)
    if not may_create:
        return ReferenceStep(status, stale)
    return ReferenceStep(status, (*stale, CreateReferenceFetchJob(name, status.attempts + 1)))


def unavailable(status: ReferenceStatus | None, competition: Competition) -> str | None:
    """Why no round can open without the reference, or None where there is none or it is there."""
    if competition.reference_digest is None or (status is not None and status.manifest_digest is not None):
        return None
    if status is None or status.failure is None:
        return "the reference model is being fetched"
    failure = status.failure
    return f"the reference model could not be fetched: {failure.reason}: {failure.message}"[:1024]


def as_contender(status: ReferenceStatus, competition: Competition) -> Contender:
    """The reference as something to evaluate: no hotkey, no place, no pay."""
    return Contender(REFERENCE, competition.uid, "", 0, status.manifest_digest)


def broken_evaluator(result: Result | None) -> str | None:
    """Why a round's scores cannot be trusted, if its reference says so.

    A reference that the cluster did not let run says nothing.
    """
    if result is None or result.outcome in {None, Outcome.SCORED} or result.cause is None:
        return None
    cause = result.cause
    if result.outcome is Outcome.MISSING and cause.fault is Fault.INFRASTRUCTURE:
        return None
    return f"the reference model was not scored: {cause.reason}: {cause.message}"[:1024]


def _follow(
    job: Job, status: ReferenceStatus, stale: tuple[Action, ...], world: CompetitionWorld
) -> ReferenceStep:
    ending = job.ending or never_started(job, world.competition.pending_seconds, world.now)
    if ending is None:
        waits = job.waits_since + timedelta(seconds=world.competition.pending_seconds)
        return ReferenceStep(status, stale, waits if job.started is None else None)
    done = _after(status, ending, world.now)
    return ReferenceStep(done, (*stale, DeleteJob(job.name, job.uid)), _due(done))


def _after(status: ReferenceStatus, ending: Ending, now: datetime) -> ReferenceStatus:
    attempts = status.attempts + 1
    if ending.fetched is not None and ending.failure is None:
        found = ending.fetched.manifest_digest
        return replace(status, attempts=attempts, manifest_digest=found, failure=None)
    text = "the pod succeeded without the result of a fetch"
    failure = ending.failure or Failure(Fault.EVALUATOR, "ResultIncomplete", text, retriable=True, time=now)
    return replace(status, attempts=attempts, failure=replace(failure, time=now))


def _due(status: ReferenceStatus) -> datetime | None:
    """When a fetch that failed is tried again. The organiser may mend a hub, a token or a repository."""
    if status.failure is None:
        return None
    return status.failure.time + min(_FIRST_RETRY * (1 << min(status.attempts - 1, 10)), _LONGEST_RETRY)


def _deletions(jobs: list[Job]) -> tuple[Action, ...]:
    return tuple(DeleteJob(job.name, job.uid) for job in jobs)
