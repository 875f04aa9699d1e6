"""The contract between the operator and the evaluator image: requests, results, exit codes.

The operator passes one request document as JSON in the environment variable `REQUEST_VARIABLE`.
The evaluator answers with one `Summary` of at most `SUMMARY_BYTES` as the container's termination
message and, for `evaluate`, one evidence line in its log whose digest the summary names.

A pod that held a stranger's model may have written anything at all, so results are parsed
strictly: unknown keys, non-finite numbers and oversized fields are refused.
"""

from __future__ import annotations

import base64
import binascii
import enum
import gzip
import hashlib
import zlib
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

__all__ = [
    "CONTAINER",
    "EVIDENCE_BYTES",
    "EVIDENCE_PREFIX",
    "REQUEST_VARIABLE",
    "SUMMARY_BYTES",
    "VERSION",
    "ArchitectureLimits",
    "Digest",
    "EvaluateRequest",
    "Evidence",
    "ExitCode",
    "Fault",
    "FetchRequest",
    "FetchedModel",
    "HuggingFaceDataset",
    "HuggingFaceSource",
    "Method",
    "NormLimits",
    "PrepareRequest",
    "PreparedSamples",
    "PreparedTask",
    "ProbeRequest",
    "Reason",
    "Request",
    "Summary",
    "Task",
    "TaskEvidence",
    "TaskScore",
    "Tokenizer",
    "VolumeSource",
    "WordSortingDataset",
    "decode_evidence",
    "encode_evidence",
]

VERSION: Final = "podium.dev/evaluator/v1"
"""Changes whenever a reader of the older documents would misread the newer ones."""

REQUEST_VARIABLE: Final = "PODIUM_REQUEST"
"""Environment variable with the request; a Job and its request are created in one write."""

CONTAINER: Final = "evaluator"
"""Name of the one container of every pod that runs the image."""

SUMMARY_BYTES: Final = 4096
"""The kubelet cuts a termination message at 4,096 bytes."""

EVIDENCE_BYTES: Final = 128 * 1024
"""Largest encoded evidence: it becomes one ConfigMap and must stay small beside etcd's 1.5 MiB."""

EVIDENCE_PREFIX: Final = "podium-evidence "
"""Starts the one log line that carries evidence."""

_INFLATED_EVIDENCE_BYTES: Final = 8 * 1024 * 1024
"""Evidence is inflated no further than this: a gzip bomb must not reach the operator's memory."""

Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
Text = Annotated[str, StringConstraints(max_length=1024)]
Identifier = Annotated[str, StringConstraints(min_length=1, max_length=128)]


class ExitCode(enum.IntEnum):
    """Exit status of every subcommand; numbers follow sysexits.h."""

    DONE = 0
    REQUEST_INVALID = 64
    SUBMISSION_AT_FAULT = 65
    HUB_UNAVAILABLE = 69
    EVALUATOR_BUG = 70
    TRY_AGAIN = 75


class Fault(enum.StrEnum):
    """Whose fault a failure is. Nothing else decides its consequences."""

    SUBMISSION = "Submission"
    INFRASTRUCTURE = "Infrastructure"
    EVALUATOR = "Evaluator"
    ORGANIZER = "Organizer"


