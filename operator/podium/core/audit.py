"""A new leader is evaluated once more, in a fresh pod, before it is paid.

The engine gives the same bits for the same model, samples and environment. Where a second pod says otherwise,
one of the two was wrong, and nobody can tell which: the model has no place in the round, and keeps its turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from podium.core.environments import different_keys, environment_of
from podium.core.evaluations import Step, conclude, interrupted
from podium.core.faults import Cause, Fault
from podium.core.jobs import Purpose
from podium.core.kinds import Contender, Environment, Outcome, Result, Round, TaskScore
from podium.core.names import job_name
from podium.core.plan import Action, CreateEvaluateJob, DeleteJob
from podium.core.settling import exhausted
from podium.core.waiting import pending_too_long
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
    result = _settled(current, step.result, late=late) if step.result.task_scores else step.result
    results = tuple(
        result if one.submission_uid == audit.submission_uid else one for one in current.status.audits
    )
    starts = _start(current, result) if may_create and not (late or step.running) else ()
    return Audits(results, step.environments, (*step.actions, *starts))


def _follow(current: Round, audit: Result, world: CompetitionWorld, *, late: bool) -> Step:
    environments = current.status.environments
    job = world.jobs.get(audit_name(current, audit))
    ending = None
    if job is not None:
        ending = job.ending or pending_too_long(job, current, world) or interrupted(job, audit, world.now)
    if job is not None and ending is not None:
        step = conclude(current, audit, ending, job, Step(audit, environments), world.now)
        return replace(step, result=_unblamed(current, step.result))
    if not late:
        return Step(audit, environments, running=job is not None)
    text = f"no second evaluation by the deadline, block {current.deadline_block}"
    gone = () if job is None else (DeleteJob(job.name, job.uid),)
    return Step(_missing(audit, "NotAudited", text), environments, gone)


def _unblamed(current: Round, audit: Result) -> Result:
    """A model that was scored and is refused the second time is no better known than one that was lost."""
    lost = audit.outcome is None and not audit.task_scores and exhausted(audit, current)
    if lost or audit.outcome is Outcome.FAILED:
        return replace(audit, outcome=Outcome.MISSING)
    return audit


def _settled(current: Round, audit: Result, *, late: bool) -> Result:
    """The scores compared with the first ones; only the round's environment gives the same."""
    status = current.status
    expected = environment_of(status.environment)
    if audit.environment != expected.name:
        found = next((one for one in status.environments if one.name == audit.environment), None)
        text = different_keys(found, status.environment)[:512] if found is not None else audit.environment
        ended = (*audit.ends, "EnvironmentDiffers")
        again = replace(
            audit,
            attempts=audit.attempts + 1,
            ends=ended,
            task_scores=(),
            evidence=None,
            evidence_digest=None,
            environment="",
        )
        if late or exhausted(again, current):
            return _missing(again, "EnvironmentDiffers", text)
        return again
    first = next(one for one in status.results if one.submission_uid == audit.submission_uid)
    if _scores(first.task_scores) == _scores(audit.task_scores):
        return replace(audit, outcome=Outcome.SCORED, cause=None, score=first.score)
    text = f"a second evaluation gave {_told(audit.task_scores)}, the first {_told(first.task_scores)}"
    return _missing(audit, "AuditDiffers", text[:512])


def _start(current: Round, audit: Result) -> tuple[Action, ...]:
    samples = current.status.samples
    contender = next(one for one in current.contenders if one.submission_uid == audit.submission_uid)
    if audit.outcome is not None or samples is None or contender.manifest_digest is None:
        return ()
    return (
        CreateEvaluateJob(
            name=audit_name(current, audit),
            round=current.name,
            round_uid=current.uid,
            submission_uid=audit.submission_uid,
            manifest_digest=contender.manifest_digest,
            samples_digest=samples.digest,
            attempt=audit.attempts + audit.disruptions + 1,
        ),
    )


def _missing(audit: Result, reason: str, message: str) -> Result:
    cause = Cause(Fault.INFRASTRUCTURE, reason, message)
    return replace(audit, outcome=Outcome.MISSING, cause=cause)


def _scores(scores: Sequence[TaskScore]) -> list[tuple[str, str | None, str]]:
    return sorted((one.name, one.score, one.reason) for one in scores)


def _told(scores: Sequence[TaskScore]) -> str:
    return ", ".join(f"{name} {score or reason}" for name, score, reason in _scores(scores))
