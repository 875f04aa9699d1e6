"""Getting submissions into the store: attempts, their ends, and when the next one is due."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from podium.core.clock import sync_block
from podium.core.entries import Entry
from podium.core.eviction import evicted_digests, taken_bytes
from podium.core.faults import Fault
from podium.core.jobs import Ending, FetchedModel, Job, Purpose
from podium.core.kinds import Competition, Submission, SubmissionStatus
from podium.core.names import job_name
from podium.core.plan import CreateFetchJob
from podium.core.world import CompetitionWorld

__all__ = [
    "FETCH_AHEAD",
    "PARALLEL_FETCHES",
    "PUBLICATION_ROUNDS",
    "Fetches",
    "after_fetch",
    "awaited_until",
    "fetch_name",
    "needs_fetch",
    "start_fetches",
]

PARALLEL_FETCHES: Final = 2
"""Downloads at a time for one competition: the hub and the volume are shared."""

PUBLICATION_ROUNDS: Final = 3
"""A repository that is not there is tried at the first and at the two following rounds."""

FETCH_AHEAD: Final = 2
"""Rounds full of newcomers that are in the store before their turn."""

_FIRST_RETRY: Final = timedelta(seconds=10)
_LONGEST_RETRY: Final = timedelta(minutes=10)


def needs_fetch(status: SubmissionStatus, competition: Competition) -> bool:
    """Whether a model is not in the store, or was checked under other constraints."""
    absent = status.manifest_digest is None or status.evicted_block is not None
    return absent or status.constraints_digest != competition.constraints_digest


def awaited_until(job: Job, competition: Competition) -> datetime:
    """When a fetch that waits for a node will have waited too long."""
    return job.waits_since + timedelta(seconds=competition.pending_seconds)


def _next_attempt(status: SubmissionStatus) -> int:
    return status.fetch_attempts + status.fetch_disruptions + 1


def fetch_name(submission: Submission, status: SubmissionStatus, competition: Competition) -> str:
    """A fetch checks constraints, so its result says nothing about others that were set since."""
    return job_name(Purpose.FETCH, submission.uid, competition.constraints_digest, _next_attempt(status))


def after_fetch(
    status: SubmissionStatus, ending: Ending, competition: Competition, block: int
) -> SubmissionStatus:
    """The status with what a fetch ended with.

    Until a check under other constraints has a verdict the old one stands.
    """
    status = replace(status, fetch_block=block)
    if ending.fetched is not None and ending.failure is None:
        return _stored(status, ending.fetched, competition)
    failure = ending.failure
    if failure is None or failure.fault is not Fault.SUBMISSION:
        return replace(status, fetch_disruptions=status.fetch_disruptions + 1, failure=failure)
    attempts = status.fetch_attempts + 1
    if failure.retriable and attempts >= PUBLICATION_ROUNDS:
        message = f"tried at {attempts} rounds, the last time at block {block}: {failure.message}"[:1024]
        failure = replace(failure, retriable=False, message=message)
    if failure.retriable and status.manifest_digest is not None:
        return replace(status, fetch_attempts=attempts, failure=failure)
    return replace(
        status,
        fetch_attempts=attempts,
        failure=failure,
        constraints_digest=competition.constraints_digest,
        manifest_digest=None,
        evicted_block=None,
        removed=False,
        tensors_digest=None,
    )


def _stored(status: SubmissionStatus, model: FetchedModel, competition: Competition) -> SubmissionStatus:
    """The status of a model that passed all checks."""
    again = status.manifest_digest is not None
    return replace(
        status,
        # Names of Jobs are never used twice, and the constraints may change back.
        fetch_disruptions=status.fetch_disruptions + again,
        constraints_digest=competition.constraints_digest,
        manifest_digest=model.manifest_digest,
        evicted_block=None,
        removed=False,
        tensors_digest=model.tensors_digest,
        bytes=model.bytes,
        parameters=model.parameters,
        architecture=model.architecture,
        chat_template=model.chat_template,
        hashed_files=model.hashed_files,
        sketch=model.sketch,
        failure=None,
    )


@dataclass(frozen=True)
class Fetches:
    """What is fetched next.

    Attributes:
        starts: Jobs.
        wakes: When failed ones may be tried again.
        blocked: UIDs of those that the store has no room for.
        lacking: Bytes that the first of them needs.
    """

    starts: tuple[CreateFetchJob, ...] = ()
    wakes: tuple[datetime, ...] = ()
    blocked: frozenset[str] = frozenset()
    lacking: int = 0


def start_fetches(
    entries: Sequence[Entry], world: CompetitionWorld, block: int, wanted: Collection[str]
) -> Fetches:
    """Jobs for the next submissions in the queue.

    Args:
        entries: By seniority.
        world: What was observed.
        block: The present one.
        wanted: UIDs of evicted ones that are to take part again.
    """
    due, wakes = _due(_fetch_queue(entries, world.competition, wanted), world, block)
    running = sum(entry.fetching for entry in entries)
    free = PARALLEL_FETCHES - running
    if evicted_digests(entries):
        # A fetch that removes models runs alone: another could bring the same bytes at the same time.
        free = 0 if running else 1
    size = world.competition.model_bytes
    room = world.competition.store_bytes - taken_bytes(entries, world.competition)
    chosen: list[Entry] = []
    blocked: list[Entry] = []
    for entry in sorted(due, key=lambda one: one.status.evicted_block is None):
        if not entry.stored and room < size:
            blocked.append(entry)
        elif len(chosen) < free:
            chosen.append(entry)
            room -= 0 if entry.stored else size
    evict = evicted_digests(entries, {entry.status.manifest_digest for entry in chosen})
    starts = tuple(_start(entry, world.competition, evict) for entry in chosen)
    uids = frozenset(entry.submission.uid for entry in blocked)
    return Fetches(starts, wakes, uids, size - room if blocked else 0)


def _due(
    queue: Sequence[Entry], world: CompetitionWorld, block: int
) -> tuple[list[Entry], tuple[datetime, ...]]:
    """Those whose turn it is, and when the others' is."""
    retries = [(entry, _retry_at(entry.status, world, block)) for entry in queue]
    late = tuple(retry for _, retry in retries if retry is not None and retry > world.now)
    return [entry for entry, retry in retries if retry is None or retry <= world.now], late


