"""What the API server must say to the tasks of a Competition and their datasets."""

from functools import partial
from typing import Any

from tests.podium.api.cases.case import ABSENT, Case
from tests.podium.api.objects import COMMIT, VALID

__all__ = ["TASK_CASES"]

_case = partial(Case, "Competition")
_ENTRY = "spec/taskSchedule/0/"
_TASK = f"{_ENTRY}tasks/0/"
_AT = "spec.taskSchedule[0].tasks[0]."
_NEEDS_OPTIONS = (
    "MultipleChoice needs syntheticMmlu, or huggingFace with promptColumn, optionsColumn and answerColumn"
)
_ONE_OF = "needs exactly one dataset, such as wordSorting, fineWeb or huggingFace"

# Any, here and below: the JSON of Kubernetes objects.
_SORTING: dict[str, Any] = VALID["Competition"]["spec"]["taskSchedule"][0]["tasks"][0]
_ROWS = {"samples": 100, "repository": "organiser/rows", "revision": COMMIT}
_CHOICES = {**_ROWS, "promptColumn": "question", "optionsColumn": "options", "answerColumn": "answer"}


def _weighing(*weights: str) -> dict[str, Any]:
    tasks = [
        {**_SORTING, "name": f"task-{number}", "weight": weight} for number, weight in enumerate(weights)
    ]
    return {f"{_ENTRY}tasks": tasks}


def _scoring(method: str, **rows: Any) -> dict[str, Any]:
    return {f"{_TASK}method": method, f"{_TASK}dataset": {"huggingFace": {**_ROWS, **rows}}}


_TEXTS = {**_ROWS, "textColumn": "text"}
_FRESH = {"freshness": "NewerThanCommits"}


def _drawing(method: str, **dataset: Any) -> dict[str, Any]:
    return {
        f"{_TASK}method": method,
        f"{_TASK}dataset": dataset,
        "spec/rounds/submissionDelayBlocks": 460,
    }


_SCHEDULE = (
    _case("three thirds", _weighing("0.333333", "0.333333", "0.333334")),
    _case(
        "other tasks later",
        {"spec/taskSchedule": [{"startBlock": block, "tasks": [_SORTING]} for block in (0, 9)]},
    ),
    _case(
        "a schedule that goes back",
        {"spec/taskSchedule": [{"startBlock": block, "tasks": [_SORTING]} for block in (9, 0)]},
        {"spec.taskSchedule": "entries must ascend by startBlock"},
    ),
    _case("no tasks", {"spec/taskSchedule": []}, {"spec.taskSchedule": "at least 1 items"}),
    _case(
        "weights of less than 1",
        _weighing("0.5", "0.4"),
        {"spec.taskSchedule[0].tasks": "weights of an entry must sum to 1"},
    ),
    _case(
        "weights of more than 1",
        _weighing("0.5", "0.500001"),
        {"spec.taskSchedule[0].tasks": "weights of an entry must sum to 1"},
    ),
    _case(
        "a weight of nothing",
        _weighing("1", "0.0"),
        {"spec.taskSchedule[0].tasks[1].weight": "must be above 0: leave the task out"},
    ),
    _case(
        "a weight in percent",
        {f"{_TASK}weight": "100%"},
        {f"{_AT}weight": "must be a decimal from 0 to 1 in quotes with at most 6 digits, such as '0.25'"},
    ),
    _case(
        "a task twice",
        {f"{_ENTRY}tasks": 2 * [{**_SORTING, "weight": "0.5"}]},
        {"spec.taskSchedule[0].tasks[1]": "Duplicate value"},
    ),
    _case(
        "a task that is no name",
        {f"{_TASK}name": "Sort!"},
        {f"{_AT}name": "must be 1 to 63 lower-case letters, digits and '-'"},
    ),
)

