"""A participant's desk: a competition's file, models in a folder and on a hub, and the command."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from podium_evaluator.participant.command import main
from tests.podium.api.cases.case import changed, valid
from tests.podium_evaluator.tiny import tokenizer_json, write_model

Raw = dict[str, Any]  # the JSON of a Kubernetes object
COMMIT = "c" * 40
OWN = {"policy": "Own"}
FIXED = {"policy": "Fixed", "repository": "podium/tokenizer", "revision": "main"}
_ROWS = {"repository": "org/rows", "revision": "main"}
SORTING: Raw = {
    "name": "sorting",
    "weight": "0.5",
    "method": "ReferenceLoss",
    "dataset": {"wordSorting": {"samples": 4}},
    "normalization": {"kind": "InverseExponential", "ceiling": "40"},
}
QUESTIONS: Raw = {
    "name": "questions",
    "weight": "0.3",
    "method": "MultipleChoice",
    "dataset": {
        "huggingFace": {
            "samples": 5,
            "promptColumn": "prompt",
            "optionsColumn": "options",
            "answerColumn": "answer",
            **_ROWS,
        }
    },
}
TEXTS: Raw = {
    "name": "texts",
    "weight": "0.2",
    "method": "TextLoss",
    "degenerateOutput": "Ignore",
    "dataset": {"huggingFace": {"samples": 3, "textColumn": "text", **_ROWS}},
}
SORTING_ONLY: Raw = {**SORTING, "weight": "1"}


def competition(tasks: Sequence[Raw], **changes: object) -> Raw:
    """A small competition; changes are paths in its spec with `__` for slashes."""
    small = {
        "spec/constraints/parameters": {"min": 1000, "max": 10**6},
        "spec/constraints/architectures": ["LlamaForCausalLM", "GPTNeoXForCausalLM"],
        "spec/constraints/tokenizer": OWN,
        "spec/constraints/sequenceLength": 512,
        "spec/constraints/maxBytes": 10**7,
        "spec/evaluator/resources/limits/cpu": 1,
        "spec/rounds/submissionDelayBlocks": 11,
        "spec/taskSchedule/0/tasks": list(tasks),
    }
    given = {f"spec/{path.replace('__', '/')}": value for path, value in changes.items()}
    return changed(valid("Competition"), {**small, **given}.items())


@dataclass(frozen=True)
class Ended:
    """How the command ended."""

    code: int
    output: str
    errors: str

    @property
    def document(self) -> Any:  # JSON
        """The document on standard output."""
        return json.loads(self.output)


class Desk:
    """Runs the command in this process, with its cache in a folder of the test."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys
        self.file = folder / "competition.yaml"
        self.cache = folder / "cache"
        self.model = write_model(folder / "model")

    def write(self, tasks: Sequence[Raw] = (SORTING_ONLY,), **changes: object) -> None:
        """The competition's file."""
        self.file.write_text(yaml.safe_dump(competition(tasks, **changes)), encoding="utf-8")

    def evaluate(self, *arguments: str, model: str | None = None) -> Ended:
        """`podium-evaluate` about the folder `model`, or about another model."""
        named = ["--competition", str(self.file), "--model", model or str(self.model)]
        return self.run(*named, "--cache", str(self.cache), *arguments)

    def run(self, *arguments: str) -> Ended:
        """The command with these arguments alone."""
        self._capsys.readouterr()
        try:
            code = main(arguments)
        except SystemExit as left:
            code = int(left.code or 0)
        captured = self._capsys.readouterr()
        return Ended(code, captured.out, captured.err)


def fill_hub(root: Path) -> None:
    """A model, a tokenizer and a dataset."""
    model = write_model(root / "models" / "alice" / "tuned")
    (model / ".hub.json").write_text(json.dumps({"commit": COMMIT}), encoding="utf-8")
    tokenizer = root / "models" / "podium" / "tokenizer"
    tokenizer.mkdir(parents=True)
    (tokenizer / "tokenizer.json").write_bytes(tokenizer_json())
    rows = root / "datasets" / "org" / "rows"
    rows.mkdir(parents=True)
    table = {
        "prompt": [f"Which is {number}?" for number in range(40)],
        "options": [[f"this {number}", f"that {number}"] for number in range(40)],
        "answer": [number % 2 for number in range(40)],
        "text": [f"It rains for the {number}th time." for number in range(40)],
    }
    pq.write_table(pa.table(table), rows / "rows.parquet", row_group_size=10)
