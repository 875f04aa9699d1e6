"""A competition: what is evaluated, when, and how it is ranked."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Literal

from podium.core.conditions import Condition
from podium.core.faults import Failure
from podium.core.ranking import Epsilon, Selection
from podium.core.shares import Share

__all__ = [
    "Competition",
    "CompetitionStatus",
    "IsolationVerdict",
    "Leader",
    "Normalization",
    "ReferenceStatus",
    "RoundTask",
    "SubmissionCounts",
    "TaskEntry",
]


@dataclass(frozen=True)
class Normalization:
    """How a raw score becomes comparable: as it is, or 1 − e^(−s/c) scaled to reach 1 at c."""

    kind: Literal["None", "InverseExponential"] = "None"
    ceiling: Fraction | None = None


@dataclass(frozen=True)
class RoundTask:
    """A task's part in the score; how it is evaluated is the evaluator's business.

    Attributes:
        highest: The highest raw score that its method can give; None for a loss, which has no bound.
    """

    name: str
    weight: Fraction
    normalization: Normalization
    highest: Fraction | None = None


@dataclass(frozen=True)
class TaskEntry:
    """The tasks from a block on.

    Attributes:
        digest: Of everything about them: scores of other tasks do not compare.
    """

    start_block: int
    tasks: tuple[RoundTask, ...]
    digest: str = ""


@dataclass(frozen=True)
class Leader:
    """The model that holds the largest share of the moving average."""

    submission: str
    hotkey: str
    score: str
    units: int


@dataclass(frozen=True)
class SubmissionCounts:
    """Submissions of a competition by what has become of them."""

    total: int = 0
    waiting: int = 0
    fetched: int = 0
    rejected: int = 0


@dataclass(frozen=True)
class IsolationVerdict:
    """What was found about the isolation of pods with the evaluator settings of this digest.

    Attributes:
        complete: Whether a probe has answered; until then `message` says what went wrong.
        attempts: Probes that ended, the last one at `time`.
    """

    digest: str
    complete: bool
    reachable: tuple[str, ...]
    attempts: int
    time: datetime
    message: str = ""


@dataclass(frozen=True)
class ReferenceStatus:
    """The organiser's own model in the store.

    Attributes:
        digest: Of the source and constraints that it was fetched for.
        attempts: Fetches that ended.
    """

    digest: str
    manifest_digest: str | None = None
    attempts: int = 0
    failure: Failure | None = None


@dataclass(frozen=True)
class CompetitionStatus:
    """Everything that the operator writes on a Competition."""

    observed_generation: int = 0
    phase: str = ""
    conditions: tuple[Condition, ...] = ()
    current_round: str | None = None
    last_round: str | None = None
    last_round_uid: str | None = None
    last_round_block: int | None = None
    last_round_phase: str | None = None
    next_round_block: int | None = None
    average_round: str | None = None
    average_round_uid: str | None = None
    average_block: int | None = None
    moving_average: tuple[Share, ...] = ()
    leader: Leader | None = None
    counts: SubmissionCounts = SubmissionCounts()
    isolation: IsolationVerdict | None = None
    reference: ReferenceStatus | None = None


@dataclass(frozen=True)
class Competition:
    """A competition as decisions see it.

    Attributes:
        constraints_digest: Changes whenever a verdict about a model could change.
        tasks_digests: Digest of each schedule entry"s tasks, by start block.
        evaluator_digest: Changes whenever the evaluate pod"s surroundings change.
        evaluator_image: What a model that the evaluator failed on waits for a change of.
        reference_digest: Of the reference's source and the constraints; None where there is no reference.
        model_bytes: Of the largest model that is accepted.
        store_bytes: What all models together may take.
        unsupported: Settings that this version does not implement, or that fit into no pod's request.
    """

    name: str
    uid: str
    namespace: str
    generation: int
    created: datetime
    subnet: str
    competition_id: int
    suspended: bool
    constraints_digest: str
    evaluator_digest: str
    task_schedule: tuple[TaskEntry, ...]
    every_blocks: int
    sync_offset_block: int
    submission_delay_blocks: int
    keep_top: int
    max_contenders: int
    deadline_blocks: int
    when_leader_missing: Literal["Postpone", "Publish"]
    when_task_unavailable: Literal["Postpone", "Renormalize"]
    history_limit: int
    epsilon: Epsilon
    selection: Selection
    alpha: Fraction
    threshold: Fraction
    max_parallel: int
    max_attempts: int
    pending_seconds: int
    isolation: Literal["Required", "Preferred"]
    evaluator_image: str = ""
    model_bytes: int = 0
    store_bytes: int = sys.maxsize
    reference_digest: str | None = None
    volume_claims: frozenset[str] = frozenset()
    unsupported: tuple[str, ...] = ()
    status: CompetitionStatus = CompetitionStatus()
