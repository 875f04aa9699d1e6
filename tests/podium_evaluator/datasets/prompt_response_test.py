"""Pairs of prompt and response, without those that refuse."""

import datetime as dt
from typing import Any

from podium_evaluator.contract import Window
from podium_evaluator.datasets.base import ReferenceSample
from tests.podium_evaluator.datasets.corpora import Corpus, ids

_ROWS: dict[str, list[Any]] = {
    "prompt": ["q0", "q1", "q2", "", "q4", None],
    "response": [" It is 7. ", "As an AI, I cannot know.", "Dogs bark.", "text", " ", "text"],
    "made": [dt.datetime(2025, 3, day, tzinfo=dt.UTC) for day in range(1, 7)],
}


def test_refusals_are_dropped_unless_they_are_kept(corpus: Corpus) -> None:
    corpus.write("chat.parquet", _ROWS)

    dropping, keeping = corpus.draw("PromptResponse"), corpus.draw("PromptResponse", refusals="Keep")

    assert (sorted(ids(dropping)), dropping.dropped) == (["chat.parquet#0", "chat.parquet#2"], 4)
    assert (len(keeping.samples), keeping.dropped) == (3, 3)
    assert ReferenceSample("chat.parquet#0", "q0", " It is 7. ") in dropping.samples


def test_columns_and_files_may_have_other_names(corpus: Corpus) -> None:
    corpus.write("a/chat.parquet", {"question": ["q"], "answer": ["a"]})
    corpus.write("b/chat.parquet", {"other": ["q"]})

    drawn = corpus.draw(
        "PromptResponse", prompt_column="question", response_column="answer", files="a/*.parquet"
    )

    assert ids(drawn) == ["a/chat.parquet#0"]


def test_pairs_may_carry_a_time(corpus: Corpus) -> None:
    corpus.write("chat.parquet", _ROWS)
    window = Window(after=1_740_787_200, until=1_740_787_200 + 3 * 86_400)

    drawn = corpus.draw("PromptResponse", freshness="NewerThanCommits", window=window, time_column="made")

    assert ids(drawn) == ["chat.parquet#2"]
