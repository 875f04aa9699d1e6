"""Round, between the cluster and the decisions."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from podium.api import round as stored
from podium.api import round_status as status_of
from podium.api.translate.common import (
    conditions_from,
    conditions_to,
    digest_of,
    identity,
    instant,
    shares_from,
    shares_to,
)
from podium.api.translate.competition import epsilon_from_stored, selection_from_stored, tasks_from_stored
from podium.core.conditions import find_condition
from podium.core.faults import Cause, Fault
from podium.core.kinds import (
    Comparison,
    Contender,
    Environment,
    Outcome,
    PreparedTask,
    RankedLine,
    Result,
    Round,
    RoundPhase,
    RoundStatus,
    Samples,
    TaskScore,
    Verdict,
)
from podium.core.reference import REFERENCE
from podium.core.shares import format_units, parse_units

__all__ = ["round_from_stored", "round_status_to_stored"]


# Any: the JSON of a Kubernetes object, here and below.
def round_from_stored(raw: dict[str, Any]) -> Round:
    """A Round as decisions see it.

    Raises:
        pydantic.ValidationError: The object does not fit the schema.
    """
    parsed = stored.Round.model_validate(raw)
    metadata, spec = parsed.metadata, parsed.spec
    return Round(
        **identity(metadata),
        competition=spec.competition.name,
        competition_uid=spec.competition.uid,
        block=spec.block,
        deadline_block=spec.deadline_block,
        seed=spec.seed,
        tasks=tasks_from_stored(spec.tasks),
        tasks_digest=digest_of(spec.tasks),
        epsilon=epsilon_from_stored(spec.ranking),
        selection=selection_from_stored(spec.ranking),
        alpha=Fraction(spec.ranking.moving_average.alpha),
        max_parallel=spec.evaluator.max_parallel,
        max_attempts=spec.evaluator.max_attempts,
        pending_seconds=spec.evaluator.pending_seconds,
        previous_average=shares_to(spec.previous_average),
        postponements=spec.postponements,
        task_postponements=spec.task_postponements,
        when_leader_missing=spec.when_leader_missing,
        when_task_unavailable=spec.when_task_unavailable,
        contenders=tuple(_contender(one) for one in spec.contenders),
        status=_status(parsed.status),
        dethrone=spec.ranking.dethrone,
        audit=spec.ranking.audit == "NewLeader",
        evaluator_image=spec.evaluator.image,
        reference=Contender(REFERENCE, spec.competition.uid, "", 0, spec.reference.manifest_digest)
        if spec.reference is not None
        else None,
        clone_filter=spec.ranking.clone_filter == "On",
        deadline_time=instant(spec.deadline_time),
    )


def _contender(one: stored.Contender) -> Contender:
    return Contender(one.submission, one.submission_uid, one.hotkey, one.commit_block, one.manifest_digest)


def _status(status: status_of.RoundStatus) -> RoundStatus:
    samples = status.samples
    return RoundStatus(
        phase=RoundPhase(status.phase or "Preparing"),
        conditions=conditions_to(status.conditions),
        prepare_attempts=samples.attempts if samples else 0,
        samples=_samples(samples),
        results=tuple(_result(one) for one in status.results),
        ranking=tuple(_line(one) for one in status.ranking),
        moving_average=shares_to(status.moving_average),
        environment=tuple(sorted(status.environment.items())),
        environments=tuple(
            Environment(one.name, tuple(sorted(one.values.items()))) for one in status.environments
        ),
        reference=_result(status.reference) if status.reference is not None else None,
        comparisons=tuple(_comparison(one) for one in status.comparison),
        audits=tuple(_result(one) for one in status.audits),
        started=instant(status.start_time),
        completed=instant(status.completion_time),
    )


def _samples(samples: status_of.Samples | None) -> Samples | None:
    if samples is None or samples.digest is None:
        return None
    return Samples(
        samples.digest,
        tuple(
            PreparedTask(
                one.name,
                one.samples,
                one.dropped,
                one.revision,
                one.digest,
                one.reason or "",
                one.message,
            )
            for one in samples.tasks
        ),
    )


def _line(one: status_of.RankedSubmission) -> RankedLine:
    return RankedLine(
        one.submission, one.hotkey, one.place, one.score, one.wins, one.win_rate, parse_units(one.share)
    )


def _comparison(one: status_of.Comparison) -> Comparison:
    return Comparison(
        one.submission,
        one.incumbent,
        Verdict(one.verdict),
        one.difference,
        one.low,
        one.high,
        one.level,
        one.reason or "",
    )


def _result(result: status_of.Result) -> Result:
    cause = None
    if result.fault is not None and result.reason is not None:
        cause = Cause(Fault(result.fault), result.reason, result.message)
    return Result(
        submission=result.submission,
        submission_uid=result.submission_uid,
        outcome=Outcome(result.outcome) if result.outcome else None,
        cause=cause,
        score=result.score,
        attempts=result.attempts,
        evidence=result.evidence,
        evidence_digest=result.evidence_digest,
        gpu_seconds=result.gpu_seconds,
        task_scores=tuple(
            TaskScore(one.name, one.score, one.reason or "", one.message) for one in result.tasks
        ),
        disruptions=result.disruptions,
        ends=result.ends,
        environment=result.environment or "",
    )


def round_status_to_stored(status: RoundStatus) -> dict[str, Any]:
    """A decided status as the API server stores it."""
    done = find_condition(status.conditions, "Complete")
    evaluated = sum(one.outcome is not None or one.awaits_environment for one in status.results)
    return status_of.RoundStatus(
        phase=status.phase.value,
        conditions=conditions_from(status.conditions),
        samples=_stored_samples(status),
        reference=_stored_result(status.reference) if status.reference is not None else None,
        comparison=tuple(_stored_comparison(one) for one in status.comparisons),
        results=tuple(_stored_result(one) for one in status.results),
        audits=tuple(_stored_result(one) for one in status.audits),
        ranking=tuple(_stored_line(one) for one in status.ranking),
        moving_average=shares_from(status.moving_average),
        environment=dict(status.environment),
        environments=tuple(
            status_of.Environment(name=one.name, values=dict(one.values)) for one in status.environments
        ),
        summary=status_of.Summary(
            contenders=len(status.results),
            evaluated=evaluated,
            winner=status.ranking[0].submission if status.ranking and status.ranking[0].score else None,
        ),
        start_time=status.started,
        completion_time=status.completed,
        message=done.message if done else "",
    ).stored()


def _stored_samples(status: RoundStatus) -> status_of.Samples | None:
    samples = status.samples
    if samples is None:
        return status_of.Samples(attempts=status.prepare_attempts) if status.prepare_attempts else None
    return status_of.Samples(
        digest=samples.digest,
        attempts=status.prepare_attempts,
        tasks=tuple(
            status_of.PreparedTask(
                name=one.name,
                samples=one.samples,
                dropped=one.dropped,
                revision=one.revision,
                digest=one.digest,
                reason=one.reason or None,
                message=one.message,
            )
            for one in samples.tasks
        ),
    )


def _stored_comparison(one: Comparison) -> status_of.Comparison:
    return status_of.Comparison(
        submission=one.submission,
        incumbent=one.incumbent,
        verdict=one.verdict.value,
        difference=one.difference,
        low=one.low,
        high=one.high,
        level=one.level,
        reason=one.reason or None,
    )


def _stored_line(line: RankedLine) -> status_of.RankedSubmission:
    return status_of.RankedSubmission(
        submission=line.submission,
        hotkey=line.hotkey,
        place=line.place,
        score=line.score,
        wins=line.wins,
        win_rate=line.win_rate,
        share=format_units(line.units),
    )


def _stored_result(result: Result) -> status_of.Result:
    cause = result.cause
    return status_of.Result.model_validate(
        {
            "submission": result.submission,
            "submissionUID": result.submission_uid,
            "outcome": result.outcome.value if result.outcome else None,
            "fault": cause.fault.value if cause else None,
            "reason": cause.reason if cause else None,
            "message": cause.message if cause else "",
            "score": result.score,
            "attempts": result.attempts,
            "disruptions": result.disruptions,
            "ends": result.ends,
            "environment": result.environment or None,
            "evidence": result.evidence,
            "evidenceDigest": result.evidence_digest,
            "gpuSeconds": result.gpu_seconds,
            "tasks": [
                {"name": one.name, "score": one.score, "reason": one.reason or None, "message": one.message}
                for one in result.task_scores
            ],
        }
    )
