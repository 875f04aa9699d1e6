"""What has become of a Round: samples, results, ranking and the average that it leaves."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from podium.api.base import (
    MAX_CONTENDERS,
    CamelCase,
    Count,
    Digest,
    Hotkey,
    Label,
    Model,
    ObjectName,
    Score,
    Share,
    Shares,
    Text,
    Uid,
)
from podium.api.conditions import Conditions, ObservedGeneration
from podium.api.extensions import ListMap, Rule, ruled
from podium.api.submission import Outcome
from podium_evaluator.contract import Fault

__all__ = [
    "Comparison",
    "Environment",
    "PreparedTask",
    "RankedSubmission",
    "Result",
    "RoundPhase",
    "RoundStatus",
    "Samples",
    "Summary",
    "TaskScore",
]

RoundPhase = Literal["Preparing", "Evaluating", "Completed", "Abandoned", "Failed"]
"""Completed, Abandoned and Failed are final."""

Place = Annotated[int, Field(ge=1, le=MAX_CONTENDERS)]


class PreparedTask(Model):
    """What one task's samples are made of, or why it has none."""

    name: Label
    samples: Count
    dropped: Count = 0
    """Drawn, but too long or otherwise no sample, and replaced by others."""
    revision: Annotated[str, StringConstraints(max_length=40)] | None = None
    """The commit that was drawn from."""
    digest: Digest | None = None
    """Of the samples with the ids of their rows; absent when the task is unavailable."""
    reason: CamelCase | None = None
    """Why the task is unavailable: the weights of the others fill its place."""
    message: Text = ""


class Samples(Model):
    """The samples that every contender is scored on."""

    digest: Digest | None = None
    """Absent until they are prepared."""
    attempts: Count = 0
    tasks: Annotated[tuple[PreparedTask, ...], Field(max_length=32), ListMap("name")] = ()


class TaskScore(Model):
    """One task's raw score; lower is better. Without a score it counts as the worst there is."""

    name: Label
    score: Score | None = None
    reason: CamelCase | None = None
    """Why there is no score."""
    message: Text = ""


class Environment(Model):
    """What scores were computed in."""

    name: Annotated[str, StringConstraints(max_length=16, pattern=r"^[0-9a-f]{16}$")]
    """A digest of the values."""
    values: Annotated[dict[str, Text], Field(max_length=16)] = Field(default_factory=dict)


class Result(Model):
    """What is known of one contender; without an outcome it is still being evaluated."""

    model_config = ConfigDict(
        json_schema_extra=ruled(
            Rule(
                "!has(oldSelf.outcome) || (has(self.outcome) && self.outcome == oldSelf.outcome"
                " && has(self.evidenceDigest) == has(oldSelf.evidenceDigest)"
                " && (!has(self.evidenceDigest) || self.evidenceDigest == oldSelf.evidenceDigest))",
                "a recorded outcome and its evidence do not change",
                reason="FieldValueForbidden",
            ),
            Rule(
                "!has(self.outcome) || self.outcome != 'Scored' || has(self.score)",
                "outcome Scored needs a score",
                ".outcome",
                "FieldValueRequired",
            ),
        )
    )

    submission: Label
    submission_uid: Annotated[Uid, Field(alias="submissionUID")]
    outcome: Outcome | None = None
    fault: Fault | None = None
    reason: CamelCase | None = None
    message: Text = ""
    score: Score | None = None
    """Weighted and normalised; lower is better."""
    attempts: Count = 0
    disruptions: Count = 0
    """Evaluations that the cluster interrupted; not counted as attempts."""
    ends: Annotated[tuple[CamelCase, ...], Field(max_length=16)] = ()
    """Why each attempt or interrupted evaluation ended, oldest first."""
    environment: Annotated[str, StringConstraints(max_length=16)] | None = None
    """Name of the environment of its scores; they count if it is that of the round."""
    evidence: ObjectName | None = None
    """ConfigMap with the scores of every sample."""
    evidence_digest: Digest | None = None
    gpu_seconds: Count = 0
    tasks: Annotated[tuple[TaskScore, ...], Field(max_length=32), ListMap("name")] = ()


class Comparison(Model):
    """A challenger that ranks above the incumbent, and what the samples say of it."""

    submission: Label
    incumbent: Label
    verdict: Literal["Better", "Worse", "Inconclusive"]
    difference: Score | None = None
    """How much lower, and so better, its score is after the earlier one's advantage."""
    low: Score | None = None
    """Lower end of the interval of the difference."""
    high: Score | None = None
    level: Share
    """Of the interval, corrected for the number of challengers."""
    reason: CamelCase | None = None
    """Why nothing could be compared."""


class RankedSubmission(Model):
    """One line of the ranking."""

    submission: Label
    hotkey: Hotkey
    place: Place
    score: Score | None = None
    """Absent when the submission failed by its own fault."""
    wins: Annotated[int, Field(ge=0, le=MAX_CONTENDERS)]
    win_rate: Share
    share: Share
    """Of this round."""


class Summary(Model):
    """The round in three numbers, for `kubectl get`."""

    contenders: Count = 0
    evaluated: Count = 0
    """Contenders with scores or an outcome."""
    winner: Label | None = None


class RoundStatus(Model):
    """What the operator knows of the round."""

    model_config = ConfigDict(
        json_schema_extra=ruled(
            Rule(
                "!has(oldSelf.phase) || !(oldSelf.phase in ['Completed', 'Abandoned', 'Failed'])"
                " || (has(self.phase) && self.phase == oldSelf.phase)",
                "is final: Completed, Abandoned and Failed do not change",
                ".phase",
                "FieldValueForbidden",
            ),
            Rule(
                "!has(oldSelf.results) || (has(self.results)"
                " && oldSelf.results.all(o, self.results.exists(n, n.submission == o.submission)))",
                "a recorded result is never removed",
                ".results",
                "FieldValueForbidden",
            ),
        )
    )

    observed_generation: ObservedGeneration = 0
    phase: RoundPhase | None = None
    conditions: Conditions = ()
    samples: Samples | None = None
    reference: Result | None = None
    """The organiser's own model: it has no place, and tells a broken evaluator from a broken submission."""
    results: Annotated[tuple[Result, ...], Field(max_length=MAX_CONTENDERS), ListMap("submission")] = ()
    ranking: Annotated[
        tuple[RankedSubmission, ...], Field(max_length=MAX_CONTENDERS), ListMap("submission")
    ] = ()
    """Best first."""
    comparison: Annotated[tuple[Comparison, ...], Field(max_length=8), ListMap("submission")] = ()
    """The leader of the average before against those that rank above it, the best first."""
    audits: Annotated[tuple[Result, ...], Field(max_length=MAX_CONTENDERS), ListMap("submission")] = ()
    """Second evaluations of models that would take the lead: Scored where they gave the same scores again."""
    moving_average: Shares = ()
    """The average that this round leaves."""
    environment: Annotated[dict[str, Text], Field(max_length=16)] = Field(default_factory=dict)
    """What was equal for all contenders: versions, dtype, GPU model. Absent until it is decided."""
    environments: Annotated[tuple[Environment, ...], Field(max_length=4), ListMap("name")] = ()
    """All that scores were computed in; that of most contenders is the round's."""
    summary: Summary | None = None
    start_time: datetime | None = None
    completion_time: datetime | None = None
    message: Text = ""
