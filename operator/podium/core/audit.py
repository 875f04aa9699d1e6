"""A new leader is evaluated once more, in a fresh pod, before it is paid.

The engine gives the same bits for the same model, samples and environment. Where a second pod says otherwise,
one of the two was wrong, and nobody can tell which: the model has no place in the round, and keeps its turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from podium.core.environments import environment_of
from podium.core.evaluations import Step, follow_job, job_of
from podium.core.faults import Cause, Fault
from podium.core.jobs import Purpose
from podium.core.kinds import Contender, Environment, Outcome, Result, Round, TaskScore
from podium.core.names import job_name
from podium.core.plan import Action
from podium.core.settling import exhausted, refused
from podium.core.world import CompetitionWorld

__all__ = ["Audits", "audit_name", "begin_audit", "drive_audits", "failed_audits", "is_audited", "pending"]


@dataclass(frozen=True)
class Audits:
    """Repeated evaluations after this pass.

    Attributes:
        environments: Those of the round, with the one of a score that was just found.
    """

    results: tuple[Result, ...]
    environments: tuple[Environment, ...]
    actions: tuple[Action, ...] = ()


def pending(current: Round) -> Result | None:
    """The repeated evaluation that the round waits for."""
    return next((one for one in current.status.audits if one.outcome is None), None)


def is_audited(current: Round, contender: Contender) -> bool:
    """Whether it is known what a second evaluation says."""
    return any(one.submission_uid == contender.submission_uid for one in current.status.audits)


def failed_audits(current: Round) -> dict[str, Cause]:
    """By submission, why its score is not believed."""
    return {
        one.submission: one.cause
        for one in current.status.audits
        if one.outcome is not None and one.outcome is not Outcome.SCORED and one.cause is not None
    }


def audit_name(current: Round, audit: Result) -> str:
    """The Job that a repeated evaluation waits for."""
    ended = audit.attempts + audit.disruptions
    return job_name(Purpose.EVALUATE, current.uid, audit.submission_uid, "audit", ended + 1)


def begin_audit(current: Round, contender: Contender) -> tuple[Result, ...]:
    """The repeated evaluations, with one of this contender."""
    return (*current.status.audits, Result(contender.submission, contender.submission_uid))


def drive_audits(current: Round, world: CompetitionWorld, *, late: bool, may_create: bool) -> Audits:
    """What has become of the repeated evaluation since the last pass, and its Job.

    Args:
        current: With outcomes of all contenders.
        world: With the Jobs.
        late: Whether the deadline has passed: an unconfirmed score is not paid then.
        may_create: Whether a Job may be started.
    """
    audit = pending(current)
    if audit is None:
        return Audits(current.status.audits, current.status.environments)
    step = _follow(current, audit, world, late=late)
    result = step.result
    if result.task_scores:
        known = replace(current, status=replace(current.status, environments=step.environments))
        result = _settled(known, result, late=late)
    results = tuple(
        result if one.submission_uid == audit.submission_uid else one for one in current.status.audits
    )
    idle = result.outcome is None and not step.running
    starts = (
        (job_of(current, result, audit_name(current, result)),) if idle and may_create and not late else ()
    )
    return Audits(results, step.environments, (*step.actions, *starts))


def _follow(current: Round, audit: Result, world: CompetitionWorld, *, late: bool) -> Step:
    text = f"no second evaluation by the deadline, block {current.deadline_block}"
    passed = Cause(Fault.INFRASTRUCTURE, "NotAudited", text) if late else None
    job = world.jobs.get(audit_name(current, audit))
    step = follow_job(current, job, Step(audit, current.status.environments), world, passed)
    result = step.result
    lost = result.outcome is None and not result.task_scores and exhausted(result, current)
    if lost or result.outcome is Outcome.FAILED:
        # A model that was scored and is refused the second time is no better known than one that was lost.
        return replace(step, result=replace(result, outcome=Outcome.MISSING))
    return step


def _settled(current: Round, audit: Result, *, late: bool) -> Result:
    """The scores compared with the first ones; only the round's environment gives the same."""
    if audit.environment != environment_of(current.status.environment).name:
        found = next(one for one in current.status.environments if one.name == audit.environment)
        return refused(audit, found, current, late=late)
    first = next(one for one in current.status.results if one.submission_uid == audit.submission_uid)
    if _scores(first.task_scores) == _scores(audit.task_scores):
        return replace(audit, outcome=Outcome.SCORED, cause=None, score=first.score)
    text = f"a second evaluation gave {_told(audit.task_scores)}, the first {_told(first.task_scores)}"
    cause = Cause(Fault.INFRASTRUCTURE, "AuditDiffers", text[:512])
    return replace(audit, outcome=Outcome.MISSING, cause=cause)


def _scores(scores: Sequence[TaskScore]) -> list[tuple[str, str | None, str]]:
    return sorted((one.name, one.score, one.reason) for one in scores)


def _told(scores: Sequence[TaskScore]) -> str:
    return ", ".join(f"{name} {score or reason}" for name, score, reason in _scores(scores))
