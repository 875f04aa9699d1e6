"""A submission with what is concluded about it in a pass."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from podium.core.faults import Fault
from podium.core.kinds import Submission, SubmissionStatus

__all__ = ["CLAIM_REFUSED", "Entry"]

CLAIM_REFUSED: Final = "VolumeClaimNotAllowed"


@dataclass(frozen=True)
class Entry:
    """A submission with the status that follows from what was observed.

    Attributes:
        duplicate_of: Name of the earlier submission with the same content.
        superseded_by: Name of the newer submission of the same hotkey.
        fetching: Whether a Job is copying or checking it now.
        young: Whether it is not old enough for the newest sync block.
        awaits_room: Whether the store has no room for it now.
        ineligible: Reason and sentence, where its commitment was of no use whatever it consists of.
    """

    submission: Submission
    status: SubmissionStatus
    duplicate_of: str | None = None
    fetching: bool = False
    superseded_by: str | None = None
    young: bool = False
    awaits_room: bool = False
    ineligible: tuple[str, str] | None = None

    @cached_property
    def stored(self) -> bool:
        """Whether the store has its bytes."""
        return self.status.manifest_digest is not None and self.status.evicted_block is None

    @cached_property
    def admitted(self) -> bool:
        """Whether it may take part once it is old enough."""
        return self.status.manifest_digest is not None and not self.rejected

    @cached_property
    def rejected(self) -> bool:
        """Whether nothing but other bytes would make it take part, or a newer commitment stands for it."""
        return self.duplicate_of is not None or self.excluded

    @cached_property
    def excluded(self) -> bool:
        """Whether it cannot take part, whoever else has the same content."""
        if self.superseded_by is not None or self.ineligible is not None:
            return True
        failure = self.status.failure
        if failure is None:
            return False
        if self.status.manifest_digest is None:
            return not failure.retriable and failure.fault is Fault.SUBMISSION
        # What is stored passed its checks, and a failed evaluation is no verdict about the bytes; but a
        # claim that the organiser withdrew is no source any more.
        return failure.reason == CLAIM_REFUSED
