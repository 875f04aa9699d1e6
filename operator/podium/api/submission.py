"""ModelSubmission: one model of one hotkey at one pinned revision."""

from __future__ import annotations

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
    Resource,
    Score,
    Share,
    Word,
)
from podium.api.conditions import Conditions, ObservedGeneration
from podium.api.evaluator import Image
from podium.api.extensions import ListMap, Rule, Sentence, ruled
from podium.api.failure import Failure
from podium.api.source import Source

__all__ = [
    "SUBMISSION_RULES",
    "Evaluation",
    "Fetch",
    "ModelSubmission",
    "ModelSubmissionSpec",
    "ModelSubmissionStatus",
    "Outcome",
    "SubmissionSummary",
]

SUBMISSION_RULES: Final = (
    Rule(
        "self.metadata.name.size() <= 63 && !self.metadata.name.contains('.')",
        "must have at most 63 characters and no '.': it becomes a label",
        ".metadata.name",
    ),
    Rule(
        "self.spec == oldSelf.spec",
        "is immutable: create another ModelSubmission for another revision",
        ".spec",
        "FieldValueForbidden",
    ),
)

Outcome = Literal["Scored", "Failed", "Missing"]
"""How a contender's evaluation ended: with a score, by its own fault, or without a result."""


class ModelSubmissionSpec(Model):
    """What is submitted. Nothing here gives an advantage: the commit block is in the status."""

    competition: Name
    hotkey: Annotated[Hotkey, Sentence("must be an SS58 address of 47 or 48 base58 characters")]
    source: Source
    secure_hash: (
        Annotated[
            str,
            StringConstraints(max_length=44, pattern=r"^[A-Za-z0-9+/]{43}=$"),
            Sentence("must be the base64 of 32 bytes, 44 characters"),
        ]
        | None
    ) = None
    """Hash of the model's files and the hotkey: proves that the hotkey had them at the commitment."""


class Fetch(Model):
    """Attempts to fetch the model into the store."""

    attempts: Count = 0
    disruptions: Count = 0
    """Attempts that the cluster interrupted; not counted as attempts."""
    last_block: Block | None = None
    evicted_block: Block | None = None
    """When the store gave up the model's bytes for others; absent while it has them."""
    removed: bool = False
    """Whether a fetch of another model has removed them since."""


class SubmissionSummary(Model):
    """The submission in three words, for `kubectl get`; everything is elsewhere in full."""

    score: Annotated[str, StringConstraints(max_length=16)] | None = None
    """Rounded to four digits."""
    share: Annotated[str, StringConstraints(max_length=8)] | None = None
    """Of the moving average, in percent."""
    reason: CamelCase | None = None
    """Why it was turned away, or what its last attempt ended with."""


class Evaluation(Model):
    """One line of the history; it outlives the Round."""

    round: Label
    block: Block
    outcome: Outcome
    score: Score | None = None
    winner_score: Score | None = None
    winner_commit_block: Block | None = None
    """How old the winner is decides when its advantage has decayed enough for another try."""
    task_digest: Digest | None = None
    """Only scores of equal tasks are comparable."""
    evaluator_image: Image | None = None
    """And only those of one image."""


class Similar(Model):
    """The earlier submission whose tensors were most alike when this one was fetched.

    It is told and never punished.
    """

    submission: Label
    equal: Annotated[int, Field(ge=0, le=64)]
    """Sampled parts of the weights that are the same to the bit,"""
    of: Annotated[int, Field(ge=0, le=64)]
    """of so many."""


class ModelSubmissionStatus(Model):
    """What the operator knows of the submission."""

    model_config = ConfigDict(
        json_schema_extra=ruled(
            Rule(
                "!has(oldSelf.commitBlock)"
                " || (has(self.commitBlock) && self.commitBlock == oldSelf.commitBlock)",
                "is immutable: who came first decides who is paid",
                ".commitBlock",
                "FieldValueForbidden",
            )
        )
    )

    observed_generation: ObservedGeneration = 0
    phase: CamelCase | None = None
    """For people; derived from the conditions."""
    conditions: Conditions = ()
    commit_block: Block | None = None
    """From the chain, or from the object's creation on a ledger."""
    manifest_digest: Digest | None = None
    tensors_digest: Digest | None = None
    bytes: Annotated[int, Field(ge=0)] | None = None
    parameters: Annotated[int, Field(ge=0)] | None = None
    architecture: Word | None = None
    chat_template: Word | None = None
    """Which of the accepted templates its own tokenizer has."""
    hashed_files: Annotated[tuple[Word, ...], Field(max_length=64)] = ()
    """The files that the secure hash covers."""
    constraints_digest: Digest | None = None
    """Of the constraints that the verdict was reached under; other constraints check again."""
    sketch: Annotated[str, StringConstraints(max_length=172, pattern=r"^[A-Za-z0-9+/]*={0,2}$")] | None = None
    """By which the tensors of two models are compared without having them."""
    similar: Similar | None = None
    duplicate_of: Label | None = None
    """The earlier submission that has the same tensors."""
    fetch: Fetch | None = None
    evaluations: Annotated[tuple[Evaluation, ...], Field(max_length=3), ListMap("round")] = ()
    score: Score | None = None
    place: Annotated[int, Field(ge=1)] | None = None
    share: Share | None = None
    """Of the moving average."""
    failure: Failure | None = None
    quarantine: Image | None = None
    """The evaluator image that failed on it while others were scored: another image tries it again."""
    summary: SubmissionSummary | None = None


class ModelSubmission(Resource):
    """One model of one hotkey at one pinned revision."""

    spec: ModelSubmissionSpec
    status: ModelSubmissionStatus = ModelSubmissionStatus()
