"""One contender's evaluation: its Job's end, and the next Job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from podium.core.environments import MOST_ENVIRONMENTS, environment_of, known_with
from podium.core.faults import Cause, Failure, Fault, disrupted
from podium.core.jobs import Ending, Job, Purpose
from podium.core.kinds import Contender, Environment, Outcome, Result, Round
from podium.core.names import evidence_name, job_name
from podium.core.plan import Action, CreateEvaluateJob, DeleteJob, StoreEvidence
from podium.core.quoting import quoted_cause, quoted_scores
from podium.core.settling import MOST_DISRUPTIONS, exhausted, is_suspect, scored_tasks
from podium.core.waiting import no_result, pending_too_long
from podium.core.world import CompetitionWorld

__all__ = [
    "Step",
    "evaluation_name",
    "follow",
    "follow_job",
    "job_of",
    "participants",
    "result_of",
    "start_evaluations",
]


@dataclass(frozen=True)
class Step:
    """One contender after this pass.

    Attributes:
        environments: Those of the round, with the one of a score that was just found.
        running: Whether its Job has not ended.
    """

    result: Result
    environments: tuple[Environment, ...]
    actions: tuple[Action, ...] = ()
    running: bool = False


def result_of(current: Round, contender: Contender) -> Result:
    """What is known of a contender, from the first pass on."""
    reference = current.status.reference
    results = (*current.status.results, *([reference] if reference is not None else []))
    known = (one for one in results if one.submission_uid == contender.submission_uid)
    return next(known, Result(contender.submission, contender.submission_uid))


def participants(current: Round) -> tuple[Contender, ...]:
    """Who is evaluated, the organiser's own model first."""
    return (*([current.reference] if current.reference is not None else []), *current.contenders)


def evaluation_name(current: Round, result: Result) -> str:
    """The Job that a contender waits for. Names are never used twice: every end counts in them."""
    ended = result.attempts + result.disruptions
    return job_name(Purpose.EVALUATE, current.uid, result.submission_uid, ended + 1)


def follow(
    current: Round,
    contender: Contender,
    environments: tuple[Environment, ...],
    world: CompetitionWorld,
    *,
    late: bool,
) -> Step:
    """What has become of a contender since the last pass.

    Args:
        current: The open round.
        contender: One of its.
        environments: Those of scores so far.
        world: With the Jobs.
        late: Whether the deadline has passed.
    """
    result = result_of(current, contender)
    if result.outcome is not None or result.awaits_environment or is_suspect(result, current):
        return Step(result, environments)
    if contender.manifest_digest is None:
        text = "not in the store when the round opened; it stays in the queue"
        cause = Cause(Fault.INFRASTRUCTURE, "NotFetched", text)
        return Step(replace(result, outcome=Outcome.MISSING, cause=cause), environments)
    text = f"not evaluated by the deadline, block {current.deadline_block}"
    passed = Cause(Fault.INFRASTRUCTURE, "DeadlinePassed", text) if late else None
    job = world.jobs.get(evaluation_name(current, result))
    return follow_job(current, job, Step(result, environments), world, passed)


def follow_job(
    current: Round, job: Job | None, before: Step, world: CompetitionWorld, passed: Cause | None
) -> Step:
    """What has become of an evaluation's Job since the last pass.

    Args:
        current: The open round.
        job: None where there is none yet.
        before: What was known of the evaluation.
        world: For the time.
        passed: What an evaluation without an end is told once the deadline has passed.
    """
    result, ending = before.result, None
    if job is not None:
        ending = job.ending or pending_too_long(job, current, world) or _interrupted(job, result, world.now)
    if job is not None and ending is not None:
        return _conclude(current, result, ending, job, before, world.now)
    if passed is None:
        return replace(before, running=job is not None)
    gone = () if job is None else (DeleteJob(job.name, job.uid),)
    missing = replace(result, outcome=Outcome.MISSING, cause=passed)
    return Step(missing, before.environments, gone)


def _interrupted(job: Job, result: Result, now: datetime) -> Ending | None:
    """The cluster may end pods of a Job without end, and Kubernetes starts new ones: not for ever."""
    if result.disruptions + job.disruptions < MOST_DISRUPTIONS:
        return None
    return Ending(disrupted("DisruptionTarget", f"{job.disruptions} pods of one Job were interrupted", now))


