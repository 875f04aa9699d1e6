"""Competition: what is asked of models, when rounds happen, and how they are evaluated and ranked."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field, StringConstraints

from podium.api.base import (
    Block,
    CamelCase,
    Count,
    Digest,
    Hotkey,
    Label,
    Model,
    Name,
    ObjectName,
    Resource,
    Score,
    Share,
    Shares,
    Text,
    Uid,
)
from podium.api.cadence import Rounds
from podium.api.conditions import Conditions, ObservedGeneration
from podium.api.constraints import Bytes, Constraints
from podium.api.evaluator import Evaluator
from podium.api.extensions import ListMap, ListSet, Rule, Sentence, immutable, ruled
from podium.api.failure import Failure
from podium.api.ranking import Ranking
from podium.api.source import Source
from podium.api.tasks import TaskEntry

__all__ = [
    "COMPETITION_RULES",
    "AverageRound",
    "Competition",
    "CompetitionSpec",
    "CompetitionStatus",
    "CompetitionSummary",
    "Hub",
    "IsolationStatus",
    "LastRound",
    "Leader",
    "Reference",
    "ReferenceStatus",
    "Store",
    "SubmissionCounts",
]

COMPETITION_RULES: Final = (
    Rule(
        "self.metadata.name.size() <= 50 && !self.metadata.name.contains('.')",
        "must have at most 50 characters and no '.': names of Rounds and Jobs are built from it",
        ".metadata.name",
    ),
)


class Hub(Model):
    """The hub that models and datasets are fetched from."""

    endpoint: (
        Annotated[
            str,
            StringConstraints(max_length=256, pattern=r"^https?://[^\s/@]+(/[^\s@]*)?$"),
            Sentence("must be an http:// or https:// address without credentials"),
        ]
        | None
    ) = None
    """Address of a hub with the Hugging Face API; the client's default when absent."""
    token_secret_name: ObjectName | None = None
    """Secret whose key `token` the fetch pods present to the hub."""


class Reference(Model):
    """The organiser's own model, evaluated first in each round.

    It tells a broken evaluator from a broken submission.
    """

    source: Source


class ReferenceStatus(Model):
    """The organiser's own model in the store."""

    digest: Digest
    """Of the source and the constraints that it was fetched for."""
    manifest_digest: Digest | None = None
    attempts: Count = 0
    failure: Failure | None = None
    """What the last attempt ended with; it is tried again."""


class Store(Model):
    """Where fetched models and samples are kept."""

    claim_name: ObjectName
    max_bytes: Bytes
    """Room that this competition's models may take. Those that no round needs make way for the next; samples
    take a little more."""


class CompetitionSpec(Model):
    """Everything that an organiser decides."""

    model_config = ConfigDict(
        json_schema_extra=ruled(
            Rule(
                "self.constraints.maxBytes <= self.store.maxBytes",
                "must hold at least one submission of constraints.maxBytes",
                ".store.maxBytes",
            ),
            Rule(
                "self.rounds.submissionDelayBlocks >= 2 || !self.taskSchedule.exists(entry,"
                " entry.tasks.exists(task, task.dataset.freshness == 'NewerThanCommits'))",
                "must be at least 2 for NewerThanCommits: rows are made between commitments and rounds",
                ".rounds.submissionDelayBlocks",
            ),
            Rule(
                "!has(self.reference) || !has(self.reference.source.volume) || (has(self.volumeClaims)"
                " && self.reference.source.volume.claimName in self.volumeClaims)",
                "must be one of volumeClaims",
                ".reference.source.volume.claimName",
            ),
        )
    )

    subnet: Annotated[Name, immutable("is immutable: create another Competition")]
    """The Subnet whose blocks it follows and whose reward it shares."""
    competition_id: Annotated[
        int, Field(ge=0, le=99), immutable("is immutable: commitments on the chain name it")
    ]
    suspend: bool = False
    """No new pods while true. Those that run are finished, and a round's deadline goes on."""
    constraints: Constraints
    rounds: Rounds
    task_schedule: Annotated[
        tuple[TaskEntry, ...],
        Field(min_length=1, max_length=32),
        ListMap("startBlock"),
        Rule("self.map(e, e.startBlock).isSorted()", "entries must ascend by startBlock"),
    ]
    """Tasks over time: the last entry that has started counts."""
    ranking: Ranking
    evaluator: Evaluator
    isolation: Literal["Required", "Preferred"] = "Required"
    """Whether an evaluate pod that can reach a network refuses to open the model."""
    reference: Reference | None = None
    store: Store
    volume_claims: Annotated[tuple[ObjectName, ...], Field(max_length=16), ListSet()] = ()
    """Claims that submissions may name as their source."""
    hub: Hub | None = None


class LastRound(Model):
    """The newest finished Round."""

    name: Label
    uid: Uid | None = None
    block: Block
    phase: CamelCase


class AverageRound(Model):
    """The Round that last moved the average."""

    name: Label
    uid: Uid | None = None


class Leader(Model):
    """The model that holds the largest share of the moving average."""

    submission: Label
    hotkey: Hotkey
    score: Score | None = None
    share: Share


class SubmissionCounts(Model):
    """Submissions by what has become of them."""

    total: Count = 0
    waiting: Count = 0
    fetched: Count = 0
    rejected: Count = 0


class IsolationStatus(Model):
    """What the probe pod found with the evaluator settings of this digest."""

    digest: Digest
    reachable: Annotated[tuple[Text, ...], Field(max_length=32)] = ()
    attempts: Count = 0
    complete: bool = False
    """Whether the probe has given its answer; until then `message` says what went wrong."""
    time: datetime | None = None
    """When the last attempt ended."""
    message: Text = ""


class CompetitionSummary(Model):
    """What `kubectl get` shows rounded; it is elsewhere in full."""

    score: Annotated[str, StringConstraints(max_length=16)] | None = None
    """The leader's, to four digits."""


class CompetitionStatus(Model):
    """What the operator knows of the competition."""

    observed_generation: ObservedGeneration = 0
    phase: CamelCase | None = None
    """For people; derived from the conditions."""
    conditions: Conditions = ()
    current_round: Label | None = None
    last_round: LastRound | None = None
    next_round_block: Block | None = None
    average_block: Block | None = None
    """Sync block of the Round that last moved the average."""
    average_round: AverageRound | None = None
    moving_average: Shares = ()
    leader: Leader | None = None
    submissions: SubmissionCounts | None = None
    isolation: IsolationStatus | None = None
    reference: ReferenceStatus | None = None
    summary: CompetitionSummary | None = None


class Competition(Resource):
    """An open competition of language models: constraints, tasks, rounds, ranking, evaluator."""

    spec: CompetitionSpec
    status: CompetitionStatus = CompetitionStatus()
