"""Room in the store: which models give up their bytes when the next one needs them.

Nothing is lost but bytes: digest, verdict, sketch and history stay, and a model that is to take part again is
fetched again. That a model is evicted is written on it first, and the next fetch removes it: whoever dies in
between leaves a model that is believed to be gone and is not, never the opposite.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Final

from podium.core.entries import Entry
from podium.core.faults import Fault
from podium.core.jobs import Job
from podium.core.kinds import Competition
from podium.core.told import with_told
from podium.core.world import CompetitionWorld

__all__ = ["confirm_removal", "evicted_digests", "make_room", "taken_bytes"]

_MOST_AT_ONCE: Final = 64
"""Models that one fetch removes: as many as fit into its request."""


def taken_bytes(entries: Sequence[Entry], competition: Competition) -> int:
    """What the models of a competition take of its store; what is on its way may be of any allowed size."""
    held = {entry.status.manifest_digest: entry.status.bytes or 0 for entry in entries if entry.stored}
    arriving = sum(entry.fetching and not entry.stored for entry in entries)
    return sum(held.values()) + arriving * competition.model_bytes


def evicted_digests(entries: Sequence[Entry], arriving: Collection[str | None] = ()) -> tuple[str, ...]:
    """What the next fetch removes from the store, the oldest first.

    Only what was observed to be written counts, and nothing that is there again or on its way.

    Args:
        entries: All submissions.
        arriving: Manifest digests, as far as they are known, of what is fetched next.
    """
    present = {entry.status.manifest_digest for entry in entries if entry.stored or entry.fetching}
    present |= set(arriving)
    evicted = [
        (entry.submission.status.evicted_block, entry.status.manifest_digest)
        for entry in entries
        if entry.submission.status.evicted_block is not None
        and not entry.status.removed
        and entry.status.manifest_digest is not None
        and entry.status.manifest_digest not in present
    ]
    return tuple(dict.fromkeys(digest for _, digest in sorted(evicted)))[:_MOST_AT_ONCE]


def confirm_removal(entries: Sequence[Entry], jobs: Iterable[Job]) -> list[Entry]:
    """The entries, with what fetches that are over have removed.

    A fetch removes before it does anything else: whoever has a model, or a verdict about one, did that.
    """
    removed = {digest for job in jobs if _has_run(job) for digest in job.evicts}
    return [
        replace(entry, status=replace(entry.status, removed=True))
        if removed and _is_removed(entry, removed)
        else entry
        for entry in entries
    ]


def _has_run(job: Job) -> bool:
    ending = job.ending
    if ending is None:
        return False
    return ending.fetched is not None or (
        ending.failure is not None and ending.failure.fault is Fault.SUBMISSION
    )


def _is_removed(entry: Entry, removed: Collection[str]) -> bool:
    status = entry.status
    return status.evicted_block is not None and not status.removed and status.manifest_digest in removed


def make_room(
    world: CompetitionWorld,
    entries: Sequence[Entry],
    needed: Collection[str],
    lacking: int,
    obstacle: tuple[str, str] | None,
) -> list[Entry]:
    """The entries, with as many models evicted as give `lacking` bytes; none if all together do not.

    First those that cannot take part any more, then those that were evaluated and have no seat in prospect,
    the longest unused first.

    Args:
        world: What was observed.
        entries: What is concluded of all submissions.
        needed: UIDs of those that take part now or in the next round.
        lacking: Bytes.
        obstacle: Why the competition cannot run at all: reason and sentence.
    """
    chosen: set[str] = set()
    freed = 0
    for digest, size in _evictable(world, entries, needed):
        if freed >= lacking or len(chosen) >= _MOST_AT_ONCE:
            break
        chosen.add(digest)
        freed += size
    if not chosen or freed < lacking:
        return list(entries)
    return [
        _evicted(entry, world, obstacle) if entry.stored and entry.status.manifest_digest in chosen else entry
        for entry in entries
    ]


def _evictable(
    world: CompetitionWorld, entries: Sequence[Entry], needed: Collection[str]
) -> list[tuple[str, int]]:
    """Digests and bytes, in the order in which they may go."""
    stored = [entry for entry in entries if entry.stored]
    spared = {entry.status.manifest_digest for entry in stored if not _may_go(entry, needed)}
    reference = world.competition.status.reference
    spared |= {one.reference.manifest_digest for one in world.rounds if one.reference is not None}
    spared |= {reference.manifest_digest} if reference is not None else set()
    free = [entry for entry in stored if entry.status.manifest_digest not in spared]
    free.sort(key=lambda entry: (not entry.rejected, _last_used(entry)))
    return list({str(entry.status.manifest_digest): entry.status.bytes or 0 for entry in free}.items())


def _may_go(entry: Entry, needed: Collection[str]) -> bool:
    if entry.fetching or entry.submission.uid in needed:
        return False
    return entry.rejected or bool(entry.status.evaluations)


def _last_used(entry: Entry) -> int:
    status = entry.status
    if status.evaluations:
        return status.evaluations[-1].block
    return status.fetch_block or status.commit_block or 0


def _evicted(entry: Entry, world: CompetitionWorld, obstacle: tuple[str, str] | None) -> Entry:
    # Names of Jobs are never used twice: the next fetch is another attempt.
    status = replace(
        entry.status,
        evicted_block=world.block or 0,
        fetch_disruptions=entry.status.fetch_disruptions + 1,
    )
    return replace(entry, status=with_told(entry, status, None, world, obstacle))
