"""Opening a round: whether it is time, and who takes part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from podium.core.clock import sync_block
from podium.core.conditions import find_condition
from podium.core.intake import Entry
from podium.core.kinds import Contender, Outcome, Round, RoundPhase, SamplesWindow, TaskEntry
from podium.core.names import round_name
from podium.core.plan import CreateRound
from podium.core.shares import Share
from podium.core.standings import leading
from podium.core.world import CompetitionWorld

__all__ = [
    "LEADER_MISSING",
    "TASK_UNAVAILABLE",
    "active_tasks",
    "current_average",
    "open_round",
    "postponed_in_a_row",
    "select",
]

LEADER_MISSING = "LeaderMissing"
"""Reason of a round that was postponed because its leader could not be evaluated."""

TASK_UNAVAILABLE = "TaskUnavailable"
"""Reason of a round that was postponed because the samples of a task could not be had."""


def open_round(world: CompetitionWorld, entries: Sequence[Entry]) -> CreateRound | None:
    """The round of the newest sync block, or None when it is not due or has nobody to evaluate.

    Missed sync blocks are skipped: only the newest one is ever run.
    """
    competition, block = world.competition, world.block
    if block is None or world.open_round is not None:
        return None
    sync = sync_block(block, competition.every_blocks, competition.sync_offset_block)
    done = _last_block(world)
    deadline = sync + competition.deadline_blocks
    tasks = active_tasks(competition.task_schedule, sync)
    if sync < 0 or sync <= done or block >= deadline or tasks is None:
        return None
    contenders = select(world, entries, sync)
    if not any(contender.manifest_digest for contender in contenders):
        return None
    return CreateRound(
        name=round_name(competition.name, sync),
        block=sync,
        deadline_block=deadline,
        seed=world.entropy.hex(),
        tasks_start_block=tasks.start_block,
        previous_average=current_average(world),
        postponements=postponed_in_a_row(world.last_round, LEADER_MISSING),
        task_postponements=postponed_in_a_row(world.last_round, TASK_UNAVAILABLE),
        window=_window(world, sync),
        contenders=contenders,
    )


def _window(world: CompetitionWorld, sync: int) -> SamplesWindow:
    """From the end of the newest block in which a contender may have committed to the sync block."""
    if world.subnet is None or world.subnet.clock is None:
        return SamplesWindow()
    clock = world.subnet.clock
    newest = sync - world.competition.submission_delay_blocks
    return SamplesWindow(after=clock.start_of(newest + 1), until=clock.start_of(sync))


def active_tasks(schedule: Sequence[TaskEntry], block: int) -> TaskEntry | None:
    """The last entry of the schedule whose start is not after `block`."""
    started = [entry for entry in schedule if entry.start_block <= block]
    return max(started, key=lambda entry: entry.start_block, default=None)


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


def select(world: CompetitionWorld, entries: Sequence[Entry], sync: int) -> tuple[Contender, ...]:
    """Who takes part: the best so far keep their seats, then those without an evaluation by commitment.

    Eligible is who committed at least `submissionDelayBlocks` before the sync block and is not
    rejected. One that is not in the store yet is a contender all the same: it will be missing.
    """
    competition = world.competition
    units = {share.hotkey: share.units for share in current_average(world)}
    newest = sync - competition.submission_delay_blocks
    eligible = [
        entry
        for entry in entries
        if not entry.rejected
        and entry.status.commit_block is not None
        and entry.status.commit_block <= newest
    ]
    ranked = sorted(
        (entry for entry in eligible if entry.status.place is not None),
        key=lambda entry: _merit(entry, units),
    )
    kept = ranked[: competition.keep_top]
    free = max(0, competition.max_contenders - len(kept))
    fresh = _fresh([entry for entry in eligible if not entry.status.evaluations], world.rounds, free)
    return tuple(_contender(entry) for entry in [*kept, *fresh][: competition.max_contenders])


def _fresh(waiting: Sequence[Entry], rounds: Sequence[Round], free: int) -> list[Entry]:
    """Seats of those without an evaluation, in the order of their commitment.

    Whose attempts came to nothing keeps its place in the queue, but half of the seats are for those that
    were not tried yet: models that never yield a result cannot keep all others out.
    """
    tried = {
        result.submission_uid
        for round_ in rounds
        if round_.status.phase.terminal
        for result in round_.status.results
        if result.outcome is Outcome.MISSING and result.attempts
    }
    again = [entry for entry in waiting if entry.submission.uid in tried]
    new = [entry for entry in waiting if entry.submission.uid not in tried]
    again = again[: max(free // 2, free - len(new))]
    seated = {entry.submission.uid for entry in [*again, *new[: free - len(again)]]}
    return [entry for entry in waiting if entry.submission.uid in seated]


def _merit(entry: Entry, units: Mapping[str, int]) -> tuple[int, int, int]:
    """The best come first: by average, then by the newest ranking they were part of."""
    newest = entry.status.evaluations[-1].block if entry.status.evaluations else -1
    return (-units.get(entry.submission.hotkey, 0), -newest, entry.status.place or 0)


def _contender(entry: Entry) -> Contender:
    submission, status = entry.submission, entry.status
    return Contender(
        submission.name,
        submission.uid,
        submission.hotkey,
        status.commit_block if status.commit_block is not None else 0,
        status.manifest_digest,
    )


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
