"""Driving an open round to its end: samples, one evaluation a contender, the barrier."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from podium.core.barrier import close_round, end_round
from podium.core.faults import Cause, Failure, Fault
from podium.core.jobs import Ending, Job, Purpose
from podium.core.kinds import Contender, Outcome, Result, Round, RoundPhase, RoundStatus, RoundTask
from podium.core.names import evidence_name, job_name
from podium.core.opening import TASK_UNAVAILABLE
from podium.core.plan import (
    Action,
    CreateEvaluateJob,
    DeleteJob,
    SetRoundStatus,
    StoreEvidence,
)
from podium.core.preparing import draw_samples, late_samples
from podium.core.quoting import quoted_cause, quoted_scores
from podium.core.scoring import score_text, unbounded_task, weighted_score
from podium.core.waiting import no_result, pending_deadlines, pending_too_long
from podium.core.world import CompetitionWorld

__all__ = ["drive_round", "sweep_jobs"]


@dataclass(frozen=True)
class _Step:
    """One contender after this pass."""

    result: Result
    actions: tuple[Action, ...] = ()
    running: bool = False


def drive_round(world: CompetitionWorld, *, may_create: bool) -> tuple[list[Action], list[datetime]]:
    """The next actions for the open round, and when to look again.

    Args:
        world: What was observed.
        may_create: Whether new Jobs may be started.
    """
    current = world.open_round
    block = world.block
    if current is None or block is None or world.subnet is None or world.subnet.clock is None:
        return [], []
    started = replace(current.status, started=current.status.started or world.now)
    current = replace(current, status=started)
    deadline = world.subnet.clock.start_of(current.deadline_block)
    actions: list[Action] = []
    if block < current.block:
        text = (
            f"the Subnet is at block {block}, before the round's own {current.block}: its clock was set back"
        )
        status = end_round(current, RoundPhase.ABANDONED, "ClockSetBack", text, world.now)
    elif current.status.samples is None:
        status, actions = draw_samples(current, world, may_create=may_create)
        if status.phase is RoundPhase.PREPARING and block >= current.deadline_block:
            late = replace(current, status=status)
            status = end_round(late, RoundPhase.ABANDONED, TASK_UNAVAILABLE, late_samples(late), world.now)
    else:
        status, actions = _evaluate(
            current, world, late=block >= current.deadline_block, may_create=may_create
        )
    observed = next(one for one in world.rounds if one.uid == current.uid).status
    if status != observed:
        actions.append(SetRoundStatus(current.name, current.uid, status))
    return actions, [deadline, *pending_deadlines(current, world)]


def sweep_jobs(world: CompetitionWorld) -> list[Action]:
    """Deletes the Jobs of rounds that are over or gone, and those whose end has been recorded already."""
    awaited = {name for one in world.rounds if not one.status.phase.terminal for name in _awaited_names(one)}
    return [
        DeleteJob(job.name, job.uid)
        for job in world.jobs.values()
        if job.round_uid is not None and job.name not in awaited
    ]


def _awaited_names(current: Round) -> list[str]:
    """The Jobs whose end an open round waits for, whether they exist or not."""
    if current.status.samples is None:
        return [job_name(Purpose.PREPARE, current.uid, current.status.prepare_attempts + 1)]
    known = {result.submission_uid: result for result in current.status.results}
    results = [
        (one, known.get(one.submission_uid) or Result(one.submission, one.submission_uid))
        for one in current.contenders
    ]
    return [_evaluation_name(current, one, result) for one, result in results if result.outcome is None]


# --- evaluations -----------------------------------------------------------------------------


def _evaluate(
    current: Round, world: CompetitionWorld, *, late: bool, may_create: bool
) -> tuple[RoundStatus, list[Action]]:
    known = {result.submission_uid: result for result in current.status.results}
    environment = current.status.environment
    steps: list[_Step] = []
    for contender in current.contenders:
        result = known.get(contender.submission_uid) or Result(contender.submission, contender.submission_uid)
        step = _follow(current, contender, result, environment, world, late=late)
        environment = environment or _environment(step, contender, current, world)
        steps.append(step)
    actions = [action for step in steps for action in step.actions]
    if may_create and not late:
        actions += _start_evaluations(current, steps, world)
    status = replace(current.status, results=tuple(step.result for step in steps), environment=environment)
    if all(result.outcome is not None for result in status.results):
        status = close_round(replace(current, status=status), world.now)
    return status, actions


def _follow(
    current: Round,
    contender: Contender,
    result: Result,
    environment: tuple[tuple[str, str], ...],
    world: CompetitionWorld,
    *,
    late: bool,
) -> _Step:
    job = world.jobs.get(_evaluation_name(current, contender, result))
    if result.outcome is not None:
        return _Step(result)
    if contender.manifest_digest is None:
        text = "not in the store when the round opened; it stays in the queue"
        return _Step(_missing(result, "NotFetched", text))
    ending = None
    if job is not None:
        ending = job.ending or pending_too_long(job, current, world)
    if job is None or ending is None:
        if late:
            text = f"not evaluated by the deadline, block {current.deadline_block}"
            gone = () if job is None else (DeleteJob(job.name, job.uid),)
            return _Step(_missing(result, "DeadlinePassed", text), gone)
        return _Step(result, running=job is not None)
    return _conclude(current, result, _checked(ending, current, environment, world.now), job, world.now)


def _conclude(current: Round, result: Result, ending: Ending, job: Job, now: datetime) -> _Step:
    """What an ended evaluation means for its contender."""
    result = replace(result, gpu_seconds=result.gpu_seconds + ending.seconds)
    gone: tuple[Action, ...] = (DeleteJob(job.name, job.uid),)
    if ending.failure is None and ending.evidence is not None and ending.evidence_digest is not None:
        name = evidence_name(current.uid, result.submission_uid, ending.evidence_digest)
        keep = StoreEvidence(
            name, current.name, current.uid, result.submission, ending.evidence, ending.evidence_digest
        )
        audited = replace(
            result,
            evidence=name,
            evidence_digest=ending.evidence_digest,
            task_scores=quoted_scores(ending.task_scores),
        )
        return _Step(_scored(current, audited), (keep, *gone))
    failure = ending.failure or no_result(now)
    attempts = result.attempts + 1
    result = replace(result, attempts=attempts, cause=quoted_cause(failure.cause))
    if failure.fault is Fault.SUBMISSION:
        return _Step(replace(result, outcome=Outcome.FAILED), gone)
    if failure.fault is not Fault.INFRASTRUCTURE or attempts >= current.max_attempts:
        return _Step(replace(result, outcome=Outcome.MISSING), gone)
    return _Step(result, gone)


def _scored(current: Round, result: Result) -> Result:
    """The outcome of an evaluation that came to its end."""
    tasks, found = _scored_tasks(current), {one.name: one for one in result.task_scores}
    score = weighted_score(tasks, found)
    if score is not None:
        return replace(result, outcome=Outcome.SCORED, cause=None, score=score_text(score))
    worst = unbounded_task(tasks, found)
    reason, message = (worst.reason, worst.message) if worst is not None else ("NonFiniteScore", "")
    return replace(result, outcome=Outcome.FAILED, cause=Cause(Fault.SUBMISSION, reason, message))


def _scored_tasks(current: Round) -> list[RoundTask]:
    """The tasks that have samples."""
    samples = current.status.samples
    return [task for task in current.tasks if samples is not None and task.name in samples.prepared]


def _checked(
    ending: Ending, current: Round, environment: tuple[tuple[str, str], ...], now: datetime
) -> Ending:
    """Refuses scores of other tasks, and scores from another environment: those do not compare."""
    if ending.failure is not None:
        return ending
    tasks = sorted(task.name for task in _scored_tasks(current))
    scored = sorted(one.name for one in ending.task_scores)
    if tasks != scored:
        text = f"expected scores of the tasks {tasks}, found {scored}"
        return replace(
            ending, failure=Failure(Fault.INFRASTRUCTURE, "ResultUnreadable", text[:1024], True, now)
        )
    if not environment or ending.environment == environment:
        return ending
    found, expected = dict(ending.environment), dict(environment)
    different = sorted(key for key in found.keys() | expected.keys() if found.get(key) != expected.get(key))
    text = "; ".join(f"{key}: expected {expected.get(key)}, found {found.get(key)}" for key in different)
    failure = Failure(Fault.INFRASTRUCTURE, "EnvironmentDiffers", text[:1024], retriable=True, time=now)
    return replace(ending, failure=failure)


def _environment(
    step: _Step, contender: Contender, current: Round, world: CompetitionWorld
) -> tuple[tuple[str, str], ...]:
    """The environment that a contender's score was just found in."""
    before = Result(contender.submission, contender.submission_uid)
    known = {result.submission_uid: result for result in current.status.results}
    result = known.get(contender.submission_uid, before)
    if step.result.outcome is not Outcome.SCORED or result.outcome is not None:
        return ()
    job = world.jobs.get(_evaluation_name(current, contender, result))
    return job.ending.environment if job is not None and job.ending is not None else ()


