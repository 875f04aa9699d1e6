"""What models are scored on: tasks over time, their datasets and how scores are made comparable."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field, StringConstraints

from podium.api.base import Block, Decimal, Model, Name, Revision, Word
from podium.api.extensions import ListMap, Rule, Sentence, ruled
from podium.api.source import Repository
from podium_evaluator.contract import Method

__all__ = [
    "Dataset",
    "HuggingFaceDataset",
    "Normalization",
    "Task",
    "TaskEntry",
    "Tasks",
    "WordSortingDataset",
]

_WEIGHT: Final = r"^(0\.\d{1,6}|1(\.0{1,6})?)$"

Weight = Annotated[
    str,
    StringConstraints(max_length=8, pattern=_WEIGHT),
    Sentence("must be a decimal from 0 to 1 in quotes with at most 6 digits, such as '0.25'"),
]
Samples = Annotated[int, Field(ge=1, le=10_000)]
"""Samples a round, before those that are too long are dropped."""


class WordSortingDataset(Model):
    """Words drawn from a packaged list by the round's seed; needs no network."""

    model_config = ConfigDict(
        json_schema_extra=ruled(
            Rule("self.minimumWords <= self.maximumWords", "must not exceed maximumWords", ".minimumWords")
        )
    )

    samples: Samples
    minimum_words: Annotated[int, Field(ge=2, le=100)] = 2
    maximum_words: Annotated[int, Field(ge=2, le=100)] = 20


class HuggingFaceDataset(Model):
    """Rows of parquet files of a dataset repository at a pinned revision, drawn by the round's seed."""

    samples: Samples
    repository: Repository
    revision: Revision
    files: Annotated[str, StringConstraints(min_length=1, max_length=256)] = "**/*.parquet"
    """Glob of the files to draw from."""
    prompt_column: Word | None = None
    reference_column: Word | None = None
    """The answer that ReferenceLoss expects."""
    options_column: Word | None = None
    """A list of strings, the options of MultipleChoice."""
    answer_column: Word | None = None
    """Index of the right option, from 0."""
    text_column: Word | None = None


class Dataset(Model):
    """Exactly one place that samples are drawn from."""

    model_config = ConfigDict(
        json_schema_extra=ruled(
            Rule(
                "has(self.wordSorting) != has(self.huggingFace)",
                "needs exactly one of wordSorting and huggingFace",
            )
        )
    )

    word_sorting: WordSortingDataset | None = None
    hugging_face: HuggingFaceDataset | None = None
    freshness: Literal["None", "NewerThanCommits"] = "None"
    """NewerThanCommits draws rows that no contender can have seen before its commitment."""


class Normalization(Model):
    """How a raw score becomes comparable: as it is, or 1 − e^(−s/c) scaled to reach 1 at ceiling c."""

    model_config = ConfigDict(
        json_schema_extra=ruled(
            Rule(
                "self.kind != 'InverseExponential' || has(self.ceiling)",
                "InverseExponential needs a ceiling",
                ".kind",
                "FieldValueRequired",
            ),
            Rule(
                "self.kind != 'None' || !has(self.ceiling)",
                "only InverseExponential has a ceiling",
                ".ceiling",
                "FieldValueForbidden",
            ),
            Rule(
                r"!has(self.ceiling) || !self.ceiling.matches(r'^\d+(\.\d+)?$')"
                " || double(self.ceiling) > 0.0",
                "must be above 0: scores are divided by it",
                ".ceiling",
            ),
        )
    )

    kind: Literal["None", "InverseExponential"] = "None"
    ceiling: Decimal | None = None


class Task(Model):
    """One task and its part in a model's score."""

    model_config = ConfigDict(
        json_schema_extra=ruled(
            Rule(
                "self.method != 'MultipleChoice' || (has(self.dataset.huggingFace)"
                " && has(self.dataset.huggingFace.promptColumn)"
                " && has(self.dataset.huggingFace.optionsColumn)"
                " && has(self.dataset.huggingFace.answerColumn))",
                "MultipleChoice needs huggingFace with promptColumn, optionsColumn and answerColumn",
                ".dataset",
            ),
            Rule(
                "self.method != 'ReferenceLoss' || !has(self.dataset.huggingFace)"
                " || (has(self.dataset.huggingFace.promptColumn)"
                " && has(self.dataset.huggingFace.referenceColumn))",
                "ReferenceLoss needs promptColumn and referenceColumn of huggingFace",
                ".dataset",
            ),
            Rule(
                "self.method != 'TextLoss' || (has(self.dataset.huggingFace)"
                " && has(self.dataset.huggingFace.textColumn))",
                "TextLoss needs huggingFace with textColumn",
                ".dataset",
            ),
            Rule(
                "self.method != 'MultipleChoice' || self.lossUnit == 'Token'",
                "MultipleChoice has no loss unit: leave out lossUnit",
                ".lossUnit",
                "FieldValueForbidden",
            ),
        )
    )

    name: Name
    weight: Annotated[
        Weight,
        Rule(rf"!self.matches(r'{_WEIGHT}') || double(self) > 0.0", "must be above 0: leave the task out"),
    ]
    method: Method
    """MultipleChoice: the fraction of wrong answers. ReferenceLoss: the loss of a reference answer
    after its prompt. TextLoss: the loss of a text. Lower is better."""
    loss_unit: Literal["Token", "Byte"] = "Token"
    """Loss per token, or per byte of UTF-8, which is comparable between tokenizers."""
    dataset: Dataset
    normalization: Normalization = Normalization()


Tasks = Annotated[tuple[Task, ...], Field(min_length=1, max_length=32), ListMap("name")]


class TaskEntry(Model):
    """The tasks from a block on."""

    start_block: Block
    tasks: Annotated[
        Tasks,
        Rule(
            rf"!self.all(t, t.weight.matches(r'{_WEIGHT}'))"
            " || self.map(t, int(double(t.weight) * 1000000.0 + 0.5)).sum() == 1000000",
            "weights of an entry must sum to 1",
        ),
    ]
