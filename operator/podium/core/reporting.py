"""What an organiser is told of a competition: conditions, the last round, the average and who leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from podium.core.availability import tasks_available, tasks_missing
from podium.core.clock import next_sync_block
from podium.core.conditions import Condition, with_condition
from podium.core.entries import Entry
from podium.core.kinds import (
    CompetitionStatus,
    Leader,
    ReferenceStatus,
    Round,
    SubmissionCounts,
)
from podium.core.opening import TASK_UNAVAILABLE, newest_completed
from podium.core.probing import Probing
from podium.core.reference import unavailable
from podium.core.shares import Share
from podium.core.standings import leading, paying
from podium.core.world import CompetitionWorld

__all__ = ["competition_status", "next_round_block"]


def competition_status(
    world: CompetitionWorld,
    entries: Sequence[Entry],
    probing: Probing,
    reference: ReferenceStatus | None,
    obstacle: tuple[str, str] | None,
    average: tuple[Share, ...],
) -> CompetitionStatus:
    """The full status of a competition.

    Args:
        world: What was observed.
        entries: Its submissions with their statuses.
        probing: What is known of the isolation.
        reference: What is known of the organiser's own model.
        obstacle: Why it cannot run at all: reason and sentence.
        average: The newest moving average.
    """
    competition, before = world.competition, world.competition.status
    completed, running = newest_completed(world.past_rounds), world.open_round
    status = replace(
        before,
        observed_generation=competition.generation,
        conditions=_conditions(world, probing, reference, obstacle, average),
        current_round=running.name if running is not None else None,
        next_round_block=next_round_block(world),
        moving_average=average,
        counts=_count(entries),
        isolation=probing.verdict,
        reference=reference,
        leader=_leader(average, entries, completed, before),
    )
    status = _with_newest(status, world)
    return replace(status, phase=_phase(status, running, suspended=competition.suspended))


def _with_newest(status: CompetitionStatus, world: CompetitionWorld) -> CompetitionStatus:
    """The status with the newest rounds; those that were recorded may be gone, and stay recorded."""
    completed, last = newest_completed(world.past_rounds), world.last_round
    if last is not None and last.block >= world.recorded_block(status.last_round_block):
        status = replace(
            status,
            last_round=last.name,
            last_round_uid=last.uid,
            last_round_block=last.block,
            last_round_phase=last.status.phase.value,
        )
    if completed is not None and completed.block >= world.recorded_block(status.average_block):
        status = replace(
            status,
            average_round=completed.name,
            average_round_uid=completed.uid,
            average_block=completed.block,
        )
    return status


def _conditions(
    world: CompetitionWorld,
    probing: Probing,
    reference: ReferenceStatus | None,
    obstacle: tuple[str, str] | None,
    average: Sequence[Share],
) -> tuple[Condition, ...]:
    competition = world.competition
    isolated = _isolation_sentence(probing)
    conditions = competition.status.conditions
    if obstacle is not None:
        ready: tuple[bool, str, str] = (False, *obstacle)
    elif competition.suspended:
        ready = (False, "Suspended", "spec.suspend is set: no new Jobs are made")
    elif probing.isolated is None:
        ready = (False, isolated[0], isolated[1])
    elif not probing.isolated and competition.isolation == "Required":
        ready = (False, "NotIsolated", isolated[1])
    elif (missing := tasks_missing(world)) is not None:
        ready = (False, TASK_UNAVAILABLE, missing)
    elif (absent := unavailable(reference, competition)) is not None:
        ready = (False, "ReferenceUnavailable", absent)
    else:
        ready = (True, "Ready", "rounds are run")
    for kind, status, reason, message in (
        ("Isolated", probing.isolated, *isolated),
        ("TasksAvailable", *tasks_available(world)),
        ("Paying", *paying(average, competition.threshold)),
        ("Ready", *ready),
    ):
        new = Condition(kind, status, reason, message, world.now, competition.generation)
        conditions = with_condition(conditions, new)
    return conditions


def _isolation_sentence(probing: Probing) -> tuple[str, str]:
    verdict = probing.verdict
    if verdict is None:
        return "ProbePending", "a pod with the evaluate pods' settings is trying to reach what it must not"
    if not verdict.complete:
        return "ProbeFailed", f"probe {verdict.attempts} did not answer: {verdict.message}"
    if verdict.reachable:
        text = ", ".join(verdict.reachable)
        return (
            "Reachable",
            f"evaluate pods reach {text}: set runtimeClassName or a NetworkPolicy that is enforced",
        )
    return "NothingReachable", "a pod with the evaluate pods' settings reached nothing"


def _phase(status: CompetitionStatus, running: Round | None, *, suspended: bool) -> str:
    if suspended:
        return "Suspended"
    if running is not None:
        return running.status.phase.value
    ready = next((one for one in status.conditions if one.type == "Ready"), None)
    return "Ready" if ready is not None and ready.status else "NotReady"


def _count(entries: Sequence[Entry]) -> SubmissionCounts:
    rejected = sum(entry.rejected for entry in entries)
    fetched = sum(entry.admitted for entry in entries)
    return SubmissionCounts(len(entries), len(entries) - rejected - fetched, fetched, rejected)


def _leader(
    average: Sequence[Share], entries: Sequence[Entry], completed: Round | None, before: CompetitionStatus
) -> Leader | None:
    """Who has most of the average, and by which model: one that was withdrawn is known from its round."""
    if not average:
        return None
    top = leading(average)
    scored = [
        (entry.status.place or 0, entry.submission.name, entry.status.score)
        for entry in entries
        if entry.submission.hotkey == top.hotkey and entry.status.score
    ]
    if not scored and completed is not None:
        lines = [one for one in completed.status.ranking if one.hotkey == top.hotkey and one.score]
        scored = [(line.place, line.submission, line.score or "") for line in lines]
    if scored:
        _, name, score = min(scored)
        return Leader(name, top.hotkey, score, top.units)
    known = before.leader
    return replace(known, units=top.units) if known is not None and known.hotkey == top.hotkey else None


def next_round_block(world: CompetitionWorld) -> int | None:
    """The next sync block; None while no block is known."""
    if world.block is None:
        return None
    rounds = world.competition
    return next_sync_block(world.block, rounds.every_blocks, rounds.sync_offset_block)
