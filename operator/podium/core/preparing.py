"""The samples of a round: one prepare Job at a time, until they are there or the round is postponed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from podium.core.barrier import end_round
from podium.core.conditions import Condition, with_condition
from podium.core.faults import Fault
from podium.core.jobs import Purpose
from podium.core.kinds import Round, RoundPhase, RoundStatus, Samples
from podium.core.names import job_name
from podium.core.opening import TASK_UNAVAILABLE
from podium.core.plan import Action, CreatePrepareJob, DeleteJob
from podium.core.waiting import no_result, pending_too_long
from podium.core.world import CompetitionWorld

__all__ = ["draw_samples", "late_samples"]


def draw_samples(
    current: Round, world: CompetitionWorld, *, may_create: bool
) -> tuple[RoundStatus, list[Action]]:
    """The round's status after this pass, and what to do until it has samples.

    What the organiser asks for and cannot be had postpones the round at once; what could not be had
    now is tried again.
    """
    status = current.status
    attempt = status.prepare_attempts + 1
    name = job_name(Purpose.PREPARE, current.uid, attempt)
    job = world.jobs.get(name)
    if job is None:
        start = [CreatePrepareJob(name, current.name, current.uid, attempt)] if may_create else []
        return status, [*start]
    ending = job.ending or pending_too_long(job, current, world)
    if ending is None:
        return status, []
    done: list[Action] = [DeleteJob(job.name, job.uid)]
    if ending.failure is None and ending.samples is not None:
        conditions = with_condition(status.conditions, _prepared(ending.samples, world.now))
        status = replace(status, phase=RoundPhase.EVALUATING, samples=ending.samples, conditions=conditions)
        return status, done
    failure = ending.failure or no_result(world.now)
    status = replace(status, prepare_attempts=attempt)
    current = replace(current, status=status)
    sentence = f"{failure.reason}: {failure.message}"
    if failure.fault is Fault.EVALUATOR:
        return end_round(current, RoundPhase.FAILED, failure.reason, sentence, world.now), done
    if failure.fault is Fault.ORGANIZER or attempt >= current.max_attempts:
        return end_round(current, RoundPhase.ABANDONED, TASK_UNAVAILABLE, sentence, world.now), done
    return status, done


def _prepared(samples: Samples, now: datetime) -> Condition:
    """What the samples lack, if anything: a score without a task must be seen to be one."""
    missing = [task for task in samples.tasks if task.digest is None]
    if not missing:
        return Condition("Prepared", True, "AllTasks", "the samples of all tasks are drawn", now, 1)
    text = "; ".join(f"{task.name}: {task.reason}: {task.message}" for task in missing)
    sentence = f"the weights of the other tasks fill the place of {text}"[:1024]
    return Condition("Prepared", True, "Renormalized", sentence, now, 1)


def late_samples(current: Round) -> str:
    """Why a round without samples ends at its deadline."""
    return f"the samples were not prepared by the deadline, block {current.deadline_block}"
