"""What the last decision concluded, for submissions about which nothing has changed since.

A decision is a function of the world alone; the memo only spares it what would come out the same. It is kept
only of submissions whose status is written already: about those a decision says nothing that depends on the
time at which it is made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from podium.core.entries import Entry
from podium.core.kinds import Result, Round, Submission

__all__ = ["Evidence", "Known", "Memo", "Surroundings"]

Evidence = tuple[tuple[Round, Result], ...]
"""Completed rounds that a submission took part in, the oldest first."""


@dataclass(frozen=True)
class Known:
    """What was concluded about one submission, and from what beside the submission itself.

    Attributes:
        current: Its result in the open round.
        held: Its hotkey's part of the moving average.
        past: Completed rounds that it took part in.
    """

    entry: Entry
    current: Result | None
    held: int | None
    past: Evidence


@dataclass(frozen=True)
class Surroundings:
    """What rounds say about submissions, by UID, and averages, by hotkey."""

    current: Mapping[str, Result] = field(default_factory=dict)
    held: Mapping[str, int] = field(default_factory=dict)
    past: Mapping[str, Evidence] = field(default_factory=dict)


@dataclass(frozen=True)
class Memo:
    """Conclusions of a decision.

    Attributes:
        facts: What all of them rest on together; others make all of them void.
        known: By UID, what is written already.
        submissions: All of them, as they were observed.
        old_enough: The newest commit block that counted.
        concluded: All conclusions by seniority, if every one is written already; empty otherwise.
        surroundings: What those rest on beside the submissions.
    """

    facts: object = None
    known: Mapping[str, Known] = field(default_factory=dict)
    submissions: tuple[Submission, ...] = ()
    old_enough: int | None = None
    concluded: tuple[Known, ...] = ()
    surroundings: Surroundings = Surroundings()

    def of(self, submission: Submission) -> Known | None:
        """What is known of exactly this state of a submission."""
        found = self.known.get(submission.uid)
        return found if found is not None and found.entry.submission is submission else None

    def entries(self, submissions: Sequence[Submission], old_enough: int) -> tuple[Entry, ...] | None:
        """All entries by seniority, if nothing has changed about any submission."""
        same = bool(self.concluded) and self.submissions == submissions and self.old_enough == old_enough
        return tuple(one.entry for one in self.concluded) if same else None
