"""Who comes first: the order of commitments, one model a hotkey, and who owns a content."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from podium.core.clock import sync_block
from podium.core.entries import Entry
from podium.core.kinds import Submission
from podium.core.world import CompetitionWorld

__all__ = ["by_seniority", "commit_block", "newest_eligible_block", "resolve_copies", "supersede"]


def by_seniority(world: CompetitionWorld) -> list[Submission]:
    """Submissions, the earliest commitment first."""
    return sorted(world.submissions, key=lambda one: _seniority(one, world))


def commit_block(submission: Submission, world: CompetitionWorld) -> int | None:
    """When the submission was committed: recorded once, on a ledger from its creation."""
    if submission.status.commit_block is not None:
        return submission.status.commit_block
    if world.subnet is None or world.subnet.clock is None:
        return None
    if world.subnet.target is not None:
        return submission.discovered_block
    return world.subnet.clock.block_at(submission.created)


def _seniority(submission: Submission, world: CompetitionWorld) -> tuple[int, datetime, str]:
    block = submission.status.commit_block
    if block is None:
        block = commit_block(submission, world) or 0
    # The last resort is the UID, which no participant chooses.
    return block, submission.created, submission.uid


def newest_eligible_block(world: CompetitionWorld) -> int:
    """The newest commit block that is old enough for the newest sync block."""
    competition = world.competition
    block = world.block if world.block is not None else 0
    sync = sync_block(block, competition.every_blocks, competition.sync_offset_block)
    return sync - competition.submission_delay_blocks


def supersede(entries: Sequence[Entry], old_enough: int) -> list[Entry]:
    """One model a hotkey: its newest commitment that is old enough for the newest sync block.

    Whatever becomes of the newer model: only then do all who judge by commitments alone agree.

    Args:
        entries: By seniority.
        old_enough: The newest commit block that counts.
    """
    newest: dict[str, str] = {}
    found: list[Entry] = []
    for entry in reversed(entries):
        submission, committed = entry.submission, entry.status.commit_block
        superseded = newest.get(submission.hotkey)
        young = committed is None or committed > old_enough
        if superseded != entry.superseded_by or young != entry.young:
            found.append(replace(entry, superseded_by=superseded, young=young))
        else:
            found.append(entry)
        if superseded is None and not young:
            newest[submission.hotkey] = submission.name
    found.reverse()
    return found


def resolve_copies(entries: Sequence[Entry]) -> list[Entry]:
    """Content belongs to the earliest submission that has it and may take part; later ones are its copies.

    A hotkey's own newer commitment is none: it supersedes the other one once it is old enough.

    Args:
        entries: By seniority, superseded ones told.
    """
    owners: dict[str, Submission] = {}
    resolved = []
    for entry in entries:
        status = entry.status
        owner = None
        if not entry.excluded and status.manifest_digest is not None:
            submission = entry.submission
            first = owners.setdefault(status.manifest_digest, submission)
            if status.tensors_digest is not None:
                second = owners.setdefault(status.tensors_digest, submission)
                first = first if first.hotkey != submission.hotkey else second
            owner = first.name if first.hotkey != submission.hotkey else None
        if owner != entry.duplicate_of or owner != status.duplicate_of:
            status = replace(status, duplicate_of=owner)
            resolved.append(replace(entry, status=status, duplicate_of=owner))
        else:
            resolved.append(entry)
    return resolved