_METHODS = (
    _case(
        "a choice between options",
        {f"{_TASK}method": "MultipleChoice", f"{_TASK}dataset": {"huggingFace": _CHOICES}},
    ),
    _case("answers of a dataset", _scoring("ReferenceLoss", promptColumn="prompt", referenceColumn="answer")),
    _case("texts, per byte", {**_scoring("TextLoss", textColumn="text"), f"{_TASK}lossUnit": "Byte"}),
    _case("an unknown method", {f"{_TASK}method": "Judge"}, {f"{_AT}method": "Unsupported value"}),
    _case(
        "a choice between sorted words",
        {f"{_TASK}method": "MultipleChoice"},
        {f"{_AT}dataset": _NEEDS_OPTIONS},
    ),
    _case(
        "a choice without the answer",
        _scoring("MultipleChoice", promptColumn="question", optionsColumn="options"),
        {f"{_AT}dataset": _NEEDS_OPTIONS},
    ),
    _case(
        "answers of a dataset without answers",
        _scoring("ReferenceLoss", promptColumn="prompt"),
        {f"{_AT}dataset": "ReferenceLoss needs a dataset with prompts and references"},
    ),
    _case(
        "texts of a dataset without texts",
        _scoring("TextLoss"),
        {f"{_AT}dataset": "TextLoss needs fineWeb, or huggingFace with textColumn"},
    ),
    _case(
        "a loss unit without a loss",
        {
            f"{_TASK}method": "MultipleChoice",
            f"{_TASK}dataset": {"huggingFace": _CHOICES},
            f"{_TASK}lossUnit": "Byte",
        },
        {f"{_AT}lossUnit": "only ReferenceLoss and TextLoss have a loss unit: leave out lossUnit"},
    ),
)

_DATASETS = (
    _case(
        "no dataset",
        {f"{_TASK}dataset": {}},
        {f"{_AT}dataset": _ONE_OF},
    ),
    _case(
        "two datasets",
        {f"{_TASK}dataset/huggingFace": {**_ROWS, "promptColumn": "p", "referenceColumn": "r"}},
        {f"{_AT}dataset": _ONE_OF},
    ),
    _case("a dataset by its branch", _scoring("TextLoss", textColumn="text", revision="main")),
    _case(
        "a dataset by something else",
        _scoring("TextLoss", textColumn="text", revision="../main"),
        {f"{_AT}dataset.huggingFace.revision": "must be a commit of 40 hexadecimal digits, or the name of"},
    ),
    _case(
        "a dataset without a namespace",
        _scoring("TextLoss", textColumn="text", repository="rows"),
        {f"{_AT}dataset.huggingFace.repository": "must be a repository as namespace/name"},
    ),
    _case(
        "too many samples",
        {f"{_TASK}dataset/wordSorting/samples": 10_001},
        {f"{_AT}dataset.wordSorting.samples": "should be less than or equal to 10000"},
    ),
    _case(
        "more words at least than at most",
        {f"{_TASK}dataset/wordSorting/minimumWords": 21},
        {f"{_AT}dataset.wordSorting.minimumWords": "must not exceed maximumWords"},
    ),
)

