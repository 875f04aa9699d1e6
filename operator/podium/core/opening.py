"""Opening a round: whether it is time, and who takes part."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from podium.core.clock import seed_of, sync_block
from podium.core.conditions import find_condition
from podium.core.entries import Entry
from podium.core.kinds import Outcome, ReferenceStatus, Round, RoundPhase, SamplesWindow
from podium.core.names import round_name
from podium.core.plan import CreateRound
from podium.core.reference import unavailable
from podium.core.seats import select
from podium.core.shares import Share
from podium.core.standings import leading, without_departed
from podium.core.tasks import active_tasks
from podium.core.world import CompetitionWorld

__all__ = [
    "LEADER_MISSING",
    "TASK_UNAVAILABLE",
    "current_average",
    "open_round",
    "postponed_in_a_row",
]

LEADER_MISSING = "LeaderMissing"
"""Reason of a round that was postponed because its leader could not be evaluated."""

TASK_UNAVAILABLE = "TaskUnavailable"
"""Reason of a round that was postponed because the samples of a task could not be had."""


def open_round(
    world: CompetitionWorld, entries: Sequence[Entry], reference: ReferenceStatus | None
) -> CreateRound | None:
    """The round of the newest sync block, or None when it is not due or has nobody to evaluate.

    Missed sync blocks are skipped: only the newest one is ever run.
    """
    competition, block = world.competition, world.block
    if world.subnet is None or world.subnet.clock is None or block is None:
        return None
    if world.open_round is not None or unavailable(reference, competition) is not None:
        return None
    sync = sync_block(block, competition.every_blocks, competition.sync_offset_block)
    if not _chain_was_read(world, sync):
        return None
    done = _last_block(world)
    deadline = sync + competition.deadline_blocks
    tasks = active_tasks(competition.task_schedule, sync)
    if sync < 0 or sync <= done or block >= deadline or tasks is None:
        return None
    average = without_departed(current_average(world), _present(world, entries))
    contenders = select(world, entries, sync, average)
    if not any(contender.manifest_digest for contender in contenders):
        return None
    return CreateRound(
        name=round_name(competition.name, sync),
        block=sync,
        deadline_block=deadline,
        deadline_time=world.subnet.clock.start_of(deadline),
        seed=seed_of(world.block_hash) if world.block_hash is not None else world.entropy.hex(),
        block_hash=world.block_hash,
        tasks_start_block=tasks.start_block,
        previous_average=average,
        postponements=postponed_in_a_row(world.last_round, LEADER_MISSING),
        task_postponements=postponed_in_a_row(world.last_round, TASK_UNAVAILABLE),
        window=_window(world, sync),
        contenders=contenders,
        reference_digest=reference.manifest_digest if reference is not None else None,
    )


def _chain_was_read(world: CompetitionWorld, sync: int) -> bool:
    """On a chain: the sync block's hash is known, and so are all commitments up to it."""
    subnet = world.subnet
    if subnet is None or subnet.target is None:
        return True
    if world.block_hash is None:
        return False
    known = subnet.status.discovered_block
    return not subnet.discovery or (known is not None and known >= sync)


def _present(world: CompetitionWorld, entries: Sequence[Entry]) -> set[str]:
    """Hotkeys that have not left: on a chain those that are registered since before their commitment."""
    return {
        entry.submission.hotkey
        for entry in entries
        if world.registered is None
        or world.registered.get(entry.submission.hotkey, sys.maxsize) <= (entry.status.commit_block or 0)
    }


def _window(world: CompetitionWorld, sync: int) -> SamplesWindow:
    """From the end of the newest block in which a contender may have committed to the sync block."""
    if world.subnet is None or world.subnet.clock is None:
        return SamplesWindow()
    clock = world.subnet.clock
    newest = sync - world.competition.submission_delay_blocks
    return SamplesWindow(after=clock.start_of(newest + 1), until=clock.start_of(sync))


def current_average(world: CompetitionWorld) -> tuple[Share, ...]:
    """The newest moving average: of the last completed round, or the recorded one if that is newer."""
    newest = newest_completed(world.past_rounds)
    status = world.competition.status
    if newest is not None and newest.block > world.recorded_block(status.average_block):
        return newest.status.moving_average
    return status.moving_average


def newest_completed(rounds: Sequence[Round]) -> Round | None:
    """The completed round with the highest block."""
    completed = [one for one in rounds if one.status.phase is RoundPhase.COMPLETED]
    return max(completed, key=lambda one: one.block, default=None)


def _last_block(world: CompetitionWorld) -> int:
    blocks = [one.block for one in world.past_rounds]
    return max([*blocks, world.recorded_block(world.competition.status.last_round_block)])


def postponed_in_a_row(last: Round | None, reason: str) -> int:
    """Rounds in a row, up to the last one, that were postponed for `reason`.

    A round that ended for another reason before its leader was evaluated tells nothing of the leader: it
    neither counts nor ends the row. Each round shows whether its tasks have samples.
    """
    if last is None:
        return 0
    for_leader = reason == LEADER_MISSING
    before = last.postponements if for_leader else last.task_postponements
    if for_leader and last.status.phase is RoundPhase.COMPLETED and _still_leads_unseen(last):
        return before
    ended = find_condition(last.status.conditions, "Complete")
    if ended is not None and ended.reason == reason:
        return before + 1
    return before if for_leader and last.status.phase is not RoundPhase.COMPLETED else 0


def _still_leads_unseen(last: Round) -> bool:
    """Whether a round counted without its leader, which leads all the same: it postpones nothing more."""
    if not last.previous_average or not last.status.moving_average:
        return False
    leader = leading(last.previous_average).hotkey
    return is_missing(last, leader) and leading(last.status.moving_average).hotkey == leader


def is_missing(round_: Round, hotkey: str) -> bool:
    """Whether a contender of this hotkey ended the round without a result of its own."""
    uids = {one.submission_uid for one in round_.contenders if one.hotkey == hotkey}
    results = [one for one in round_.status.results if one.submission_uid in uids]
    return bool(uids) and all(one.outcome is Outcome.MISSING for one in results)
