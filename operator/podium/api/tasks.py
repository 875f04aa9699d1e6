"""What models are scored on: tasks over time, their datasets and how scores are made comparable."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field, StringConstraints

from podium.api.base import Block, Decimal, Model, Name
from podium.api.datasets import DATASET_KINDS, Dataset
from podium.api.extensions import ListMap, Rule, Sentence, ruled
from podium_evaluator.contract import Method

__all__ = ["Normalization", "Task", "TaskEntry", "Tasks"]

_WEIGHT: Final = r"^(0\.\d{1,6}|1(\.0{1,6})?)$"

Weight = Annotated[
    str,
    StringConstraints(max_length=8, pattern=_WEIGHT),
    Sentence("must be a decimal from 0 to 1 in quotes with at most 6 digits, such as '0.25'"),
]


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


_SERVED: Final = {
    "MultipleChoice": (
        (
            "has(self.dataset.syntheticMmlu) || (has(self.dataset.huggingFace)"
            " && has(self.dataset.huggingFace.promptColumn) && has(self.dataset.huggingFace.optionsColumn)"
            " && has(self.dataset.huggingFace.answerColumn))"
        ),
        "syntheticMmlu, or huggingFace with promptColumn, optionsColumn and answerColumn",
    ),
    "ReferenceLoss": (
        (
            "(!has(self.dataset.syntheticMmlu) && !has(self.dataset.instructionFollowing)"
            " && !has(self.dataset.fineWeb) && (!has(self.dataset.huggingFace)"
            " || (has(self.dataset.huggingFace.promptColumn)"
            " && has(self.dataset.huggingFace.referenceColumn))))"
        ),
        "a dataset with prompts and references, of huggingFace promptColumn and referenceColumn",
    ),
    "TextLoss": (
        (
            "has(self.dataset.fineWeb)"
            " || (has(self.dataset.huggingFace) && has(self.dataset.huggingFace.textColumn))"
        ),
        "fineWeb, or huggingFace with textColumn",
    ),
    "InstructionFollowing": ("has(self.dataset.instructionFollowing)", "instructionFollowing"),
}
"""Method to the condition under which a dataset serves it, and to that condition in words."""


class Task(Model):
    """One task and its part in a model's score."""

    model_config = ConfigDict(
        json_schema_extra=ruled(
            *(
                Rule(f"self.method != '{method}' || {served}", f"{method} needs {words}", ".dataset")
                for method, (served, words) in _SERVED.items()
            ),
            Rule(
                "self.lossUnit == 'Token' || self.method in ['ReferenceLoss', 'TextLoss']",
                "only ReferenceLoss and TextLoss have a loss unit: leave out lossUnit",
                ".lossUnit",
                "FieldValueForbidden",
            ),
            Rule(
                "self.answerBy == 'Likelihood' || self.method == 'MultipleChoice'",
                "only MultipleChoice has answers to choose: leave out answerBy",
                ".answerBy",
                "FieldValueForbidden",
            ),
            Rule(
                "self.degenerateOutput == 'Reject' || self.method == 'TextLoss'",
                "only TextLoss looks for degenerate output: leave out degenerateOutput",
                ".degenerateOutput",
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
    after its prompt. TextLoss: the loss of a text. InstructionFollowing: 1 less the squared share of
    rules that answers follow. Lower is better."""
    loss_unit: Literal["Token", "Byte"] = "Token"
    """Loss per token, or per byte of UTF-8, which is comparable between tokenizers."""
    answer_by: Literal["Likelihood", "Generation"] = "Likelihood"
    """MultipleChoice: the likeliest option, or the first option that the generated answer names."""
    degenerate_output: Literal["Reject", "Ignore"] = "Reject"
    """TextLoss: Reject gives the worst score to a model whose continuations repeat themselves."""
    dataset: Dataset
    normalization: Normalization = Normalization()


_DRAWN: Final = " + ".join(
    f"(has(t.dataset.{kind}) ? t.dataset.{kind}.samples : 0)" for kind in DATASET_KINDS
)
"""Samples of task t in CEL."""

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
        # A prepared task takes up to 197 bytes and its name, of 4,096 less what else the summary says.
        Rule(
            "self.map(t, t.name.size() + 200).sum() <= 3840",
            "must fit into the 4096 bytes of a pod's result: use fewer tasks or shorter names",
        ),
        # The evaluator draws no more: the scores of all samples have to fit into one line of 128 KiB.
        Rule(f"self.map(t, {_DRAWN}).sum() <= 6000", "samples of an entry must sum to at most 6000"),
    ]
