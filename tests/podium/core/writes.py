"""What the API server does with the actions of a plan, in a world in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from podium.core import plan as act
from podium.core.evidence import Evidence, TaskSamples
from podium.core.jobs import Job, Purpose, StoreSweep
from podium.core.kinds import Contender, Round
from podium.core.reference import REFERENCE
from podium.core.tasks import active_tasks

if TYPE_CHECKING:
    from tests.podium.core.worlds import World

__all__ = ["carry_out"]


def carry_out(world: World, action: act.Action) -> bool:
    """One write, as the API server would carry it out; whether it changed anything."""
    if isinstance(action, act.StoreEvidence) and action.name in world.evidence:
        return False
    world.applied.append(action)
    match action:
        case act.StoreEvidence():
            world.evidence[action.name] = action.digest
            told = world.samples.get(action.submission)
            if told is not None:
                ids = tuple(str(number) for number in range(len(told)))
                task = TaskSamples("sorting", told, (1,) * len(told), ids)
                world.held[action.name] = Evidence(action.digest, tasks=(task,))
        case act.CreateRound():
            _create_round(world, action)
        case act.DeleteRound():
            world.rounds.pop(action.uid)
        case act.DeleteJob():
            if world.jobs.pop(action.name, None) is None:
                raise AssertionError(f"{action.name} was deleted twice")
        case (
            act.CreateProbeJob()
            | act.CreateFetchJob()
            | act.CreateReferenceFetchJob()
            | act.CreatePrepareJob()
            | act.CreateEvaluateJob()
        ):
            _create_job(world, action)
        case _:
            _set_status(world, action)
    return True


def _set_status(world: World, action: act.Action) -> None:
    match action:
        case act.SetSubmissionStatus():
            if action.uid in world.submissions:
                changed = replace(world.submissions[action.uid], status=action.status)
                world.submissions[action.uid] = changed
        case act.SetRoundStatus():
            if world.rounds[action.uid].status.phase.terminal:
                raise AssertionError(f"round {action.name} is over and was written again")
            world.rounds[action.uid] = replace(world.rounds[action.uid], status=action.status)
        case act.SetCompetitionStatus():
            world.competition = replace(world.competition, status=action.status)
        case _:
            raise AssertionError(f"no competition asks for {action}")


def _create_round(world: World, action: act.CreateRound) -> None:
    comp = world.competition
    tasks = active_tasks(comp.task_schedule, action.tasks_start_block)
    if tasks is None or any(one.name == action.name for one in world.rounds.values()):
        raise AssertionError(f"round {action.name} cannot be created")
    world.opened[action.name] += 1
    uid = "-".join(["uid", action.name, *["again"] * (world.opened[action.name] - 1)])
    world.rounds[uid] = Round(
        name=action.name,
        uid=uid,
        namespace=comp.namespace,
        created=world.now,
        competition=comp.name,
        competition_uid=comp.uid,
        block=action.block,
        deadline_block=action.deadline_block,
        deadline_time=action.deadline_time,
        seed=action.seed,
        tasks=tasks.tasks,
        tasks_digest=tasks.digest or f"tasks-{tasks.start_block}",
        epsilon=comp.epsilon,
        selection=comp.selection,
        alpha=comp.alpha,
        max_parallel=comp.max_parallel,
        max_attempts=comp.max_attempts,
        pending_seconds=comp.pending_seconds,
        previous_average=action.previous_average,
        postponements=action.postponements,
        task_postponements=action.task_postponements,
        when_leader_missing=comp.when_leader_missing,
        when_task_unavailable=comp.when_task_unavailable,
        contenders=action.contenders,
        clone_filter=world.clone_filter,
        dethrone=world.dethrone,
        audit=world.audit,
        evaluator_image=comp.evaluator_image,
        reference=Contender(REFERENCE, comp.uid, "", 0, action.reference_digest)
        if comp.reference_digest is not None
        else None,
    )


def _swept(world: World, sweep: StoreSweep | None) -> set[str]:
    """What goes when nothing is spared for being young but what comes after the decision."""
    if sweep is None:
        return set()
    decided = sweep.stored_before + timedelta(days=1)
    old = {digest for digest, moment in world.stored.items() if moment < decided}
    seen = {digest for digest in old if digest.startswith(f"sha256:{sweep.beginning}")}
    return seen - set(sweep.models)


def _create_job(world: World, action: act.JobCreation) -> None:
    if action.name in world.jobs or (world.names_once and action.name in world.ordinals):
        raise AssertionError(f"the name {action.name} is used twice")
    match action:
        case act.CreateProbeJob():
            purpose, subject, round_uid = Purpose.PROBE, world.competition.uid, None
        case act.CreateReferenceFetchJob():
            purpose, subject, round_uid = Purpose.FETCH, world.competition.uid, None
        case act.CreateFetchJob():
            purpose, subject, round_uid = Purpose.FETCH, action.submission_uid, None
            world.removing[action.name] = action.evict
            world.removed |= set(action.evict)
        case act.CreatePrepareJob():
            purpose, subject, round_uid = Purpose.PREPARE, action.round_uid, action.round_uid
            world.removed |= _swept(world, action.sweep)
        case act.CreateEvaluateJob():
            purpose, subject, round_uid = Purpose.EVALUATE, action.submission_uid, action.round_uid
            assert action.manifest_digest not in world.removed, f"{action.name} has no model"
    name = subject.removeprefix("uid-")
    world.created[purpose, name] += 1
    world.ordinals[action.name] = world.created[purpose, name]
    world.jobs[action.name] = Job(
        name=action.name,
        uid=f"uid-{action.name}",
        purpose=purpose,
        subject_uid=subject,
        round_uid=round_uid,
        attempt=action.attempt,
        created=world.now,
        evicts=action.evict if isinstance(action, act.CreateFetchJob) else (),
    )
    running = [job for job in world.jobs.values() if job.purpose is Purpose.EVALUATE and job.ending is None]
    world.most_running = max(world.most_running, len(running))
