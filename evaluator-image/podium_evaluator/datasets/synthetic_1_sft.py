"""SYNTHETIC-1-SFT: traces of reasoning that end in a verified answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from podium_evaluator.contract import Synthetic1SftDataset
from podium_evaluator.datasets.base import ReferenceSample
from podium_evaluator.datasets.columns import ColumnKind
from podium_evaluator.datasets.corpus import Corpus, Reading, Row
from podium_evaluator.datasets.exchange import REFLECTIVE, exchange
from podium_evaluator.datasets.reasoning_answers import boxed_reference, output_reference
from podium_evaluator.datasets.selection import Candidate, Drop

__all__ = ["synthetic_1_sft"]

_COLUMNS: Final = {
    "problem_id": ColumnKind.KEY,
    "task_type": ColumnKind.TEXT,
    "messages": ColumnKind.MESSAGES,
}
_REFERENCES: Final[Mapping[str, Callable[[str], str | None]]] = {
    "verifiable_math": boxed_reference,
    "code_output_prediction": output_reference,
}
"""The task types that are used, with how an answer ends."""


def synthetic_1_sft(dataset: Synthetic1SftDataset, corpus: Corpus) -> Iterator[Candidate | Drop]:
    """Rows of mathematics and of predicted output, one a problem.

    The reference is the trace, one space and the answer.
    """
    system = REFLECTIVE if dataset.system_prompt == "Reflective" else ""

    def parse(row: Row) -> Candidate | Drop:
        kind = row.text("task_type")
        if kind not in _REFERENCES:
            return Drop.OTHER_KIND
        turns = exchange(row.values["messages"])
        reference = _REFERENCES[kind](turns[1]) if turns else None
        if turns is None or reference is None:
            return Drop.MALFORMED
        return Candidate(ReferenceSample(row.id, turns[0], reference, system), row.key("problem_id"))

    return corpus.visit(Reading(_COLUMNS, [corpus.parquet_files()]), parse)