def _start_evaluations(current: Round, steps: list[_Step], world: CompetitionWorld) -> list[Action]:
    # A pod that waited too long counts until it is gone: it may still start.
    mine = (job for job in world.jobs.values() if job.round_uid == current.uid)
    free = current.max_parallel - sum(job.ending is None for job in mine)
    samples = current.status.samples
    starts: list[Action] = []
    # Nobody is tried again before everybody was tried once.
    waiting = sorted(zip(current.contenders, steps, strict=True), key=lambda pair: pair[1].result.attempts)
    for contender, step in waiting:
        idle = step.result.outcome is None and not step.running
        if not idle or samples is None or contender.manifest_digest is None or len(starts) >= free:
            continue
        starts.append(
            CreateEvaluateJob(
                name=_evaluation_name(current, contender, step.result),
                round=current.name,
                round_uid=current.uid,
                submission_uid=contender.submission_uid,
                manifest_digest=contender.manifest_digest,
                samples_digest=samples.digest,
                attempt=step.result.attempts + 1,
            )
        )
    return starts


def _evaluation_name(current: Round, contender: Contender, result: Result) -> str:
    return job_name(Purpose.EVALUATE, current.uid, contender.submission_uid, result.attempts + 1)


def _missing(result: Result, reason: str, message: str) -> Result:
    return replace(result, outcome=Outcome.MISSING, cause=Cause(Fault.INFRASTRUCTURE, reason, message))
