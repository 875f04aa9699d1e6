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

    @property
    def worst_score(self) -> Literal[1] | None:
        """The highest raw score: 1 for a fraction of what went wrong, none for a loss."""
        match self:
            case Method.MULTIPLE_CHOICE | Method.INSTRUCTION_FOLLOWING:
                return 1
            case Method.REFERENCE_LOSS | Method.TEXT_LOSS:
                return None


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