class Reason(enum.StrEnum):
    """Why a subcommand did not succeed. A closed set: reasons end in conditions and metrics."""

    REQUEST_INVALID = "RequestInvalid"
    # The submission's fault, proved by its bytes: terminal for the revision.
    REVISION_NOT_FOUND = "RevisionNotFound"
    TOO_LARGE = "TooLarge"
    NO_SAFETENSORS = "NoSafetensors"
    SAFETENSORS_MALFORMED = "SafetensorsMalformed"
    SAFETENSORS_TRUNCATED = "SafetensorsTruncated"
    TENSORS_MISMATCH = "TensorsMismatch"
    DTYPE_NOT_ALLOWED = "DtypeNotAllowed"
    FILE_NOT_ALLOWED = "FileNotAllowed"
    CONFIG_MALFORMED = "ConfigMalformed"
    CONFIG_KEY_NOT_HONOURED = "ConfigKeyNotHonoured"
    ARCHITECTURE_NOT_ALLOWED = "ArchitectureNotAllowed"
    PARAMETERS_OUT_OF_RANGE = "ParametersOutOfRange"
    NORMS_OUT_OF_RANGE = "NormsOutOfRange"
    NON_FINITE_WEIGHTS = "NonFiniteWeights"
    VOCABULARY_TOO_SMALL = "VocabularyTooSmall"
    SEQUENCE_TOO_SHORT = "SequenceTooShort"
    TOKENIZER_MALFORMED = "TokenizerMalformed"
    VOLUME_PATH_NOT_FOUND = "VolumePathNotFound"
    # The submission's fault as far as we can see, but an honest one may not be public yet: retried.
    NOT_YET_PUBLISHED = "NotYetPublished"
    # The submission's fault at evaluation.
    NON_FINITE_SCORE = "NonFiniteScore"
    # Infrastructure.
    HUB_UNAVAILABLE = "HubUnavailable"
    DATASET_UNAVAILABLE = "DatasetUnavailable"
    STORE_FULL = "StoreFull"
    STORED_BYTES_CHANGED = "StoredBytesChanged"
    NOT_ISOLATED = "NotIsolated"
    OUT_OF_MEMORY = "OutOfMemory"
    TIMEOUT = "Timeout"
    # The organiser's.
    DATASET_INVALID = "DatasetInvalid"
    # Ours.
    EVALUATOR_BUG = "EvaluatorBug"


class Method(enum.StrEnum):
    """How samples become a score; lower is better for every one of them."""

    MULTIPLE_CHOICE = "MultipleChoice"
    REFERENCE_LOSS = "ReferenceLoss"
    TEXT_LOSS = "TextLoss"


class _Document(BaseModel):
    """Strict, immutable, camelCase on the wire."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        populate_by_name=True,
        alias_generator=lambda name: "".join(
            part if index == 0 else part.capitalize() for index, part in enumerate(name.split("_"))
        ),
    )

    def to_json(self) -> str:
        """Compact JSON without absent fields."""
        return self.model_dump_json(by_alias=True, exclude_none=True)


# --- datasets and tasks ----------------------------------------------------------------------


class WordSortingDataset(_Document):
    """Words drawn from a packaged list by the round's seed; needs no network."""

    kind: Literal["WordSorting"] = "WordSorting"
    samples: int = Field(ge=1, le=10_000)
    minimum_words: int = Field(default=2, ge=2, le=100)
    maximum_words: int = Field(default=20, ge=2, le=100)


class HuggingFaceDataset(_Document):
    """Rows of parquet files of a dataset repository at a pinned revision, drawn by the round's seed."""

    kind: Literal["HuggingFace"] = "HuggingFace"
    samples: int = Field(ge=1, le=10_000)
    repository: Identifier
    revision: str = Field(pattern=r"^[0-9a-f]{40}$")
    files: str = Field(default="**/*.parquet", max_length=256, description="Glob of the files to draw from.")
    prompt_column: Identifier | None = None
    reference_column: Identifier | None = None
    options_column: Identifier | None = Field(default=None, description="A list of strings.")
    answer_column: Identifier | None = Field(default=None, description="Index of the right option, from 0.")
    text_column: Identifier | None = None


Dataset = Annotated[WordSortingDataset | HuggingFaceDataset, Field(discriminator="kind")]


class Task(_Document):
    """One task of a round. Weight and normalisation are the operator's business and absent here."""

    name: Name
    method: Method
    loss_unit: Literal["Token", "Byte"] = "Token"
    dataset: Dataset


class Tokenizer(_Document):
    """Whose tokenizer is used, and the named chat template that renders prompts."""

    policy: Literal["Fixed", "Own"]
    repository: Identifier | None = Field(default=None, description="With policy Fixed.")
    revision: str | None = Field(default=None, pattern=r"^[0-9a-f]{40}$")
    chat_template: Literal["ChatML"] = "ChatML"


# --- requests --------------------------------------------------------------------------------


class _Request(_Document):
    version: Literal["podium.dev/evaluator/v1"] = VERSION
    nonce: str = Field(pattern=r"^[0-9a-f]{32}$", description="Repeated in the summary.")


