"""What the API server must say to the tasks of a Competition, their datasets apart."""

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


def _drawing_each(*samples: int) -> dict[str, Any]:
    tasks = [
        {
            **_SORTING,
            "name": f"task-{number}",
            "weight": "0.5",
            "dataset": {"wordSorting": {"samples": count}},
        }
        for number, count in enumerate(samples)
    ]
    return {f"{_ENTRY}tasks": tasks}


def _naming(tasks: int, characters: int) -> dict[str, Any]:
    weights = ["0.01"] * (tasks - 1) + [f"{1 - (tasks - 1) / 100:.2f}"]
    named = [
        {**_SORTING, "name": f"task-{number:0{characters - 5}d}", "weight": weight}
        for number, weight in enumerate(weights)
    ]
    return {f"{_ENTRY}tasks": named}


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
    _case("as many samples as are drawn", _drawing_each(3000, 3000)),
    _case(
        "more samples than are drawn",
        _drawing_each(3000, 3001),
        {"spec.taskSchedule[0].tasks": "samples of an entry must sum to at most 6000"},
    ),
    _case("as many tasks as a result tells of", _naming(14, 63)),
    _case("more tasks of short names", _naming(18, 13)),
    _case(
        "more tasks than a result tells of",
        _naming(15, 63),
        {"spec.taskSchedule[0].tasks": "must fit into the 4096 bytes of a pod's result: use fewer tasks or"},
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

TASK_CASES = _SCHEDULE + _METHODS + _NORMALIZATIONS
