"""The samples of a round: one prepare Job at a time, until they are there or the round is postponed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from podium.core.barrier import end_round
from podium.core.conditions import Condition, find_condition, with_condition
from podium.core.faults import Failure, Fault
from podium.core.jobs import Purpose
from podium.core.kinds import PreparedTask, Round, RoundPhase, RoundStatus, Samples
from podium.core.names import job_name
from podium.core.opening import TASK_UNAVAILABLE
from podium.core.plan import Action, CreatePrepareJob, DeleteJob
from podium.core.waiting import no_result, pending_too_long
from podium.core.world import CompetitionWorld

__all__ = ["draw_samples", "late_samples", "samples_condition"]

_DESCRIBED_CHARACTERS: Final = 880
"""What tasks without samples may say together, within a condition's message."""


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
    failure = ending.failure or _refusal(ending.samples, current, world.now)
    if failure is None and ending.samples is not None:
        conditions = with_condition(status.conditions, samples_condition(ending.samples, world.now))
        status = replace(status, phase=RoundPhase.EVALUATING, samples=ending.samples, conditions=conditions)
        return status, done
    failure = failure or no_result(world.now)
    text = f"attempt {attempt} of {current.max_attempts}: {failure.message}"
    conditions = with_condition(
        status.conditions, Condition("Prepared", False, failure.reason, text, world.now, 1)
    )
    status = replace(status, prepare_attempts=attempt, conditions=conditions)
    current = replace(current, status=status)
    sentence = f"{failure.reason}: {failure.message}"
    if failure.fault is Fault.EVALUATOR:
        return end_round(current, RoundPhase.FAILED, failure.reason, sentence, world.now), done
    if failure.fault is Fault.ORGANIZER or attempt >= current.max_attempts:
        return end_round(current, RoundPhase.ABANDONED, TASK_UNAVAILABLE, sentence, world.now), done
    return status, done


def _refusal(samples: Samples | None, current: Round, now: datetime) -> Failure | None:
    """Why samples are not those that the round asked for, if so."""
    if samples is None:
        return None
    names, expected = sorted(one.name for one in samples.tasks), sorted(one.name for one in current.tasks)
    if names != expected:
        return _unreadable(f"expected samples of the tasks {expected}, found {names}", now)
    odd = [one.name for one in samples.tasks if (one.digest is None) is not bool(one.reason)]
    if odd:
        text = f"expected exactly one of digest and reason, not so: {', '.join(odd)}"
        return _unreadable(text, now)
    missing = [one for one in samples.tasks if one.digest is None]
    if missing and (current.when_task_unavailable == "Postpone" or not samples.prepared):
        return Failure(Fault.ORGANIZER, missing[0].reason, _described(missing), retriable=False, time=now)
    return None


def _unreadable(text: str, now: datetime) -> Failure:
    return Failure(Fault.INFRASTRUCTURE, "ResultUnreadable", text[:1024], retriable=True, time=now)


def samples_condition(samples: Samples, now: datetime) -> Condition:
    """What the samples lack, if anything: a score without a task must be seen to be one."""
    missing = [task for task in samples.tasks if task.digest is None]
    if not missing:
        return Condition("Prepared", True, "AllTasks", "the samples of all tasks are drawn", now, 1)
    sentence = f"the weights of the other tasks fill the place of {_described(missing)}"
    return Condition("Prepared", True, "Renormalized", sentence, now, 1)


def _described(missing: Sequence[PreparedTask]) -> str:
    """All tasks that have no samples: long reasons are cut, so that none is left unnamed."""
    longest = _DESCRIBED_CHARACTERS // len(missing)
    return "; ".join(f"{one.name}: {one.reason}: {one.message}"[:longest] for one in missing)


def late_samples(current: Round) -> str:
    """Why a round without samples ends at its deadline, with what its last attempt ended with."""
    text = f"the samples were not prepared by the deadline, block {current.deadline_block}"
    tried = find_condition(current.status.conditions, "Prepared")
    return f"{text}; {tried.reason}: {tried.message}" if tried is not None else text