class PrepareRequest(_Request):
    """Draw the samples of a round and write them once, named by their digest."""

    kind: Literal["Prepare"] = "Prepare"
    seed: str = Field(pattern=r"^[0-9a-f]{64}$")
    tasks: tuple[Task, ...] = Field(min_length=1, max_length=32)
    tokenizer: Tokenizer
    sequence_length: int = Field(ge=16, le=1_048_576)
    hub_endpoint: Text | None = None


class HuggingFaceSource(_Document):
    """A model repository at one commit."""

    kind: Literal["HuggingFace"] = "HuggingFace"
    repository: Identifier
    revision: str = Field(pattern=r"^[0-9a-f]{40}$")


class VolumeSource(_Document):
    """A folder of a mounted volume."""

    kind: Literal["Volume"] = "Volume"
    path: Text


class ArchitectureLimits(_Document):
    """What a model must be to enter the competition."""

    architectures: tuple[Identifier, ...] = Field(min_length=1, max_length=32)
    minimum_parameters: int = Field(default=0, ge=0)
    maximum_parameters: int = Field(ge=1)
    sequence_length: int = Field(ge=16, le=1_048_576)


class NormLimits(_Document):
    """Bounds on the L2 norms of each layer's attention and feed-forward projections."""

    soft: float = Field(gt=0)
    soft_fraction: float = Field(ge=0, le=1)
    hard: float = Field(gt=0)


class FetchRequest(_Request):
    """Copy one submission into the store, checked, under the digest of its manifest."""

    kind: Literal["Fetch"] = "Fetch"
    source: Annotated[HuggingFaceSource | VolumeSource, Field(discriminator="kind")]
    hub_endpoint: Text | None = None
    maximum_bytes: int = Field(ge=1)
    limits: ArchitectureLimits
    norms: NormLimits | None = None
    tokenizer: Tokenizer


class EvaluateRequest(_Request):
    """Score one stored model on one set of stored samples."""

    kind: Literal["Evaluate"] = "Evaluate"
    manifest_digest: Digest
    samples_digest: Digest
    tasks: tuple[Task, ...] = Field(min_length=1, max_length=32)
    tokenizer: Tokenizer
    sequence_length: int = Field(ge=16, le=1_048_576)
    threads: int = Field(ge=1, le=256, description="CPU threads; part of the environment, it decides bits.")
    timeout_seconds: int = Field(ge=1, le=86_400)
    isolation: Literal["Required", "Preferred"] = "Required"


class ProbeRequest(_Request):
    """Try to reach what an evaluate pod must not reach, and report what answered."""

    kind: Literal["Probe"] = "Probe"
    timeout_seconds: int = Field(default=30, ge=1, le=600)


Request = Annotated[
    PrepareRequest | FetchRequest | EvaluateRequest | ProbeRequest, Field(discriminator="kind")
]


# --- results ---------------------------------------------------------------------------------


class PreparedTask(_Document):
    """What one task's samples are made of."""

    name: Name
    samples: int = Field(ge=0)
    dropped: int = Field(default=0, ge=0, description="Drawn but longer than the sequence length.")
    revision: str | None = Field(default=None, max_length=40)
    digest: Digest


class PreparedSamples(_Document):
    """Result of `prepare`."""

    digest: Digest
    tasks: tuple[PreparedTask, ...] = Field(max_length=32)


class FetchedModel(_Document):
    """Result of `fetch`."""

    manifest_digest: Digest
    tensors_digest: Digest
    bytes: int = Field(ge=0)
    files: int = Field(ge=0)
    parameters: int = Field(ge=0)
    architecture: Identifier


class TaskScore(_Document):
    """One task's raw score: a loss or an error fraction, finite, lower is better."""

    name: Name
    score: float = Field(ge=0, description="A pod that reports a negative loss is not believed.")
    samples: int = Field(ge=1)


class Summary(_Document):
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


class TaskEvidence(_Document):
    """Per-sample scores of one task, in the order of the sample ids."""

    name: Name
    sample_ids: tuple[Identifier, ...]
    scores: tuple[float, ...]


class Evidence(_Document):
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