def _start(entry: Entry, competition: Competition, evict: tuple[str, ...]) -> CreateFetchJob:
    submission, status = entry.submission, entry.status
    name = fetch_name(submission, status, competition)
    return CreateFetchJob(name, submission.name, submission.uid, _next_attempt(status), evict)


def _fetch_queue(entries: Sequence[Entry], competition: Competition, wanted: Collection[str]) -> list[Entry]:
    """What is to be fetched, in order: the best so far, then newcomers ahead of the next rounds.

    Newcomers beyond `FETCH_AHEAD` rounds wait: many are superseded before their turn comes.
    """
    ranked: list[Entry] = []
    others: list[Entry] = []
    ahead = FETCH_AHEAD * competition.max_contenders
    for entry in entries:
        if entry.rejected:
            continue
        evaluated = bool(entry.status.evaluations)
        if not evaluated:
            ahead -= 1
        if entry.fetching or not needs_fetch(entry.status, competition):
            continue
        if entry.status.evicted_block is not None and entry.submission.uid not in wanted:
            continue
        if entry.status.place is not None:
            ranked.append(entry)
        elif evaluated or ahead >= 0:
            others.append(entry)
    return [*ranked, *others]


def _retry_at(status: SubmissionStatus, world: CompetitionWorld, block: int) -> datetime | None:
    """When a fetch that failed is tried again: with the next round, or after a growing pause."""
    failure = status.failure
    # What is in the store failed in a round, if at all: that says nothing about a fetch.
    in_a_round = failure is not None and failure.fault is Fault.SUBMISSION and not failure.retriable
    if failure is None or (status.manifest_digest is not None and in_a_round):
        return None
    if failure.fault is not Fault.SUBMISSION:
        pause: timedelta = _FIRST_RETRY * (1 << min(max(status.fetch_disruptions - 1, 0), 10))
        return failure.time + min(pause, _LONGEST_RETRY)
    rounds = world.competition
    tried = status.fetch_block if status.fetch_block is not None else block
    next_round = sync_block(tried, rounds.every_blocks, rounds.sync_offset_block) + rounds.every_blocks
    if world.subnet is None or world.subnet.clock is None:
        return None
    return world.subnet.clock.start_of(next_round)
