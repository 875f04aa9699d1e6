"""Driving an open round to its end: samples, one evaluation a contender, outcomes, the barrier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from podium.core.audit import audit_name, begin_audit, drive_audits, is_audited, pending
from podium.core.barrier import close_round, end_round, new_leader, wanted_evidence
from podium.core.evaluations import Step, evaluation_name, follow, participants, result_of, start_evaluations
from podium.core.evidence import Evidence
from podium.core.faults import Fault
from podium.core.jobs import Purpose
from podium.core.kinds import Result, Round, RoundPhase, RoundStatus
from podium.core.names import job_name
from podium.core.opening import TASK_UNAVAILABLE
from podium.core.plan import Action, DeleteJob, SetRoundStatus
from podium.core.preparing import draw_samples, late_samples
from podium.core.reference import broken_evaluator
from podium.core.settling import settle
from podium.core.waiting import pending_deadlines
from podium.core.world import CompetitionWorld

__all__ = ["awaited_evidence", "drive_round", "sweep_jobs"]


def drive_round(world: CompetitionWorld, *, may_create: bool) -> tuple[list[Action], list[datetime]]:
    """The next actions for the open round, and when to look again.

    Args:
        world: What was observed.
        may_create: Whether new Jobs may be started.
    """
    current = world.open_round
    if current is None:
        return [], []
    started = replace(current.status, started=current.status.started or world.now)
    current = replace(current, status=started)
    late = _is_late(current, world)
    actions: list[Action] = []
    if world.block is not None and world.block < current.block:
        text = (
            f"the Subnet is at block {world.block}, before the round's own {current.block}: "
            "its clock was set back"
        )
        status = end_round(current, RoundPhase.ABANDONED, "ClockSetBack", text, world.now)
    elif current.status.samples is None:
        status, actions = draw_samples(current, world, may_create=may_create)
        if status.phase is RoundPhase.PREPARING and late:
            without = replace(current, status=status)
            text = late_samples(without)
            status = end_round(without, RoundPhase.ABANDONED, TASK_UNAVAILABLE, text, world.now)
    else:
        status, actions = _evaluate(current, world, late=late, may_create=may_create)
    observed = next(one for one in world.rounds if one.uid == current.uid).status
    if status != observed:
        actions.append(SetRoundStatus(current.name, current.uid, status))
    return actions, [*_deadlines(current, world), *pending_deadlines(current, world)]


def _is_late(current: Round, world: CompetitionWorld) -> bool:
    """Whether the deadline has passed, by the Subnet's blocks or, where it is gone, by the clock."""
    passed = current.deadline_time is not None and world.now >= current.deadline_time
    return passed or (world.block is not None and world.block >= current.deadline_block)


def _deadlines(current: Round, world: CompetitionWorld) -> list[datetime]:
    clock = world.subnet.clock if world.subnet is not None else None
    moments = [current.deadline_time, clock.start_of(current.deadline_block) if clock is not None else None]
    return [moment for moment in moments if moment is not None]


def awaited_evidence(world: CompetitionWorld) -> tuple[str, ...]:
    """Names of the evidence without which the open round cannot end, and which is not at hand."""
    current = world.open_round
    if current is None or not current.status.results:
        return ()
    if any(one.outcome is None for one in current.status.results) or pending(current) is not None:
        return ()
    return tuple(name for name in wanted_evidence(current) if name not in world.evidence)


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
    results = [result_of(current, one) for one in participants(current)]
    audit = pending(current)
    return [
        *(evaluation_name(current, one) for one in results if one.outcome is None),
        *([audit_name(current, audit)] if audit is not None else []),
    ]


def _evaluate(
    current: Round, world: CompetitionWorld, *, late: bool, may_create: bool
) -> tuple[RoundStatus, list[Action]]:
    environments = current.status.environments
    steps: list[Step] = []
    for contender in participants(current):
        step = follow(current, contender, environments, world, late=late)
        environments = step.environments
        steps.append(step)
    actions = [action for step in steps for action in step.actions]
    results = tuple(step.result for step in steps)
    status = replace(current.status, results=results, environments=environments)
    # Until here the organiser's own model is a contender like the others.
    status = settle(replace(current, contenders=participants(current), status=status), late=late)
    steps = [replace(step, result=result) for step, result in zip(steps, status.results, strict=True)]
    if may_create and not late:
        actions += start_evaluations(current, steps, world)
    current = replace(current, status=status)
    if any(result.outcome is None for result in status.results):
        return _closed(current, {}, world.now), actions
    audits = drive_audits(current, world, late=late, may_create=may_create)
    status = replace(status, audits=audits.results, environments=audits.environments)
    closed = _closed(replace(current, status=status), world.evidence, world.now)
    return closed, [*actions, *audits.actions]


def _closed(current: Round, evidence: Mapping[str, Evidence], now: datetime) -> RoundStatus:
    """The status with the organiser's own model apart, and with the round's end if it has come.

    What the end rests on is asked for once it is stored: see `awaited_evidence`.
    """
    status = current.status
    complete = all(result.outcome is not None for result in status.results) and pending(current) is None
    if current.reference is not None:
        reference, *results = status.results
        status = replace(status, reference=reference, results=tuple(results))
    current = replace(current, status=status)
    broken = broken_evaluator(status.reference)
    if broken is not None:
        text = f"{broken}; no contender is blamed, and the averages stay as they are"
        return end_round(current, RoundPhase.FAILED, "ReferenceFailed", text, now)
    unusable = next((one.cause for one in status.results if _blames_organizer(one)), None)
    if unusable is not None:
        text = f"an evaluate pod refused its request: {unusable.message}"
        return end_round(current, RoundPhase.ABANDONED, unusable.reason, text, now)
    if not complete or not set(wanted_evidence(current)) <= evidence.keys():
        return status
    leader = new_leader(current, evidence) if current.audit else None
    if leader is not None and not is_audited(current, leader):
        return replace(status, audits=begin_audit(current, leader))
    return close_round(current, evidence, now)


def _blames_organizer(result: Result) -> bool:
    return result.cause is not None and result.cause.fault is Fault.ORGANIZER
