"""Pairs of a prompt and a response; responses in which an assistant refuses are left out."""

from __future__ import annotations

from collections.abc import Iterator

from podium_evaluator.contract import PromptResponseDataset
from podium_evaluator.datasets.base import ReferenceSample
from podium_evaluator.datasets.columns import ColumnKind
from podium_evaluator.datasets.corpus import Corpus, Reading, Row
from podium_evaluator.datasets.paths import chosen
from podium_evaluator.datasets.refusals import is_refusal, refusal_phrases
from podium_evaluator.datasets.selection import Candidate, Drop

__all__ = ["prompt_response"]


def prompt_response(dataset: PromptResponseDataset, corpus: Corpus) -> Iterator[Candidate | Drop]:
    """The pairs of two columns; the response is the reference, as it is."""
    phrases = refusal_phrases() if dataset.refusals == "Drop" else ()

    def parse(row: Row) -> Candidate | Drop:
        prompt, response = row.text(dataset.prompt_column), row.text(dataset.response_column)
        if not prompt.strip() or not response.strip():
            return Drop.MALFORMED
        if is_refusal(response, phrases):
            return Drop.REFUSAL
        return Candidate(ReferenceSample(row.id, prompt, response))

    columns = {dataset.prompt_column: ColumnKind.TEXT, dataset.response_column: ColumnKind.TEXT}
    strata = [chosen(corpus.parquet_files(), dataset.files)]
    return corpus.visit(Reading(columns, strata, time=dataset.time_column), parse)
