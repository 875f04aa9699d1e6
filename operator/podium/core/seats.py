"""Who takes part in a round."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from podium.core.consensus import UNSEEN_BLOCKS
from podium.core.entries import Entry
from podium.core.kinds import Competition, Contender, Outcome, Round
from podium.core.retry import may_try_again
from podium.core.shares import Share
from podium.core.staleness import yardstick
from podium.core.world import CompetitionWorld

__all__ = ["select"]


def select(
    world: CompetitionWorld, entries: Sequence[Entry], sync: int, average: Sequence[Share]
) -> tuple[Contender, ...]:
    """Who takes part: the best so far keep their seats, then those without an evaluation by commitment.

    Right after the best come models that other validators pay and that were not measured here for long.

    Whoever won the newest round is among them, however little its average is yet: unmeasured, it could
    never earn what it takes to stay.

    One seat, if it can be spared, is for a model that was evaluated before and might do better now.

    Eligible is who committed at least `submissionDelayBlocks` before the sync block and is not
    rejected. One that is not in the store yet is a contender all the same: it will be missing.
    """
    competition = world.competition
    units = {share.hotkey: share.units for share in average}
    now = yardstick(competition, sync)
    newest = sync - competition.submission_delay_blocks
    eligible = [entry for entry in entries if _is_eligible(entry, newest, competition)]
    kept = _kept(_ranked(eligible, units), competition.keep_top)
    sought = _sought(world, eligible, {entry.submission.uid for entry in kept}, sync)
    kept = [*kept, *sought][: max(competition.max_contenders - 1, len(kept))]
    seated = {entry.submission.uid for entry in kept}
    free = max(0, competition.max_contenders - len(kept))
    again = [
        entry
        for entry in eligible
        if entry.submission.uid not in seated
        and may_try_again(entry.status.evaluations, competition.epsilon, sync, now)
    ]
    # One whose bytes were given up may take the seat, if nobody else would.
    again.sort(key=lambda entry: not entry.stored)
    # With a single free seat it would keep all new models out.
    retried = again[: min(1, free - 1)] if free else []
    waiting = [one for one in eligible if not one.status.evaluations and one.submission.uid not in seated]
    fresh = _fresh(waiting, world.rounds, free)
    fresh = fresh[: free - len(retried)]
    return tuple(_contender(entry) for entry in [*kept, *fresh, *retried][: competition.max_contenders])


def _ranked(eligible: Sequence[Entry], units: Mapping[str, int]) -> list[Entry]:
    """Those with a score, by merit: who was evaluated and failed has a place, and keeps nobody out."""
    scored = (one for one in eligible if one.status.place is not None and one.status.score is not None)
    return sorted(scored, key=lambda entry: _merit(entry, units))


def _sought(world: CompetitionWorld, eligible: Sequence[Entry], seated: set[str], sync: int) -> list[Entry]:
    """Models that other validators pay and that were not measured here for long, by commitment."""
    return [
        entry
        for entry in eligible
        if entry.submission.hotkey in world.paid_elsewhere
        and entry.submission.uid not in seated
        and _last_block(entry) < sync - UNSEEN_BLOCKS
    ]


def _last_block(entry: Entry) -> int:
    history = entry.status.evaluations
    return history[-1].block if history else -UNSEEN_BLOCKS - 1


def _kept(ranked: Sequence[Entry], keep_top: int) -> list[Entry]:
    """The first `keep_top` by merit, the newest winner right after the leader if it is not one of them."""
    best = list(ranked[:keep_top])
    if not best:
        return []
    newest = max((one.status.evaluations[-1].block for one in ranked if one.status.evaluations), default=-1)
    for entry in ranked[keep_top:]:
        history = entry.status.evaluations
        if entry.status.place == 1 and history and history[-1].block == newest:
            return [*best[:1], entry, *best[1 : max(keep_top - 1, 1)]]
    return best


def _is_eligible(entry: Entry, newest: int, competition: Competition) -> bool:
    status = entry.status
    if entry.rejected or status.commit_block is None or status.commit_block > newest:
        return False
    return status.quarantine is None or status.quarantine != competition.evaluator_image


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
        if result.outcome is Outcome.MISSING and (result.attempts or result.disruptions)
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
        status.manifest_digest if entry.stored else None,
    )
