"""What the evaluator answers: the summary, and the evidence that it names."""

from __future__ import annotations

import base64
import binascii
import gzip
import hashlib
import zlib
from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from podium_evaluator.contract.document import (
    EVIDENCE_BYTES,
    VERSION,
    Digest,
    Document,
    Identifier,
    Name,
    Text,
)
from podium_evaluator.contract.outcomes import Fault, Reason

__all__ = [
    "Evidence",
    "FetchedModel",
    "PreparedSamples",
    "PreparedTask",
    "Summary",
    "TaskEvidence",
    "TaskScore",
    "decode_evidence",
    "encode_evidence",
]

_INFLATED_EVIDENCE_BYTES: Final = 8 * 1024 * 1024
"""Evidence is inflated no further than this: a gzip bomb must not reach the operator's memory."""


class PreparedTask(Document):
    """What one task's samples are made of, or why it has none."""

    name: Name
    samples: int = Field(ge=0)
    dropped: int = Field(
        default=0, ge=0, description="Drawn, but too long or otherwise no sample, and replaced by others."
    )
    revision: str | None = Field(default=None, max_length=40, description="The commit that was drawn from.")
    digest: Digest | None = Field(
        default=None, description="Of the samples with their row ids; absent when the task is unavailable."
    )
    reason: Reason | None = Field(default=None, description="Why the task is unavailable.")
    message: Text = ""


class PreparedSamples(Document):
    """Result of `prepare`."""

    digest: Digest
    tasks: tuple[PreparedTask, ...] = Field(max_length=32)


Sketch = Annotated[str, Field(max_length=172, pattern=r"^[A-Za-z0-9+/]*={0,2}$")]


class FetchedModel(Document):
    """Result of `fetch`."""

    manifest_digest: Digest
    tensors_digest: Digest
    bytes: int = Field(ge=0)
    files: int = Field(ge=0)
    parameters: int = Field(ge=0)
    architecture: Identifier
    chat_template: Identifier | None = Field(
        default=None, description="Which of the accepted templates its own tokenizer has."
    )
    hashed_files: tuple[Identifier, ...] = Field(
        default=(), max_length=64, description="The files whose digests give the committed secure hash."
    )
    sketch: Sketch | None = Field(
        default=None, description="By which the weights of two models are compared without having them."
    )


class TaskScore(Document):
    """One task's raw score: a loss or an error fraction, finite, lower is better.

    A task without a score counts as the worst there is, for the reason that is given.
    """

    name: Name
    score: float | None = Field(
        default=None, ge=0, description="A pod that reports a negative loss is not believed."
    )
    samples: int = Field(ge=1)
    reason: Reason | None = None
    message: Text = ""

    @model_validator(mode="after")
    def _score_or_reason(self) -> TaskScore:
        if (self.score is None) == (self.reason is None):
            raise ValueError("needs exactly one of score and reason")
        return self


class Summary(Document):
    """The termination message. Exactly one of the result fields is set when `reason` is absent."""

    version: Literal["podium.dev/evaluator/v1"] = VERSION
    nonce: str = Field(pattern=r"^[0-9a-f]{32}$")
    fault: Fault | None = None
    reason: Reason | None = None
    message: Text = ""
    prepared: PreparedSamples | None = None
    fetched: FetchedModel | None = None
    scores: tuple[TaskScore, ...] | None = Field(default=None, max_length=32)
    samples_digest: Digest | None = None
    manifest_digest: Digest | None = None
    evidence_digest: Digest | None = Field(default=None, description="Digest of the encoded evidence.")
    environment: dict[Identifier, Text] = Field(
        default_factory=dict, max_length=16, description="Must be equal inside a round."
    )
    path: dict[Identifier, Text] = Field(
        default_factory=dict, max_length=16, description="How this model ran; recorded, not compared."
    )
    reachable: tuple[Text, ...] | None = Field(default=None, max_length=32)
    seconds: float = Field(default=0.0, ge=0)


class TaskEvidence(Document):
    """Per-sample scores of one task, in the order of the sample ids.

    The raw score is their mean, weighted where there are weights. A sample whose loss is not finite has
    none, and then the task has none either.
    """

    name: Name
    sample_ids: tuple[Identifier, ...]
    scores: tuple[float | None, ...]
    weights: tuple[int, ...] | None = Field(
        default=None, description="How often a sample counts; absent when each counts once."
    )


class Evidence(Document):
    """Everything that a task's score was computed from."""

    version: Literal["podium.dev/evaluator/v1"] = VERSION
    nonce: str = Field(pattern=r"^[0-9a-f]{32}$")
    samples_digest: Digest
    manifest_digest: Digest
    tasks: tuple[TaskEvidence, ...] = Field(max_length=32)


def encode_evidence(evidence: Evidence) -> tuple[str, str]:
    """Evidence as one line of text.

    Returns:
        The base64 of the gzipped JSON (no clock in the header, so equal evidence is equal text)
        and its digest as ``sha256:<hex>``.

    Raises:
        ValueError: The line would exceed `EVIDENCE_BYTES`.
    """
    line = base64.b64encode(gzip.compress(evidence.to_json().encode(), mtime=0)).decode()
    if len(line) > EVIDENCE_BYTES:
        raise ValueError(f"evidence of {len(line)} bytes, at most {EVIDENCE_BYTES}: score fewer samples")
    return line, _digest(line)


def decode_evidence(line: str, digest: str) -> Evidence:
    """The evidence in a line whose digest must be `digest`.

    Raises:
        ValueError: The line is too long, is not what the digest names, or holds no evidence.
    """
    if len(line) > EVIDENCE_BYTES:
        raise ValueError(f"evidence of {len(line)} bytes, at most {EVIDENCE_BYTES}")
    if _digest(line) != digest:
        raise ValueError("the evidence line does not have the digest that the summary names")
    try:
        inflate = zlib.decompressobj(wbits=31)
        text = inflate.decompress(base64.b64decode(line, validate=True), _INFLATED_EVIDENCE_BYTES)
    except (binascii.Error, zlib.error) as error:
        raise ValueError(f"the evidence line is not base64 of gzip: {error}") from error
    if not inflate.eof:
        raise ValueError("the evidence is truncated or inflates beyond its bound")
    return Evidence.model_validate_json(text)


def _digest(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
