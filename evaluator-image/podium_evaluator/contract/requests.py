"""What the operator asks for: one request a pod."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from podium_evaluator.contract.document import VERSION, Digest, Document, Identifier, Text
from podium_evaluator.contract.tasks import Task
from podium_evaluator.contract.tokenizers import Tokenizer

__all__ = [
    "ArchitectureLimits",
    "EvaluateRequest",
    "FetchRequest",
    "HuggingFaceSource",
    "NormLimits",
    "PrepareRequest",
    "ProbeRequest",
    "Request",
    "StoreSweep",
    "VolumeSource",
    "Window",
]


class _Request(Document):
    version: Literal["podium.dev/evaluator/v1"] = VERSION
    nonce: str = Field(pattern=r"^[0-9a-f]{32}$", description="Repeated in the summary.")


class Window(Document):
    """The time of a round, in seconds since the epoch.

    Rows that are to be newer than all commitments are those made after `after` and not after `until`.
    """

    after: int | None = Field(default=None, ge=0, description="No contender committed later than this.")
    until: int | None = Field(default=None, ge=0, description="When the round's sync block began.")


class StoreSweep(Document):
    """What a competition's part of the store keeps; all that is older and not named here is removed."""

    stored_before: int = Field(
        ge=0, description="Seconds since the epoch: what is newer stays whatever it is."
    )
    models_beginning: str = Field(
        default="",
        pattern=r"^[0-9a-f]{0,64}$",
        description="Only models whose hexadecimal digests begin so are looked at.",
    )
    models: tuple[Digest, ...] = Field(default=(), max_length=512, description="Those of them that stay.")
    samples: tuple[Digest, ...] = Field(default=(), max_length=128)


class PrepareRequest(_Request):
    """Draw the samples of a round and write them once, named by their digest."""

    kind: Literal["Prepare"] = "Prepare"
    seed: str = Field(pattern=r"^[0-9a-f]{64}$")
    tasks: tuple[Task, ...] = Field(min_length=1, max_length=32)
    tokenizer: Tokenizer
    sequence_length: int = Field(ge=16, le=1_048_576)
    hub_endpoint: Text | None = None
    window: Window = Field(default_factory=Window)
    when_unavailable: Literal["Postpone", "Renormalize"] = Field(
        default="Postpone", description="Renormalize leaves out tasks that cannot be prepared, and says so."
    )
    sweep: StoreSweep | None = None


class HuggingFaceSource(Document):
    """A model repository at one commit."""

    kind: Literal["HuggingFace"] = "HuggingFace"
    repository: Identifier
    revision: str = Field(pattern=r"^[0-9a-f]{40}$")


class VolumeSource(Document):
    """A folder of a mounted volume."""

    kind: Literal["Volume"] = "Volume"
    path: Text


class ArchitectureLimits(Document):
    """What a model must be to enter the competition."""

    architectures: tuple[Identifier, ...] = Field(min_length=1, max_length=32)
    minimum_parameters: int = Field(default=0, ge=0)
    maximum_parameters: int = Field(ge=1)
    sequence_length: int = Field(ge=16, le=1_048_576)


class NormLimits(Document):
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
    hotkey: str | None = Field(default=None, pattern=r"^[1-9A-HJ-NP-Za-km-z]{47,48}$")
    secure_hash: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9+/]{43}=$",
        description="What the hotkey committed to; the files must have it.",
    )
    evict: tuple[Digest, ...] = Field(
        default=(), max_length=64, description="Stored models that are removed first, to make room."
    )


class EvaluateRequest(_Request):
    """Score one stored model on one set of stored samples."""

    kind: Literal["Evaluate"] = "Evaluate"
    manifest_digest: Digest
    samples_digest: Digest
    tasks: tuple[Task, ...] = Field(min_length=1, max_length=32)
    tokenizer: Tokenizer
    sequence_length: int = Field(ge=16, le=1_048_576)
    dtype: Literal["BFloat16", "Float32"] = Field(
        default="BFloat16", description="All weights are cast to it; losses are computed in single precision."
    )
    threads: int = Field(ge=1, le=256, description="CPU threads; part of the environment, it decides bits.")
    timeout_seconds: int = Field(default=3600, ge=1, le=86_400)
    isolation: Literal["Required", "Preferred"] = "Required"


class ProbeRequest(_Request):
    """Try to reach what an evaluate pod must not reach, and report what answered."""

    kind: Literal["Probe"] = "Probe"
    timeout_seconds: int = Field(default=30, ge=1, le=600)


Request = Annotated[
    PrepareRequest | FetchRequest | EvaluateRequest | ProbeRequest, Field(discriminator="kind")
]
