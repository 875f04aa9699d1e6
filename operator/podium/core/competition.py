"""The decision about a competition: everything its loop does is asked for here.

One pass looks at the whole world and says what to do now. It is level-triggered: nothing depends
on having seen an event, so a process may die between any two actions and the next pass completes
the same round with the same result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from podium.core.availability import tasks_available, tasks_missing
from podium.core.clock import next_sync_block
from podium.core.conditions import Condition, with_condition
from podium.core.entries import Entry
from podium.core.history import conclude_submissions, surroundings
from podium.core.intake import take_in
from podium.core.kinds import (
    CompetitionStatus,
    Leader,
    ReferenceStatus,
    Round,
    SubmissionCounts,
    SubmissionStatus,
)
from podium.core.memo import Known, Memo, Surroundings
from podium.core.opening import TASK_UNAVAILABLE, current_average, newest_completed, open_round
from podium.core.plan import Action, DeleteRound, Plan, SetCompetitionStatus, SetSubmissionStatus, in_stages
from podium.core.precedence import newest_eligible_block
from podium.core.probing import Probing, probe
from podium.core.reference import fetch_reference, unavailable
from podium.core.rounds import awaited_evidence, drive_round, sweep_jobs
from podium.core.shares import Share
from podium.core.staleness import yardstick_of
from podium.core.standings import leading
from podium.core.world import CompetitionWorld

__all__ = ["decide"]


def decide(world: CompetitionWorld, memo: Memo | None = None) -> Plan:
    """What to do now for one competition, and when to look again.

    The plan of an unchanged world is empty.

    Args:
        world: What was observed.
        memo: Of the decision before. It changes nothing but the time that this one takes.
    """
    memo = memo if memo is not None and memo.facts == _facts(world) else Memo(_facts(world))
    obstacle = _obstacle(world)
    may_create = obstacle is None and not world.competition.suspended
    probing = probe(world, may_create=may_create)
    may_evaluate = may_create and (
        probing.isolated is True
        or (world.competition.isolation == "Preferred" and probing.isolated is not None)
    )
    reference = fetch_reference(world, may_create=may_create)
    intake = take_in(world, memo, may_create=may_create)
    average = current_average(world)
    # What a round that just ended left on submissions decides who takes part in the next one.
    around = surroundings(world, average)
    concluded = conclude_submissions(world, intake.entries, around, memo, obstacle)
    entries = [one.entry for one in concluded]
    actions: list[Action] = [
        *probing.actions,
        *reference.actions,
        *intake.actions,
        *sweep_jobs(world),
        *_sweep_rounds(world),
    ]
    driven, wakes = drive_round(world, may_create=may_evaluate)
    actions += driven
    if may_evaluate:
        opened = open_round(world, entries, reference.status)
        actions += [opened] if opened is not None else []
    actions += _submission_writes(entries)
    status = _status(world, entries, probing, reference.status, obstacle, average)
    if status != world.competition.status:
        actions.append(SetCompetitionStatus(world.competition.name, world.competition.uid, status))
    wakes += [moment for moment in (probing.wake_at, reference.wake_at) if moment is not None]
    wake_at = _earliest([*wakes, *intake.wake_at, _next_round_at(world)])
    return replace(
        in_stages(actions, wake_at),
        evidence=awaited_evidence(world),
        memo=_remember(world, concluded, around, memo),
    )


def _facts(world: CompetitionWorld) -> object:
    """What conclusions about all submissions rest on, beside each submission itself."""
    competition, subnet = world.competition, world.subnet
    return (
        competition.constraints_digest,
        competition.volume_claims,
        yardstick_of(world),
        (subnet.clock, subnet.schedule) if subnet is not None else None,
        world.registered,
        competition.submission_delay_blocks,
        _obstacle(world),
    )


def _remember(
    world: CompetitionWorld, concluded: tuple[Known, ...], around: Surroundings, memo: Memo
) -> Memo:
    """What the next decision need not conclude again: all that is written already."""
    old_enough = newest_eligible_block(world)
    if concluded is memo.concluded and memo.entries(world.submissions, old_enough) is not None:
        return memo
    known = {
        one.entry.submission.uid: one
        for one in concluded
        if one.entry.status is one.entry.submission.status and not one.entry.fetching
    }
    return Memo(
        memo.facts,
        known,
        world.submissions,
        old_enough,
        concluded if len(known) == len(concluded) else (),
        around,
    )


def _obstacle(world: CompetitionWorld) -> tuple[str, str] | None:
    """Why the competition cannot run at all: reason and sentence."""
    competition = world.competition
    if world.subnet is None:
        return "SubnetNotFound", f"there is no Subnet {competition.subnet!r} in this namespace: create it"
    if world.subnet.clock is None:
        return (
            "SubnetNotSupported",
            f"Subnet {competition.subnet!r} is no ledger; chains are not supported yet",
        )
    if world.same_id:
        text = f"competition id {competition.competition_id} belongs to the older {world.same_id[0]}"
        return "DuplicateCompetitionId", text
    if world.unreadable_rounds:
        text = (
            f"this version cannot read the Rounds {', '.join(world.unreadable_rounds)}, one of which may be "
            "open: run the version that made them, or delete them"
        )
        return "RoundUnreadable", text[:1024]
    if competition.unsupported:
        text = f"not supported by this version: {'; '.join(competition.unsupported)}"
        return "NotSupported", text
    return None


def _submission_writes(entries: Sequence[Entry]) -> list[SetSubmissionStatus]:
    return [
        SetSubmissionStatus(entry.submission.name, entry.submission.uid, entry.status)
        for entry in entries
        if entry.status is not entry.submission.status
    ]


def _sweep_rounds(world: CompetitionWorld) -> list[DeleteRound]:
    over = [one for one in world.rounds if one.status.phase.terminal]
    # By their age: blocks of a clock that was set back tell nothing.
    over.sort(key=lambda one: (one.created, one.block), reverse=True)
    return [DeleteRound(one.name, one.uid) for one in over[world.competition.history_limit :]]


def _status(
    world: CompetitionWorld,
    entries: Sequence[Entry],
    probing: Probing,
    reference: ReferenceStatus | None,
    obstacle: tuple[str, str] | None,
    average: tuple[Share, ...],
) -> CompetitionStatus:
    competition, before = world.competition, world.competition.status
    completed, last, running = newest_completed(world.past_rounds), world.last_round, world.open_round
    status = replace(
        before,
        observed_generation=competition.generation,
        conditions=_conditions(world, probing, reference, obstacle),
        current_round=running.name if running is not None else None,
        next_round_block=_next_round_block(world),
        moving_average=average,
        counts=_count(entries),
        isolation=probing.verdict,
        reference=reference,
        leader=_leader(average, entries, before),
    )
    if last is not None and last.block >= world.recorded_block(before.last_round_block):
        status = replace(
            status,
            last_round=last.name,
            last_round_uid=last.uid,
            last_round_block=last.block,
            last_round_phase=last.status.phase.value,
        )
    if completed is not None and completed.block >= world.recorded_block(before.average_block):
        status = replace(
            status,
            average_round=completed.name,
            average_round_uid=completed.uid,
            average_block=completed.block,
        )
    return replace(status, phase=_phase(status, running, suspended=competition.suspended))


def _conditions(
    world: CompetitionWorld,
    probing: Probing,
    reference: ReferenceStatus | None,
    obstacle: tuple[str, str] | None,
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


def _leader(average: Sequence[Share], entries: Sequence[Entry], before: CompetitionStatus) -> Leader | None:
    if not average:
        return None
    top = leading(average)
    ranked: list[tuple[Entry, SubmissionStatus]] = [
        (entry, entry.status)
        for entry in entries
        if entry.submission.hotkey == top.hotkey and entry.status.score
    ]
    if not ranked:
        known = before.leader
        same = known is not None and known.hotkey == top.hotkey
        return replace(known, units=top.units) if known is not None and same else None
    entry, status = min(ranked, key=lambda one: one[1].place or 0)
    return Leader(entry.submission.name, top.hotkey, status.score or "", top.units)


def _next_round_block(world: CompetitionWorld) -> int | None:
    if world.block is None:
        return None
    rounds = world.competition
    return next_sync_block(world.block, rounds.every_blocks, rounds.sync_offset_block)


def _next_round_at(world: CompetitionWorld) -> datetime | None:
    block = _next_round_block(world)
    if block is None or world.subnet is None or world.subnet.clock is None:
        return None
    return world.subnet.clock.start_of(block)


def _earliest(moments: Sequence[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)
