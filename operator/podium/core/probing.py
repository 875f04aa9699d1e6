"""Proof that evaluate pods reach nothing, before a competition is ready and whenever its pods change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from podium.core.jobs import Ending, Job, Purpose
from podium.core.kinds import IsolationVerdict
from podium.core.names import job_name
from podium.core.plan import Action, CreateProbeJob, DeleteJob
from podium.core.world import CompetitionWorld

__all__ = ["Probing", "probe"]

_RETRY: Final = timedelta(seconds=30)
_PROBE_AGAIN: Final = timedelta(minutes=10)
"""A cluster whose network was mended is noticed without anybody touching the competition."""

NOT_ISOLATED: Final = "NotIsolated"


@dataclass(frozen=True)
class Probing:
    """What is known of the isolation, and what to do to learn more."""

    verdict: IsolationVerdict | None
    actions: tuple[Action, ...] = ()
    wake_at: datetime | None = None

    @property
    def isolated(self) -> bool | None:
        """Whether pods reach nothing; None while that is unknown."""
        if self.verdict is None or not self.verdict.complete:
            return None
        return not self.verdict.reachable


def probe(world: CompetitionWorld, *, may_create: bool) -> Probing:
    """The isolation of the competition's current evaluator settings.

    An evaluate pod that found itself connected overrules what a probe had found before.
    """
    competition = world.competition
    verdict = competition.status.isolation
    if verdict is not None and verdict.digest != competition.evaluator_digest:
        verdict = None
    contradiction = _contradicted(world)
    if contradiction is not None and verdict is not None and verdict.complete and not verdict.reachable:
        verdict = replace(verdict, reachable=(contradiction,), time=world.now)
    attempts = verdict.attempts if verdict is not None else 0
    name = job_name(Purpose.PROBE, competition.uid, competition.evaluator_digest, attempts + 1)
    probes = [job for job in world.jobs.values() if job.purpose is Purpose.PROBE]
    stale = tuple(DeleteJob(job.name, job.uid) for job in probes if job.name != name)
    job = world.jobs.get(name)
    if job is not None:
        ended = _ended(job, world, attempts)
        if ended is not None:
            return Probing(ended, (*stale, DeleteJob(job.name, job.uid)), world.now + _RETRY)
        # A moment that has passed would wake at once, and again, for as long as the pod runs.
        waits = job.started is None
        pending_until = job.waits_since + timedelta(seconds=competition.pending_seconds)
        return Probing(verdict, stale, pending_until if waits else None)
    due = _due(verdict)
    if due is not None and due > world.now:
        return Probing(verdict, stale, due)
    if verdict is not None and verdict.complete and not verdict.reachable:
        return Probing(verdict, stale)
    start: tuple[Action, ...] = (CreateProbeJob(name, attempts + 1),) if may_create else ()
    return Probing(verdict, (*stale, *start))


def _due(verdict: IsolationVerdict | None) -> datetime | None:
    if verdict is None or (verdict.complete and not verdict.reachable):
        return None
    return verdict.time + (_PROBE_AGAIN if verdict.complete else _RETRY)


def _ended(job: Job, world: CompetitionWorld, attempts: int) -> IsolationVerdict | None:
    digest = world.competition.evaluator_digest
    ending: Ending | None = job.ending
    if ending is None:
        limit = timedelta(seconds=world.competition.pending_seconds)
        if job.started is not None or world.now - job.waits_since < limit:
            return None
        message = f"no probe pod started within {world.competition.pending_seconds} s: {job.waiting}"
        return IsolationVerdict(digest, False, (), attempts + 1, world.now, message)
    if ending.failure is not None:
        message = f"{ending.failure.reason}: {ending.failure.message}"[:1024]
        return IsolationVerdict(digest, False, (), attempts + 1, world.now, message)
    return IsolationVerdict(digest, True, ending.reachable, attempts + 1, world.now)


def _contradicted(world: CompetitionWorld) -> str | None:
    for job in world.jobs.values():
        failure = job.ending.failure if job.ending is not None else None
        if job.purpose is Purpose.EVALUATE and failure is not None and failure.reason == NOT_ISOLATED:
            return f"an evaluate pod reported: {failure.message}"[:256]
    return None
