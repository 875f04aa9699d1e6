"""Tasks, their datasets, and the tokenizer that they are read with."""

from __future__ import annotations

import enum
from typing import Annotated, Literal

from pydantic import Field

from podium_evaluator.contract.document import Document, Identifier, Name

__all__ = ["Dataset", "HuggingFaceDataset", "Method", "Task", "Tokenizer", "WordSortingDataset"]


class Method(enum.StrEnum):
    """How samples become a score; lower is better for every one of them."""

    MULTIPLE_CHOICE = "MultipleChoice"
    REFERENCE_LOSS = "ReferenceLoss"
    TEXT_LOSS = "TextLoss"


class WordSortingDataset(Document):
    """Words drawn from a packaged list by the round's seed; needs no network."""

    kind: Literal["WordSorting"] = "WordSorting"
    samples: int = Field(ge=1, le=10_000)
    minimum_words: int = Field(default=2, ge=2, le=100)
    maximum_words: int = Field(default=20, ge=2, le=100)


class HuggingFaceDataset(Document):
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


class Task(Document):
    """One task of a round. Weight and normalisation are the operator's business and absent here."""

    name: Name
    method: Method
    loss_unit: Literal["Token", "Byte"] = "Token"
    dataset: Dataset


class Tokenizer(Document):
    """Whose tokenizer is used, and the named chat template that renders prompts."""

    policy: Literal["Fixed", "Own"]
    repository: Identifier | None = Field(default=None, description="With policy Fixed.")
    revision: str | None = Field(default=None, pattern=r"^[0-9a-f]{40}$")
    chat_template: Literal["ChatML"] = "ChatML"
