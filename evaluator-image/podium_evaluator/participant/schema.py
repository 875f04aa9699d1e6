"""The parts of a Competition that decide a verdict, as the API server accepts them.

A field without a value is left to the contract's own default, which is that of the Competition's schema.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, JsonValue
from pydantic_core import PydanticCustomError

from podium_evaluator import contract
from podium_evaluator.contract.document import Document, Name

__all__ = [
    "Constraints",
    "Datasets",
    "Evaluator",
    "Manifest",
    "Normalization",
    "Norms",
    "Rounds",
    "ScheduleEntry",
    "Spec",
    "Task",
]

NotRead = JsonValue
"""A field that decides nothing here: neither samples nor scores depend on it."""


def _written_as(pattern: str, sentence: str) -> BeforeValidator:
    def check(value: object) -> object:
        if not isinstance(value, str) or not re.fullmatch(pattern, value, re.ASCII):
            raise PydanticCustomError("decimal", "expected {sentence}", {"sentence": sentence})
        return value

    return BeforeValidator(check)


Decimal = Annotated[str, _written_as(r"\d{1,12}(\.\d{1,18})?", "a decimal in quotes, such as '12.5'")]
Fraction = Annotated[
    str, _written_as(r"0|1|0\.\d{1,18}|1\.0{1,18}", "a decimal from 0 to 1 in quotes, such as '0.05'")
]
Weight = Annotated[
    str,
    _written_as(
        r"0\.\d{1,6}|1(\.0{1,6})?",
        "a decimal from 0 to 1 in quotes with at most 6 digits, such as '0.25'",
    ),
]


def _quantity(value: object) -> object:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if whole else value


Quantity = Annotated[str, BeforeValidator(_quantity)]
"""An amount of a resource as Kubernetes writes it: 4, "500m", "16Gi"."""


class Datasets(Document):
    """Exactly one place that samples are drawn from; its name is the kind in the contract."""

    word_sorting: contract.WordSortingDataset | None = None
    dyck: contract.DyckDataset | None = None
    synthetic_1_sft: contract.Synthetic1SftDataset | None = None
    codeforces_cots: contract.CodeforcesCotsDataset | None = None
    synthetic_mmlu: contract.SyntheticMmluDataset | None = None
    instruction_following: contract.InstructionFollowingDataset | None = None
    fine_web: contract.FineWebDataset | None = None
    prompt_response: contract.PromptResponseDataset | None = None
    hugging_face: contract.HuggingFaceDataset | None = None
    freshness: Literal["None", "NewerThanCommits"] | None = None


class Normalization(Document):
    """How a raw score becomes comparable."""

    kind: Literal["None", "InverseExponential"] = "None"
    ceiling: Decimal | None = None


class Task(Document):
    """One task and its part in the score."""

    name: Name
    weight: Weight
    method: contract.Method
    loss_unit: Literal["Token", "Byte"] | None = None
    answer_by: Literal["Likelihood", "Generation"] | None = None
    degenerate_output: Literal["Reject", "Ignore"] | None = None
    dataset: Datasets
    normalization: Normalization = Normalization()


class ScheduleEntry(Document):
    """The tasks from a block on."""

    start_block: int = Field(ge=0)
    tasks: tuple[Task, ...] = Field(min_length=1)


class Parameters(Document):
    """How many parameters a model has, bounds included."""

    min: int | None = None
    max: int


class Norms(Document):
    """Bounds on norms of projections."""

    soft: Decimal
    soft_fraction: Fraction
    hard: Decimal


class Constraints(Document):
    """What a model must be."""

    parameters: Parameters
    sequence_length: int
    architectures: tuple[str, ...]
    tokenizer: contract.Tokenizer
    dtype: Literal["BFloat16", "Float32"] | None = None
    max_bytes: int
    norms: Norms | None = None


class Rounds(Document):
    """When rounds happen; of this only the age of commitments and the rule for missing tasks count here."""

    every_blocks: NotRead
    sync_offset_block: NotRead = None
    submission_delay_blocks: int = Field(default=0, ge=0)
    keep_top: NotRead = None
    max_contenders: NotRead = None
    deadline_blocks: NotRead
    history_limit: NotRead = None
    when_task_unavailable: Literal["Postpone", "Renormalize"] | None = None
    when_leader_missing: NotRead = None


class Resources(Document):
    """What an evaluate container gets."""

    limits: dict[str, Quantity]
    requests: NotRead = None


class Evaluator(Document):
    """How evaluate pods look; the number of CPUs decides the last bits of a score."""

    image: NotRead
    resources: Resources
    timeout_seconds: int | None = None
    pending_seconds: NotRead = None
    runtime_class_name: NotRead = None
    node_selector: NotRead = None
    tolerations: NotRead = None
    queue_name: NotRead = None
    priority_class_name: NotRead = None
    max_parallel: NotRead = None
    max_attempts: NotRead = None


class Hub(Document):
    """Where models and datasets are."""

    endpoint: str | None = None
    token_secret_name: NotRead = None


class Spec(Document):
    """What the organiser decides."""

    subnet: NotRead
    competition_id: NotRead
    suspend: NotRead = None
    constraints: Constraints
    rounds: Rounds
    task_schedule: tuple[ScheduleEntry, ...] = Field(min_length=1)
    ranking: NotRead
    evaluator: Evaluator
    isolation: Literal["Required", "Preferred"] | None = None
    reference: NotRead = None
    store: NotRead
    volume_claims: NotRead = None
    hub: Hub | None = None


class Manifest(Document):
    """A Competition."""

    api_version: str
    kind: str
    metadata: dict[str, JsonValue] = Field(default_factory=dict)
    spec: Spec
    status: NotRead = None
