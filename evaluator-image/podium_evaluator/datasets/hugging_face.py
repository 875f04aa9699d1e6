"""Any parquet files of a dataset repository, by columns that the organiser names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from podium_evaluator.contract import HuggingFaceDataset, Method
from podium_evaluator.datasets.base import ChoiceSample, DatasetError, ReferenceSample, Sample, TextSample
from podium_evaluator.datasets.columns import ColumnKind
from podium_evaluator.datasets.corpus import Corpus, Reading, Row
from podium_evaluator.datasets.paths import chosen
from podium_evaluator.datasets.selection import Candidate, Drop
from podium_evaluator.methods.choice_by_generation import is_word

__all__ = ["hugging_face"]

_ROLES: Final[Mapping[Method, Mapping[str, ColumnKind]]] = {
    Method.MULTIPLE_CHOICE: {
        "prompt": ColumnKind.TEXT,
        "options": ColumnKind.TEXTS,
        "answer": ColumnKind.NUMBER,
    },
    Method.REFERENCE_LOSS: {"prompt": ColumnKind.TEXT, "reference": ColumnKind.TEXT},
    Method.TEXT_LOSS: {"text": ColumnKind.TEXT},
}
"""What each method needs of a row."""
_MINIMUM_OPTIONS: Final = 2


def hugging_face(dataset: HuggingFaceDataset, corpus: Corpus) -> Iterator[Candidate | Drop]:
    """Rows of the files that match, one a problem where the organiser names such a column."""
    method = corpus.task.method
    names = _columns(method, dataset)
    columns = {column: _ROLES[method][role] for role, column in names.items()}
    if dataset.problem_column is not None:
        columns.setdefault(dataset.problem_column, ColumnKind.KEY)

    def parse(row: Row) -> Candidate | Drop:
        sample = _sample(method, row, {role: row.values[column] for role, column in names.items()})
        if sample is None:
            return Drop.MALFORMED
        if corpus.task.answer_by == "Generation" and not _is_answered_by_words(sample):
            return Drop.NO_WORDS
        return Candidate(sample, row.key(dataset.problem_column))

    strata = [chosen(corpus.parquet_files(), dataset.files)]
    return corpus.visit(Reading(columns, strata, time=dataset.time_column), parse)


def _columns(method: Method, dataset: HuggingFaceDataset) -> dict[str, str]:
    """The role of each column that the method needs, with its name."""
    given: dict[str, str | None] = {
        "prompt": dataset.prompt_column,
        "reference": dataset.reference_column,
        "options": dataset.options_column,
        "answer": dataset.answer_column,
        "text": dataset.text_column,
    }
    named = {role: column for role in _ROLES[method] if (column := given[role]) is not None}
    if missing := _ROLES[method].keys() - named.keys():
        raise DatasetError(f"{method} needs {', '.join(f'{role}Column' for role in sorted(missing))}")
    return named


def _sample(method: Method, row: Row, values: Mapping[str, object]) -> Sample | None:
    match method, values:
        case Method.MULTIPLE_CHOICE, {
            "prompt": str(prompt),
            "options": list(options),
            "answer": int(answer),
        } if prompt.strip() and _are_distinct(options) and 0 <= answer < len(options):
            return ChoiceSample(row.id, prompt, tuple(map(str, options)), answer)
        case Method.REFERENCE_LOSS, {"prompt": str(prompt), "reference": str(reference)} if (
            prompt.strip() and reference.strip()
        ):
            return ReferenceSample(row.id, prompt, reference)
        case Method.TEXT_LOSS, {"text": str(text)} if text.strip():
            return TextSample(row.id, text)
        case _:
            return None


def _are_distinct(options: Sequence[object]) -> bool:
    """Whether there are several texts, none empty and no two equal, of which one can be the right one."""
    return len(options) >= _MINIMUM_OPTIONS and all(options) and len(set(options)) == len(options)


def _is_answered_by_words(sample: Sample) -> bool:
    """Whether a model can write each option as the method reads it: otherwise all answers were wrong."""
    return not isinstance(sample, ChoiceSample) or all(map(is_word, sample.options))
