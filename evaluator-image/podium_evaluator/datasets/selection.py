"""Candidates become a task's samples: the first that are samples and fit, and a count of the others."""

from __future__ import annotations

import enum
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from podium_evaluator.contract import Reason, RepositoryDataset, Task
from podium_evaluator.datasets.base import Drawn, Sample
from podium_evaluator.errors import Failure, organizer, quoted

__all__ = ["Candidate", "Drop", "Fits", "candidate_limit", "place", "select"]

logger = logging.getLogger(__name__)

Fits = Callable[[Sample], bool]
"""Whether a sample is short enough for the competition."""

_CANDIDATES_A_SAMPLE: Final = 64
_FURTHER_CANDIDATES: Final = 1024


class Drop(enum.StrEnum):
    """Why a row that was drawn is not used."""

    MALFORMED = "incomplete or malformed"
    NO_WORDS = "with options that are no single words, which answerBy Generation needs"
    OTHER_KIND = "of another kind of task"
    OTHER_AUTHOR = "by other authors"
    OUTSIDE_WINDOW = "not made in the window of time"
    REFUSAL = "refusals"
    SAME_PROBLEM = "of a problem that is drawn already"
    TOO_LONG = "too long"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sample that may be used.

    Attributes:
        sample: What it is.
        problem: What it is about, where the data says so: a problem is used once.
    """

    sample: Sample
    problem: str | int | None = None


def candidate_limit(samples: int) -> int:
    """How many rows are looked at for so many samples: one in 64 may be used, and 1,024 more."""
    return _CANDIDATES_A_SAMPLE * samples + _FURTHER_CANDIDATES


def place(task: Task) -> str:
    """Where a task's samples come from, for messages."""
    dataset = task.dataset
    return quoted(dataset.repository, 140) if isinstance(dataset, RepositoryDataset) else dataset.kind


def select(
    task: Task, candidates: Iterable[Candidate | Drop], fits: Fits, revision: str | None = None
) -> Drawn:
    """Keep the first `samples` candidates that fit, one a problem.

    Args:
        task: Says how many are wanted and how few are too few.
        candidates: In the order that the seed gives them; read no further than needed.
        fits: Whether a sample is short enough.
        revision: Commit that they come from.

    Raises:
        Failure: `TOO_FEW_SAMPLES`, with how many were found and why the others were dropped.
    """
    dropped: Counter[Drop] = Counter()
    samples: list[Sample] = []
    for sample in _usable(candidates, fits, dropped):
        samples.append(sample)
        if len(samples) == task.dataset.samples:
            break
    logger.info("task %s: %d samples, %s", task.name, len(samples), _reasons(dropped))
    if len(samples) < task.dataset.fewest_samples:
        raise _too_few(task, len(samples), dropped)
    return Drawn(tuple(samples), revision, dropped.total())


def _usable(candidates: Iterable[Candidate | Drop], fits: Fits, dropped: Counter[Drop]) -> Iterator[Sample]:
    problems: set[str | int] = set()
    for candidate in candidates:
        if isinstance(candidate, Drop):
            dropped[candidate] += 1
        elif candidate.problem is not None and candidate.problem in problems:
            dropped[Drop.SAME_PROBLEM] += 1
        elif not fits(candidate.sample):
            dropped[Drop.TOO_LONG] += 1
        else:
            if candidate.problem is not None:
                problems.add(candidate.problem)
            yield candidate.sample


def _too_few(task: Task, found: int, dropped: Counter[Drop]) -> Failure:
    dataset = task.dataset
    newer = "; rows must be newer than all commitments" if task.freshness == "NewerThanCommits" else ""
    return organizer(
        Reason.TOO_FEW_SAMPLES,
        f"task {task.name}: {found} of {dataset.samples} samples found in {place(task)}, at least"
        f" {dataset.fewest_samples} are needed; of {found + dropped.total()} rows looked at"
        f" {_reasons(dropped)}{newer}",
    )


def _reasons(dropped: Counter[Drop]) -> str:
    counts = ", ".join(f"{count} {drop}" for drop, count in sorted(dropped.items()))
    return f"{dropped.total()} dropped: {counts}" if counts else "none dropped"
