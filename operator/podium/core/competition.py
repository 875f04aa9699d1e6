"""The decision about a competition: everything its loop does is asked for here.

One pass looks at the whole world and says what to do now. It is level-triggered: nothing depends
on having seen an event, so a process may die between any two actions and the next pass completes
the same round with the same result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from podium.core.entries import Entry
from podium.core.eviction import make_room
from podium.core.history import conclude_submissions, surroundings
from podium.core.intake import take_in
from podium.core.memo import Known, Memo, Surroundings
from podium.core.opening import current_average, newest_completed, open_round
from podium.core.plan import (
    Action,
    CreateRound,
    DeleteRound,
    Plan,
    SetCompetitionStatus,
    SetSubmissionStatus,
    in_stages,
)
from podium.core.precedence import newest_eligible_block
from podium.core.probing import Probing, probe
from podium.core.reference import fetch_reference
from podium.core.reporting import competition_status, next_round_block
from podium.core.rounds import awaited_evidence, drive_round, sweep_jobs
from podium.core.seats import select
from podium.core.shares import Share
from podium.core.staleness import yardstick_of
from podium.core.sweeping import with_sweep
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
    may_evaluate = may_create and _is_isolated_enough(world, probing)
    reference = fetch_reference(world, may_create=may_create)
    average = current_average(world)
    intake = take_in(world, memo, average, may_create=may_create)
    # What a round that just ended left on submissions decides who takes part in the next one.
    around = surroundings(world, average)
    concluded = conclude_submissions(world, intake.entries, around, memo, obstacle)
    entries = [one.entry for one in concluded]
    actions: list[Action] = [*probing.actions, *reference.actions, *intake.actions]
    actions += [*sweep_jobs(world), *_sweep_rounds(world)]
    driven, wakes = drive_round(world, may_create=may_evaluate)
    actions += with_sweep(driven, world, entries, reference.status)
    opened = open_round(world, entries, reference.status) if may_evaluate else None
    actions += [opened] if opened is not None else []
    if intake.lacking:
        needed = _needed(world, entries, average, opened)
        entries = make_room(world, entries, needed, intake.lacking, obstacle)
    actions += _submission_writes(entries)
    status = competition_status(world, entries, probing, reference.status, obstacle, average)
    if status != world.competition.status:
        actions.append(SetCompetitionStatus(world.competition.name, world.competition.uid, status))
    moments = [*wakes, probing.wake_at, reference.wake_at, *intake.wake_at, _next_round_at(world)]
    return replace(
        in_stages(actions, _earliest(moments)),
        evidence=awaited_evidence(world),
        memo=_remember(world, concluded, around, memo),
    )


def _needed(
    world: CompetitionWorld, entries: Sequence[Entry], average: Sequence[Share], opened: CreateRound | None
) -> frozenset[str]:
    """UIDs of submissions that take part now, or would in the next round."""
    contenders = [*(opened.contenders if opened is not None else ())]
    contenders += world.open_round.contenders if world.open_round is not None else ()
    sync = next_round_block(world)
    contenders += select(world, entries, sync, average) if sync is not None else ()
    return frozenset(one.submission_uid for one in contenders)


def _is_isolated_enough(world: CompetitionWorld, probing: Probing) -> bool:
    preferred = world.competition.isolation == "Preferred" and probing.isolated is not None
    return probing.isolated is True or preferred


def _facts(world: CompetitionWorld) -> object:
    """What conclusions about all submissions rest on, beside each submission itself."""
    competition, subnet = world.competition, world.subnet
    return (
        competition.constraints_digest,
        competition.volume_claims,
        yardstick_of(world),
        # A chain's clock moves with every block, and no conclusion rests on it.
        (subnet.target or subnet.clock, subnet.schedule) if subnet is not None else None,
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
        text = f"the chain of Subnet {competition.subnet!r} has not been read yet"
        return "ChainUnavailable", f"{text}: see its condition Connected"
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
    """Rounds beyond the limit; the newest completed one stays, since what is paid follows from it."""
    over = [one for one in world.rounds if one.status.phase.terminal]
    # By their age: blocks of a clock that was set back tell nothing.
    over.sort(key=lambda one: (one.created, one.block), reverse=True)
    paid = newest_completed(world.past_rounds)
    old = over[world.competition.history_limit :]
    return [DeleteRound(one.name, one.uid) for one in old if one is not paid]


def _next_round_at(world: CompetitionWorld) -> datetime | None:
    block = next_round_block(world)
    if block is None or world.subnet is None or world.subnet.clock is None:
        return None
    return world.subnet.clock.start_of(block)


def _earliest(moments: Sequence[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)
