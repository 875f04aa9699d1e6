"""Tasks: how samples of a dataset become a score."""

from __future__ import annotations

import enum
from typing import Literal

from pydantic import Field

from podium_evaluator.contract.datasets import Dataset
from podium_evaluator.contract.document import Document, Name

__all__ = ["Method", "Task"]


class Method(enum.StrEnum):
    """How samples become a score; lower is better for every one of them."""

    MULTIPLE_CHOICE = "MultipleChoice"
    REFERENCE_LOSS = "ReferenceLoss"
    TEXT_LOSS = "TextLoss"
    INSTRUCTION_FOLLOWING = "InstructionFollowing"


class Task(Document):
    """One task of a round. Weight and normalisation are the operator's business and absent here."""

    name: Name
    method: Method
    loss_unit: Literal["Token", "Byte"] = "Token"
    answer_by: Literal["Likelihood", "Generation"] = Field(
        default="Likelihood", description="MultipleChoice: how the model chooses an option."
    )
    degenerate_output: Literal["Reject", "Ignore"] = Field(
        default="Reject", description="TextLoss: what becomes of a model that repeats itself."
    )
    freshness: Literal["None", "NewerThanCommits"] = "None"
    dataset: Dataset
