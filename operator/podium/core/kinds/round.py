"""A round: one evaluation of all contenders on the same samples."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Literal

from podium.core.conditions import Condition
from podium.core.faults import Cause
from podium.core.kinds.competition import RoundTask
from podium.core.ranking import Epsilon, Selection
from podium.core.shares import Share

__all__ = [
    "Comparison",
    "Contender",
    "Environment",
    "Outcome",
    "PreparedTask",
    "RankedLine",
    "Result",
    "Round",
    "RoundPhase",
    "RoundStatus",
    "Samples",
    "SamplesWindow",
    "TaskScore",
    "Verdict",
]


class RoundPhase(enum.StrEnum):
    """Where a round is. The last three are terminal."""

    PREPARING = "Preparing"
    EVALUATING = "Evaluating"
    COMPLETED = "Completed"
    ABANDONED = "Abandoned"
    FAILED = "Failed"

    @property
    def terminal(self) -> bool:
        """Whether nothing of the round changes any more."""
        return self in {RoundPhase.COMPLETED, RoundPhase.ABANDONED, RoundPhase.FAILED}


class Outcome(enum.StrEnum):
    """How a contender"s evaluation ended."""

    SCORED = "Scored"
    FAILED = "Failed"
    MISSING = "Missing"


@dataclass(frozen=True)
class Contender:
    """A submission that takes part in a round; without a digest it was not in the store in time."""

    submission: str
    submission_uid: str
    hotkey: str
    commit_block: int
    manifest_digest: str | None


@dataclass(frozen=True)
class PreparedTask:
    """What one task's samples are made of, or why it has none.

    Attributes:
        digest: None when the task is unavailable.
        reason: Why it is unavailable; empty otherwise.
    """

    name: str
    samples: int
    dropped: int
    revision: str | None
    digest: str | None
    reason: str = ""
    message: str = ""


@dataclass(frozen=True)
class Samples:
    """The samples that every contender of a round is scored on."""

    digest: str
    tasks: tuple[PreparedTask, ...]

    @property
    def prepared(self) -> frozenset[str]:
        """Names of the tasks that models are scored on."""
        return frozenset(task.name for task in self.tasks if task.digest is not None)


@dataclass(frozen=True)
class SamplesWindow:
    """When rows were made that are newer than every commitment that takes part."""

    after: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class TaskScore:
    """One task's raw score; one without a score counts as the worst that its method can give.

    Attributes:
        score: The shortest decimal that gives the same float, or None for the reason given.
    """

    name: str
    score: str | None
    reason: str = ""
    message: str = ""


@dataclass(frozen=True, order=True)
class Environment:
    """What scores were computed in: versions, number type, row and slot sizes, GPU model.

    Attributes:
        name: A digest of the values.
        values: Sorted pairs.
    """

    name: str
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Result:
    """What is known of one contender; without an outcome it is still being evaluated.

    Attributes:
        score: Weighted score as the shortest decimal that gives the same float.
        attempts: Evaluations that ended without a result, the last one included.
        disruptions: Evaluations that the cluster interrupted; they are not counted as attempts.
        ends: Why each of them ended, oldest first.
        evidence: Name of the ConfigMap that holds the per-sample scores.
        task_scores: Raw score of each task.
        environment: Name of the environment that they were computed in.
    """

    submission: str
    submission_uid: str
    outcome: Outcome | None = None
    cause: Cause | None = None
    score: str | None = None
    attempts: int = 0
    evidence: str | None = None
    evidence_digest: str | None = None
    gpu_seconds: int = 0
    task_scores: tuple[TaskScore, ...] = ()
    disruptions: int = 0
    ends: tuple[str, ...] = ()
    environment: str = ""

    @property
    def awaits_environment(self) -> bool:
        """Whether it has scores, and counts as soon as the round's environment is known to be theirs."""
        return self.outcome is None and bool(self.task_scores)


class Verdict(enum.StrEnum):
    """What the samples say of a challenger."""

    BETTER = "Better"
    WORSE = "Worse"
    INCONCLUSIVE = "Inconclusive"


@dataclass(frozen=True)
class Comparison:
    """A challenger against the incumbent.

    Attributes:
        difference: How much lower, and so better, its score is after the earlier one's advantage, as the
            shortest decimal of a float; None where the samples of both cannot be compared.
        low: Lower end of the interval.
        high: Upper end.
        level: That the interval has, as a decimal.
        reason: Why nothing could be compared; empty otherwise.
    """

    submission: str
    incumbent: str
    verdict: Verdict
    difference: str | None
    low: str | None
    high: str | None
    level: str
    reason: str = ""


@dataclass(frozen=True)
class RankedLine:
    """One line of a round"s ranking as it is stored."""

    submission: str
    hotkey: str
    place: int
    score: str | None
    wins: int
    win_rate: str
    units: int


@dataclass(frozen=True)
class RoundStatus:
    """Everything that the operator writes on a Round.

    Attributes:
        environment: The one whose scores count; empty until it is decided.
        environments: All that scores were computed in.
        reference: What is known of the organiser's own model.
        comparisons: Of the incumbent with the models that rank above it.
        audits: Second evaluations of models that would lead; Scored where they confirm the first.
    """

    phase: RoundPhase = RoundPhase.PREPARING
    conditions: tuple[Condition, ...] = ()
    prepare_attempts: int = 0
    samples: Samples | None = None
    results: tuple[Result, ...] = ()
    ranking: tuple[RankedLine, ...] = ()
    moving_average: tuple[Share, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    environments: tuple[Environment, ...] = ()
    reference: Result | None = None
    comparisons: tuple[Comparison, ...] = ()
    audits: tuple[Result, ...] = ()
    started: datetime | None = None
    completed: datetime | None = None


@dataclass(frozen=True)
class Round:
    """One evaluation of all contenders on the same samples.

    Attributes:
        audit: Whether a new leader is evaluated twice before it is paid.
        dethrone: Whether a challenger must be better by more than luck.
        reference: The organiser's own model; its submission UID is the competition's.
        deadline_time: When the deadline block was due: a round ends even if its Subnet is gone.
        postponements: How many rounds were postponed for their leader since the last completed one.
        task_postponements: How many in a row before this one were postponed for samples.
        clone_filter: Whether models that do not beat every earlier one are left out of the ranking.
    """

    name: str
    uid: str
    namespace: str
    created: datetime
    competition: str
    competition_uid: str
    block: int
    deadline_block: int
    seed: str
    tasks: tuple[RoundTask, ...]
    tasks_digest: str
    epsilon: Epsilon
    selection: Selection
    alpha: Fraction
    max_parallel: int
    max_attempts: int
    pending_seconds: int
    previous_average: tuple[Share, ...]
    postponements: int
    task_postponements: int
    when_leader_missing: Literal["Postpone", "Publish"]
    when_task_unavailable: Literal["Postpone", "Renormalize"]
    contenders: tuple[Contender, ...]
    status: RoundStatus = RoundStatus()
    clone_filter: bool = False
    dethrone: Literal["Score", "Significant"] = "Score"
    audit: bool = False
    evaluator_image: str = ""
    reference: Contender | None = None
    deadline_time: datetime | None = None
