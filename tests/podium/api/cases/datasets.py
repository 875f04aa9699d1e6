"""What the API server must say to the datasets of a Competition's tasks."""

from functools import partial
from typing import Any

from tests.podium.api.cases.case import Case
from tests.podium.api.objects import ALICE, COMMIT

__all__ = ["DATASET_CASES"]

_case = partial(Case, "Competition")
_TASK = "spec/taskSchedule/0/tasks/0/"
_AT = "spec.taskSchedule[0].tasks[0]."
_ONE_OF = "needs exactly one dataset, such as wordSorting, fineWeb or huggingFace"

# Any, here and below: the JSON of Kubernetes objects.
_ROWS = {"samples": 100, "repository": "organiser/rows", "revision": COMMIT}
_TEXTS = {**_ROWS, "textColumn": "text"}
_HOTKEYS = [f"{ALICE[:-2]}{first}{second}" for first in "ABCDEFGHJK" for second in "1234567"]
_FRESH = {"freshness": "NewerThanCommits"}


def _drawing(method: str, **dataset: Any) -> dict[str, Any]:
    return {
        f"{_TASK}method": method,
        f"{_TASK}dataset": dataset,
        "spec/rounds/submissionDelayBlocks": 460,
    }


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
    _case("a dataset by its branch", _drawing("TextLoss", huggingFace={**_TEXTS, "revision": "main"})),
    _case(
        "a dataset by something else",
        _drawing("TextLoss", huggingFace={**_TEXTS, "revision": "../main"}),
        {f"{_AT}dataset.huggingFace.revision": "must be a commit of 40 hexadecimal digits, or the name of"},
    ),
    _case(
        "a dataset without a namespace",
        _drawing("TextLoss", huggingFace={**_TEXTS, "repository": "rows"}),
        {f"{_AT}dataset.huggingFace.repository": "must be a repository as namespace/name"},
    ),
    _case(
        "too many samples",
        {f"{_TASK}dataset/wordSorting/samples": 10_001},
        {
            f"{_AT}dataset.wordSorting.samples": "should be less than or equal to 10000",
            "spec.taskSchedule[0].tasks": "samples of an entry must sum to at most 6000",
        },
    ),
    _case(
        "more words at least than at most",
        {f"{_TASK}dataset/wordSorting/minimumWords": 21},
        {f"{_AT}dataset.wordSorting.minimumWords": "must not exceed maximumWords"},
    ),
)

_KINDS = (
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

_BOUNDS = (
    _case(
        "columns and files of other alphabets",
        _drawing("TextLoss", huggingFace={**_ROWS, "textColumn": 128 * "字", "files": "数据/**/*.parquet"}),
    ),
    _case(
        "a column of no name",
        _drawing("TextLoss", huggingFace={**_ROWS, "textColumn": ""}),
        {f"{_AT}dataset.huggingFace.textColumn": "should be at least 1 chars long"},
    ),
    _case(
        "fresh instructions two blocks after commitments",
        {
            **_drawing("InstructionFollowing", instructionFollowing=_ROWS, **_FRESH),
            "spec/rounds/submissionDelayBlocks": 2,
        },
    ),
    _case(
        "generated answers of any dataset with options",
        {
            **_drawing(
                "MultipleChoice",
                huggingFace={**_ROWS, "promptColumn": "p", "optionsColumn": "o", "answerColumn": "a"},
            ),
            f"{_TASK}answerBy": "Generation",
        },
    ),
    _case(
        "authors whose hotkeys are none",
        _drawing("MultipleChoice", syntheticMmlu={**_ROWS, "hotkeys": ["alice"]}),
        {f"{_AT}dataset.syntheticMmlu.hotkeys[0]": "should match"},
    ),
    _case(
        "more authors than fit",
        _drawing("MultipleChoice", syntheticMmlu={**_ROWS, "hotkeys": _HOTKEYS}),
        {f"{_AT}dataset.syntheticMmlu.hotkeys": "must have at most 64 items"},
    ),
    _case(
        "no configs",
        _drawing("ReferenceLoss", codeforcesCots={**_ROWS, "configs": []}),
        {f"{_AT}dataset.codeforcesCots.configs": "at least 1 items"},
    ),
    _case(
        "web texts, fresh",
        _drawing("TextLoss", fineWeb=_ROWS, **_FRESH),
        {f"{_AT}dataset.freshness": "NewerThanCommits needs rows that carry a time"},
    ),
    _case(
        "a loss unit for instructions",
        {**_drawing("InstructionFollowing", instructionFollowing=_ROWS), f"{_TASK}lossUnit": "Byte"},
        {f"{_AT}lossUnit": "only ReferenceLoss and TextLoss have a loss unit: leave out lossUnit"},
    ),
)

_MINIMA = tuple(
    _case(
        f"more samples of {kind} at least than are drawn",
        _drawing(method, **{kind: {**rows, "samples": 9, "minimumSamples": 10}}),
        {f"{_AT}dataset.{kind}.minimumSamples": "must not exceed samples: the task would never be available"},
    )
    for kind, method, rows in (
        ("wordSorting", "ReferenceLoss", {}),
        ("dyck", "ReferenceLoss", {}),
        ("synthetic1Sft", "ReferenceLoss", _ROWS),
        ("codeforcesCots", "ReferenceLoss", _ROWS),
        ("syntheticMmlu", "MultipleChoice", _ROWS),
        ("instructionFollowing", "InstructionFollowing", _ROWS),
        ("fineWeb", "TextLoss", _ROWS),
        ("promptResponse", "ReferenceLoss", _ROWS),
        ("huggingFace", "TextLoss", _TEXTS),
    )
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

DATASET_CASES = _DATASETS + _KINDS + _BOUNDS + _MINIMA + _REPOSITORIES
