"""Round: one evaluation of all contenders on the same samples."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from podium.api.base import (
    MAX_CONTENDERS,
    Block,
    Count,
    Digest,
    Hotkey,
    Label,
    Model,
    Resource,
    Shares,
    Uid,
)
from podium.api.constraints import SequenceLength, Tokenizer
from podium.api.evaluator import Evaluator
from podium.api.extensions import ListMap, Rule
from podium.api.ranking import Ranking
from podium.api.round_status import RoundStatus
from podium.api.source import Source
from podium.api.tasks import Tasks

__all__ = [
    "ROUND_RULES",
    "CompetitionReference",
    "Contender",
    "Round",
    "RoundReference",
    "RoundSpec",
    "SamplesWindow",
]

ROUND_RULES: Final = (
    Rule(
        "self.spec == oldSelf.spec",
        "is immutable: a Round is evaluated as it was created",
        ".spec",
        "FieldValueForbidden",
    ),
)

Seed = Annotated[str, StringConstraints(max_length=64, pattern=r"^[0-9a-f]{64}$")]
BlockHash = Annotated[str, StringConstraints(max_length=66, pattern=r"^0x[0-9a-f]{64}$")]


class CompetitionReference(Model):
    """The Competition as it was when the Round was created."""

    name: Label
    uid: Uid
    generation: Annotated[int, Field(ge=0)]


class SamplesWindow(Model):
    """When rows were made that are newer than every contender's commitment."""

    after: datetime | None = None
    """No contender committed later."""
    until: datetime | None = None
    """The beginning of the sync block; branches stand for their newest commit at this time."""


class RoundReference(Model):
    """The organiser's own model, evaluated first."""

    source: Source
    manifest_digest: Digest | None = None
    """Absent when it was not in the store in time."""


class Contender(Model):
    """A submission that takes part."""

    submission: Label
    submission_uid: Annotated[Uid, Field(alias="submissionUID")]
    hotkey: Hotkey
    manifest_digest: Digest | None = None
    """Absent when it was not in the store in time: it is missing."""
    commit_block: Block


class RoundSpec(Model):
    """Everything that the round depends on, copied in.

    A later change of the Competition, or its deletion, changes nothing.
    """

    competition: CompetitionReference
    block: Block
    """The sync block."""
    block_hash: BlockHash | None = None
    """Of the sync block; absent on a ledger."""
    seed: Seed
    """SHA-256 of the text of the block's hash, or 32 random bytes on a ledger."""
    deadline_block: Block
    """Contenders without an outcome at this block are missing."""
    deadline_time: datetime | None = None
    """When that block was due: the Round ends then too, should its Subnet be gone or stand still."""
    tasks: Tasks
    tasks_start_block: Block | None = None
    """Of the entry of the Competition's schedule that they are from."""
    tokenizer: Tokenizer
    sequence_length: SequenceLength
    dtype: Literal["BFloat16", "Float32"] = "BFloat16"
    """What weights are cast to."""
    window: SamplesWindow = SamplesWindow()
    ranking: Ranking
    evaluator: Evaluator
    isolation: Literal["Required", "Preferred"] = "Required"
    when_leader_missing: Literal["Postpone", "Publish"] = "Postpone"
    when_task_unavailable: Literal["Postpone", "Renormalize"] = "Postpone"
    postponements: Count = 0
    """How many rounds were postponed for their leader since the last one that was completed."""
    task_postponements: Count = 0
    """How many rounds in a row before this one were postponed for a task that could not be prepared."""
    reference: RoundReference | None = None
    previous_average: Shares = ()
    """The moving average that this round continues, so that a deleted Round breaks nothing."""
    contenders: Annotated[
        tuple[Contender, ...], Field(min_length=1, max_length=MAX_CONTENDERS), ListMap("submission")
    ]


class Round(Resource):
    """One evaluation of all contenders of a Competition on the same samples; its name is the lock."""

    spec: RoundSpec
    status: RoundStatus = RoundStatus()
