"""Which submissions take part: verdicts, fetches and their retries, copies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from podium.core.clock import sync_block
from podium.core.faults import Failure, Fault
from podium.core.jobs import Ending, Job, Purpose
from podium.core.kinds import Competition, Submission, SubmissionStatus
from podium.core.names import job_name
from podium.core.plan import Action, CreateFetchJob, DeleteJob
from podium.core.world import CompetitionWorld

__all__ = ["Entry", "Intake", "take_in"]

PARALLEL_FETCHES: Final = 2
"""Downloads at a time for one competition: the hub and the volume are shared."""

PUBLICATION_ROUNDS: Final = 3
"""A repository that is not there is tried at the first and at the two following rounds."""

_CLAIM_REFUSED: Final = "VolumeClaimNotAllowed"
_FIRST_RETRY: Final = timedelta(seconds=10)
_LONGEST_RETRY: Final = timedelta(minutes=10)


@dataclass(frozen=True)
class Entry:
    """A submission with the status that follows from what was observed.

    Attributes:
        duplicate_of: Name of the earlier submission with the same content.
        superseded_by: Name of the newer submission of the same hotkey.
        fetching: Whether a Job is copying it now.
    """

    submission: Submission
    status: SubmissionStatus
    duplicate_of: str | None = None
    fetching: bool = False
    superseded_by: str | None = None

    @property
    def admitted(self) -> bool:
        """Whether it may take part once it is old enough."""
        return self.status.manifest_digest is not None and not self.rejected

    @property
    def rejected(self) -> bool:
        """Whether nothing but other bytes would make it take part, or a newer commitment stands for it."""
        if self.superseded_by is not None:
            return True
        failure = self.status.failure
        terminal = failure is not None and not failure.retriable and failure.fault is Fault.SUBMISSION
        if self.status.manifest_digest is None:
            return self.duplicate_of is not None or terminal
        # What is stored passed its checks, and a failed evaluation is no verdict about the bytes; but a
        # claim that the organiser withdrew is no source any more.
        refused = failure is not None and failure.reason == _CLAIM_REFUSED
        return self.duplicate_of is not None or refused


@dataclass(frozen=True)
class Intake:
    """All submissions in the order of their commitment, and what to do for them."""

    entries: tuple[Entry, ...]
    actions: tuple[Action, ...]
    wake_at: tuple[datetime, ...]


def take_in(world: CompetitionWorld, *, may_create: bool) -> Intake:
    """Verdicts for all submissions of a competition and the Jobs that are needed for more.

    Args:
        world: What was observed.
        may_create: Whether new Jobs may be started.
    """
    block = world.block if world.block is not None else 0
    entries: list[Entry] = []
    actions: list[Action] = []
    awaited: list[Job] = []
    for submission in sorted(world.submissions, key=lambda one: _seniority(one, world)):
        entry, job = _observe(submission, world, block)
        entries.append(entry)
        if job is not None and entry.fetching:
            awaited.append(job)
    names = {job.name for job in awaited}
    actions += [
        DeleteJob(job.name, job.uid)
        for job in world.jobs.values()
        if job.purpose is Purpose.FETCH
        and job.subject_uid != world.competition.uid  # the reference's
        and job.name not in names
    ]
    resolved = _resolve_copies(_supersede(entries, world, block))
    starts, wakes = _start_fetches(resolved, world, block) if may_create else ([], [])
    started = {start.submission_uid for start in starts}
    resolved = [replace(one, fetching=one.fetching or one.submission.uid in started) for one in resolved]
    wakes += [_pending_until(job, world.competition) for job in awaited if job.started is None]
    return Intake(tuple(resolved), (*actions, *starts), tuple(wakes))


def commit_block(submission: Submission, world: CompetitionWorld) -> int | None:
    """When the submission was committed: recorded once, on a ledger from its creation."""
    if submission.status.commit_block is not None:
        return submission.status.commit_block
    if world.subnet is None or world.subnet.clock is None:
        return None
    return world.subnet.clock.block_at(submission.created)


def _seniority(submission: Submission, world: CompetitionWorld) -> tuple[int, datetime, str]:
    block = commit_block(submission, world)
    # The last resort is the UID, which no participant chooses.
    return (block if block is not None else 0, submission.created, submission.uid)


def _observe(submission: Submission, world: CompetitionWorld, block: int) -> tuple[Entry, Job | None]:
    """What is known of a submission, and the Job whose result that waits for or contains."""
    status = replace(
        _current(submission, world.competition),
        observed_generation=submission.generation,
        commit_block=commit_block(submission, world),
    )
    refusal = _refusal(submission, world)
    if refusal is not None:
        return Entry(submission, replace(status, failure=refusal)), None
    if status.failure is not None and status.failure.reason == _CLAIM_REFUSED:
        status = replace(status, failure=None)
    if status.manifest_digest is not None:
        return Entry(submission, status), None
    job = world.jobs.get(_fetch_name(submission, status, world.competition))
    if job is None:
        return Entry(submission, status), None
    ending = job.ending or _pending_too_long(job, world)
    if ending is None:
        return Entry(submission, status, fetching=True), job
    return Entry(submission, _after_fetch(status, ending, world.competition, block)), job


def _pending_until(job: Job, competition: Competition) -> datetime:
    return job.created + timedelta(seconds=competition.pending_seconds)


def _pending_too_long(job: Job, world: CompetitionWorld) -> Ending | None:
    if job.started is not None or world.now < _pending_until(job, world.competition):
        return None
    message = f"no fetch pod started within {world.competition.pending_seconds} s: {job.waiting}"
    return Ending(Failure(Fault.INFRASTRUCTURE, "PendingTooLong", message, retriable=True, time=world.now))


def _current(submission: Submission, competition: Competition) -> SubmissionStatus:
    """The recorded status, without a verdict that other constraints had led to."""
    status = submission.status
    if status.constraints_digest in (None, competition.constraints_digest):
        return status
    return replace(
        status,
        constraints_digest=None,
        manifest_digest=None,
        tensors_digest=None,
        failure=None,
        # Attempts count on: they are part of the names of Jobs, which are never used twice.
        fetch_disruptions=status.fetch_disruptions + 1,
    )


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
    return Failure(Fault.SUBMISSION, _CLAIM_REFUSED, message, retriable=False, time=time)


def _next_attempt(status: SubmissionStatus) -> int:
    return status.fetch_attempts + status.fetch_disruptions + 1


def _fetch_name(submission: Submission, status: SubmissionStatus, competition: Competition) -> str:
    """A fetch checks constraints, so its result says nothing about others that were set since."""
    return job_name(Purpose.FETCH, submission.uid, competition.constraints_digest, _next_attempt(status))


def _after_fetch(
    status: SubmissionStatus, ending: Ending, competition: Competition, block: int
) -> SubmissionStatus:
    status = replace(status, fetch_block=block, constraints_digest=competition.constraints_digest)
    model = ending.fetched
    if model is not None and ending.failure is None:
        return replace(
            status,
            manifest_digest=model.manifest_digest,
            tensors_digest=model.tensors_digest,
            bytes=model.bytes,
            parameters=model.parameters,
            architecture=model.architecture,
            chat_template=model.chat_template,
            hashed_files=model.hashed_files,
            failure=None,
        )
    failure = ending.failure
    if failure is None or failure.fault is not Fault.SUBMISSION:
        return replace(status, fetch_disruptions=status.fetch_disruptions + 1, failure=failure)
    attempts = status.fetch_attempts + 1
    if failure.retriable and attempts >= PUBLICATION_ROUNDS:
        message = f"tried at {attempts} rounds, the last time at block {block}: {failure.message}"[:1024]
        failure = replace(failure, retriable=False, message=message)
    return replace(status, fetch_attempts=attempts, failure=failure)


def _supersede(entries: Sequence[Entry], world: CompetitionWorld, block: int) -> list[Entry]:
    """One model a hotkey: its newest commitment that is old enough for the newest sync block.

    Whatever becomes of the newer model: only then do all who judge by commitments alone agree.
    """
    competition = world.competition
    sync = sync_block(block, competition.every_blocks, competition.sync_offset_block)
    newest: dict[str, str] = {}
    found: list[Entry] = []
    for entry in reversed(entries):
        hotkey, committed = entry.submission.hotkey, entry.status.commit_block
        found.append(replace(entry, superseded_by=newest.get(hotkey)))
        if committed is not None and committed <= sync - competition.submission_delay_blocks:
            newest.setdefault(hotkey, entry.submission.name)
    return found[::-1]


def _resolve_copies(entries: Sequence[Entry]) -> list[Entry]:
    """Content belongs to the earliest submission that has it and may take part; later ones are its copies.

    A hotkey's own newer commitment is none: it supersedes the other one once it is old enough.
    """
    owners: dict[str, Submission] = {}
    resolved = []
    for entry in entries:
        owner = None
        if not entry.rejected:
            digests = [one for one in (entry.status.manifest_digest, entry.status.tensors_digest) if one]
            found = [owners.setdefault(one, entry.submission) for one in digests]
            owner = next((one.name for one in found if one.hotkey != entry.submission.hotkey), None)
        status = replace(entry.status, duplicate_of=owner)
        resolved.append(replace(entry, status=status, duplicate_of=owner))
    return resolved


def _start_fetches(
    entries: Sequence[Entry], world: CompetitionWorld, block: int
) -> tuple[list[CreateFetchJob], list[datetime]]:
    """Jobs for the next submissions in the queue, and when waiting ones may be tried again."""
    free = PARALLEL_FETCHES - sum(entry.fetching for entry in entries)
    starts: list[CreateFetchJob] = []
    wakes: list[datetime] = []
    for entry in entries:
        status = entry.status
        if entry.fetching or entry.rejected or status.manifest_digest is not None:
            continue
        retry = _retry_at(status, world, block)
        if retry is not None and retry > world.now:
            wakes.append(retry)
        elif len(starts) < free:
            submission = entry.submission
            name = _fetch_name(submission, status, world.competition)
            starts.append(CreateFetchJob(name, submission.name, submission.uid, _next_attempt(status)))
    return starts, wakes


def _retry_at(status: SubmissionStatus, world: CompetitionWorld, block: int) -> datetime | None:
    """When a fetch that failed is tried again: with the next round, or after a growing pause."""
    failure = status.failure
    if failure is None:
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