_SUBNET = (
    _case("brackets", _drawing("ReferenceLoss", dyck={"samples": 100})),
    _case("reasoning", _drawing("ReferenceLoss", synthetic1Sft=_ROWS)),
    _case("solutions", _drawing("ReferenceLoss", codeforcesCots={**_ROWS, "configs": ["solutions"]})),
    _case("pairs, fresh", _drawing("ReferenceLoss", promptResponse={**_ROWS, "timeColumn": "at"}, **_FRESH)),
    _case("rows, fresh", _drawing("TextLoss", huggingFace={**_TEXTS, "timeColumn": "at"}, **_FRESH)),
    _case(
        "questions, fresh, with generated answers",
        {
            **_drawing("MultipleChoice", syntheticMmlu={**_ROWS, "minimumSamples": 50}, **_FRESH),
            f"{_TASK}answerBy": "Generation",
        },
    ),
    _case(
        "instructions",
        _drawing("InstructionFollowing", instructionFollowing={**_ROWS, "rules": "V1"}),
    ),
    _case(
        "web texts, whatever the output",
        {**_drawing("TextLoss", fineWeb=_ROWS), f"{_TASK}degenerateOutput": "Ignore"},
    ),
    _case(
        "instructions from questions",
        _drawing("InstructionFollowing", syntheticMmlu=_ROWS),
        {f"{_AT}dataset": "InstructionFollowing needs instructionFollowing"},
    ),
    _case(
        "fresh rows without a time",
        _drawing("TextLoss", huggingFace=_TEXTS, **_FRESH),
        {f"{_AT}dataset.freshness": "NewerThanCommits needs rows that carry a time"},
    ),
    _case(
        "fresh rows for commitments of the sync block",
        {
            **_drawing("TextLoss", huggingFace={**_TEXTS, "timeColumn": "at"}, **_FRESH),
            "spec/rounds/submissionDelayBlocks": 1,
        },
        {"spec.rounds.submissionDelayBlocks": "must be at least 2 for NewerThanCommits"},
    ),
    _case(
        "fresh words",
        {
            f"{_TASK}dataset/freshness": "NewerThanCommits",
            "spec/rounds/submissionDelayBlocks": 460,
        },
        {f"{_AT}dataset.freshness": "NewerThanCommits needs rows that carry a time"},
    ),
    _case(
        "generated answers without a choice",
        {f"{_TASK}answerBy": "Generation"},
        {f"{_AT}answerBy": "only MultipleChoice has answers to choose: leave out answerBy"},
    ),
    _case(
        "degenerate output without texts",
        {f"{_TASK}degenerateOutput": "Ignore"},
        {f"{_AT}degenerateOutput": "only TextLoss looks for degenerate output: leave out degenerateOutput"},
    ),
    _case(
        "more pairs at least than at most",
        _drawing("ReferenceLoss", dyck={"samples": 9, "minimumPairs": 30}),
        {f"{_AT}dataset.dyck.minimumPairs": "must not exceed maximumPairs"},
    ),
    _case(
        "a config twice",
        _drawing("ReferenceLoss", codeforcesCots={**_ROWS, "configs": ["solutions", "solutions"]}),
        {f"{_AT}dataset.codeforcesCots.configs[1]": "Duplicate value"},
    ),
)

_NAMES = {"repository": "rows", "revision": "../main"}
_REPOSITORIES = tuple(
    _case(
        f"names that no repository has, of {kind}",
        _drawing(method, **{kind: {**_ROWS, **_NAMES}}),
        {
            f"{_AT}dataset.{kind}.repository": "must be a repository as namespace/name",
            f"{_AT}dataset.{kind}.revision": "must be a commit of 40 hexadecimal digits, or the name of",
        },
    )
    for kind, method in (
        ("synthetic1Sft", "ReferenceLoss"),
        ("codeforcesCots", "ReferenceLoss"),
        ("syntheticMmlu", "MultipleChoice"),
        ("instructionFollowing", "InstructionFollowing"),
        ("fineWeb", "TextLoss"),
        ("promptResponse", "ReferenceLoss"),
    )
)

_NORMALIZATIONS = (
    _case("raw scores", {f"{_TASK}normalization": ABSENT}),
    _case(
        "an exponential without a ceiling",
        {f"{_TASK}normalization/ceiling": ABSENT},
        {f"{_AT}normalization.kind": "InverseExponential needs a ceiling"},
    ),
    _case(
        "raw scores with a ceiling",
        {f"{_TASK}normalization": {"ceiling": "40"}},
        {f"{_AT}normalization.ceiling": "only InverseExponential has a ceiling"},
    ),
    _case(
        "a ceiling of 0",
        {f"{_TASK}normalization/ceiling": "0"},
        {f"{_AT}normalization.ceiling": "must be above 0: scores are divided by it"},
    ),
    _case(
        "a ceiling that is no number",
        {f"{_TASK}normalization/ceiling": "high"},
        {f"{_AT}normalization.ceiling": "must be a decimal in quotes, such as '12.5'"},
    ),
)

TASK_CASES = _SCHEDULE + _METHODS + _DATASETS + _SUBNET + _REPOSITORIES + _NORMALIZATIONS
