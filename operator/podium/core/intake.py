"""Which submissions take part: verdicts, fetches, one model a hotkey, copies."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from podium.core.clock import next_sync_block
from podium.core.eligibility import ineligibility
from podium.core.entries import CLAIM_REFUSED, Entry
from podium.core.eviction import confirm_removal
from podium.core.faults import Failure, Fault
from podium.core.fetching import (
    Fetches,
    after_fetch,
    awaited_until,
    fetch_name,
    needs_fetch,
    start_fetches,
)
from podium.core.jobs import Job, Purpose
from podium.core.kinds import Submission
from podium.core.memo import Memo
from podium.core.plan import Action, DeleteJob
from podium.core.precedence import (
    by_seniority,
    commit_block,
    newest_eligible_block,
    resolve_copies,
    supersede,
)
from podium.core.seats import select
from podium.core.shares import Share
from podium.core.similarity import with_similar
from podium.core.waiting import never_started
from podium.core.world import CompetitionWorld

__all__ = ["Intake", "take_in"]


@dataclass(frozen=True)
class Intake:
    """All submissions in the order of their commitment, and what to do for them.

    Attributes:
        lacking: Bytes that the store needs for the next model.
    """

    entries: tuple[Entry, ...]
    actions: tuple[Action, ...]
    wake_at: tuple[datetime, ...]
    lacking: int = 0


def take_in(world: CompetitionWorld, memo: Memo, average: Sequence[Share], *, may_create: bool) -> Intake:
    """Verdicts for all submissions of a competition and the Jobs that are needed for more.

    Args:
        world: What was observed.
        memo: What is known of submissions already.
        average: The newest moving average.
        may_create: Whether new Jobs may be started.
    """
    block = world.block if world.block is not None else 0
    old_enough = newest_eligible_block(world)
    fetches = _fetches(world)
    awaited: list[Job] = []
    entries: Sequence[Entry] | None = memo.entries(world.submissions, old_enough) if not fetches else None
    if entries is None:
        observed: list[Entry] = []
        for submission in by_seniority(world):
            jobs = fetches.get(submission.uid)
            known = memo.of(submission) if jobs is None else None
            if known is not None:
                observed.append(known.entry)
                continue
            entry, job = _observe(submission, jobs or {}, world, block)
            observed.append(entry)
            if job is not None and entry.fetching:
                awaited.append(job)
        entries = with_similar(resolve_copies(supersede(observed, old_enough)))
    entries = confirm_removal(entries, world.jobs.values()) if fetches else entries
    wanted = _wanted_again(entries, world, average)
    due = start_fetches(entries, world, block, wanted) if may_create else Fetches()
    wakes = [awaited_until(job, world.competition) for job in awaited if job.started is None]
    ended = _deletions(fetches, {job.name for job in awaited})
    found = tuple(_with_fetches(entries, due))
    return Intake(found, (*ended, *due.starts), (*wakes, *due.wakes), due.lacking)


def _deletions(fetches: Mapping[str, Mapping[str, Job]], awaited: Collection[str]) -> list[DeleteJob]:
    """Fetch Jobs that nothing waits for any more."""
    jobs = (job for one in fetches.values() for job in one.values())
    return [DeleteJob(job.name, job.uid) for job in jobs if job.name not in awaited]


def _wanted_again(
    entries: Sequence[Entry], world: CompetitionWorld, average: Sequence[Share]
) -> frozenset[str]:
    """UIDs of submissions without bytes that are to take part in the next round."""
    if world.block is None or all(one.status.evicted_block is None or one.rejected for one in entries):
        return frozenset()
    rounds = world.competition
    sync = next_sync_block(world.block, rounds.every_blocks, rounds.sync_offset_block)
    return frozenset(one.submission_uid for one in select(world, entries, sync, average))


def _with_fetches(entries: Sequence[Entry], fetches: Fetches) -> list[Entry]:
    """The entries, as they are once the fetches have been started."""
    started = {start.submission_uid for start in fetches.starts}

    def updated(entry: Entry) -> Entry:
        fetching = entry.fetching or entry.submission.uid in started
        awaits_room = entry.submission.uid in fetches.blocked
        if (fetching, awaits_room) == (entry.fetching, entry.awaits_room):
            return entry
        return replace(entry, fetching=fetching, awaits_room=awaits_room)

    return [updated(entry) for entry in entries]


def _fetches(world: CompetitionWorld) -> dict[str, dict[str, Job]]:
    """Fetch Jobs by the submission's UID and their name; the reference's are not for submissions."""
    found: dict[str, dict[str, Job]] = {}
    for job in world.jobs.values():
        if job.purpose is Purpose.FETCH and job.subject_uid != world.competition.uid:
            found.setdefault(job.subject_uid, {})[job.name] = job
    return found


def _observe(
    submission: Submission, jobs: Mapping[str, Job], world: CompetitionWorld, block: int
) -> tuple[Entry, Job | None]:
    """What is known of a submission, and the Job whose result that waits for or contains."""
    status = submission.status
    committed = commit_block(submission, world)
    if (status.observed_generation, status.commit_block) != (submission.generation, committed):
        status = replace(status, observed_generation=submission.generation, commit_block=committed)
    ineligible = ineligibility(submission, committed, world)
    if ineligible is not None:
        return Entry(submission, status, ineligible=ineligible), None
    refusal = _refusal(submission, world)
    if refusal is not None:
        return Entry(submission, replace(status, failure=refusal)), None
    if status.failure is not None and status.failure.reason == CLAIM_REFUSED:
        status = replace(status, failure=None)
    if not jobs or not needs_fetch(status, world.competition):
        return Entry(submission, status), None
    job = jobs.get(fetch_name(submission, status, world.competition))
    if job is None:
        return Entry(submission, status), None
    ending = job.ending or never_started(job, world.competition.pending_seconds, world.now)
    if ending is None:
        return Entry(submission, status, fetching=True), job
    return Entry(submission, after_fetch(status, ending, world.competition, block)), job


def _refusal(submission: Submission, world: CompetitionWorld) -> Failure | None:
    claim = submission.volume_claim
    if claim is None or claim in world.competition.volume_claims:
        return None
    message = (
        f"the source names volume claim {claim!r}: use a repository or a claim that the competition "
        f"accepts: {', '.join(sorted(world.competition.volume_claims)) or 'none'}"
    )[:1024]
    recorded = submission.status.failure
    time = recorded.time if recorded is not None and recorded.message == message else world.now
    return Failure(Fault.SUBMISSION, CLAIM_REFUSED, message, retriable=False, time=time)