def _conclude(current: Round, result: Result, ending: Ending, job: Job, before: Step, now: datetime) -> Step:
    """What an ended evaluation means for its contender."""
    interrupted = min(result.disruptions + job.disruptions, MOST_DISRUPTIONS)
    result = replace(result, gpu_seconds=result.gpu_seconds + ending.seconds, disruptions=interrupted)
    gone: tuple[Action, ...] = (DeleteJob(job.name, job.uid),)
    environments = known_with(before.environments, environment_of(ending.environment))
    failure = ending.failure or _refusal(ending, current, now)
    if failure is None and environments is None:
        text = f"expected at most {MOST_ENVIRONMENTS} environments in a round, found one more"
        failure = Failure(Fault.INFRASTRUCTURE, "EnvironmentDiffers", text, retriable=True, time=now)
    if failure is None and ending.evidence is not None and ending.evidence_digest is not None:
        scored, keep = _with_scores(current, result, ending, ending.evidence, ending.evidence_digest)
        return Step(scored, environments or (), (keep, *gone))
    return Step(_after(result, failure or no_result(now), current), before.environments, gone)


def _with_scores(
    current: Round, result: Result, ending: Ending, evidence: str, digest: str
) -> tuple[Result, StoreEvidence]:
    name = evidence_name(current.uid, result.submission_uid, digest)
    scored = replace(
        result,
        evidence=name,
        evidence_digest=digest,
        task_scores=quoted_scores(ending.task_scores),
        environment=environment_of(ending.environment).name,
    )
    return scored, StoreEvidence(name, current.name, current.uid, result.submission, evidence, digest)


def _after(result: Result, failure: Failure, current: Round) -> Result:
    """A contender whose evaluation came to nothing."""
    counted = (
        replace(result, disruptions=min(result.disruptions + 1, MOST_DISRUPTIONS))
        if failure.disruption
        else replace(result, attempts=result.attempts + 1)
    )
    result = replace(counted, cause=quoted_cause(failure.cause), ends=(*result.ends, failure.reason))
    if failure.fault is Fault.SUBMISSION:
        return replace(result, outcome=Outcome.FAILED)
    if failure.fault is not Fault.INFRASTRUCTURE:
        return replace(result, outcome=Outcome.MISSING)
    given_up = exhausted(result, current) and not is_suspect(result, current)
    return replace(result, outcome=Outcome.MISSING) if given_up else result


def _refusal(ending: Ending, current: Round, now: datetime) -> Failure | None:
    """Refuses scores of other tasks than the round's, and scores that nothing tells how to compare."""
    tasks = sorted(task.name for task in scored_tasks(current))
    scored = sorted(one.name for one in ending.task_scores)
    if tasks != scored:
        text = f"expected scores of the tasks {tasks}, found {scored}"
    elif not ending.environment:
        text = "expected the environment that the scores were computed in, found none"
    else:
        return None
    return Failure(Fault.INFRASTRUCTURE, "ResultUnreadable", text[:1024], retriable=True, time=now)


def start_evaluations(current: Round, steps: Sequence[Step], world: CompetitionWorld) -> list[Action]:
    """Jobs for contenders that wait for one, as many as may run at a time."""
    # A pod that waited too long counts until it is gone: it may still start.
    mine = (job for job in world.jobs.values() if job.round_uid == current.uid)
    free = current.max_parallel - sum(job.ending is None for job in mine)
    samples = current.status.samples
    starts: list[Action] = []
    # Nobody is tried again before everybody was tried once.
    waiting = sorted(
        zip(participants(current), steps, strict=True),
        key=lambda pair: pair[1].result.attempts + pair[1].result.disruptions,
    )
    for contender, step in waiting:
        result = step.result
        idle = not (step.running or result.outcome or is_suspect(result, current))
        idle = idle and not result.awaits_environment
        if not idle or samples is None or contender.manifest_digest is None or len(starts) >= free:
            continue
        starts.append(job_of(current, result, evaluation_name(current, result)))
    return starts


def job_of(current: Round, result: Result, name: str) -> CreateEvaluateJob:
    """The Job of the next attempt of an evaluation.

    Raises:
        ValueError: The round has no samples yet, or the contender was not in the store.
    """
    contender = next(one for one in participants(current) if one.submission_uid == result.submission_uid)
    if current.status.samples is None or contender.manifest_digest is None:
        raise ValueError(f"{result.submission} cannot be evaluated in round {current.name}")
    return CreateEvaluateJob(
        name=name,
        round=current.name,
        round_uid=current.uid,
        submission_uid=contender.submission_uid,
        manifest_digest=contender.manifest_digest,
        samples_digest=current.status.samples.digest,
        attempt=result.attempts + result.disruptions + 1,
    )
