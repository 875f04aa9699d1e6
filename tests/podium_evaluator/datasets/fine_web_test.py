"""Texts of the web from crawls with equal chances."""

from collections import Counter

from podium_evaluator.contract import Method
from podium_evaluator.datasets.base import TextSample
from tests.podium_evaluator.datasets.corpora import Corpus, ids

_CARD = """---
configs:
- config_name: default
  data_files:
  - split: train
    path: data/*/*
- config_name: CC-MAIN-2013-20
  data_files:
  - split: train
    path: data/CC-MAIN-2013-20/*
- config_name: CC-MAIN-2024-10
  data_files:
  - split: train
    path: data/CC-MAIN-2024-10/*
---
"""


def test_crawls_are_drawn_with_equal_shares_and_the_default_is_none(corpus: Corpus) -> None:
    (corpus.folder / "README.md").write_text(_CARD, encoding="utf-8")
    for crawl, files in (("2013-20", 1), ("2024-10", 10)):
        for number in range(files):
            texts = [f"{crawl} {number} {row}" for row in range(100)]
            corpus.write(
                f"data/CC-MAIN-{crawl}/train-{number:05d}.parquet",
                {"text": texts, "id": texts, "score": [3.0] * 100},
                row_group_size=10,
            )

    drawn = corpus.draw("FineWeb", Method.TEXT_LOSS, samples=96, drawn_configs=4)

    assert sorted(Counter(name.split("/")[1] for name in ids(drawn)).values()) == [48, 48]
    assert (
        len({name.split("/")[1] for name in ids(corpus.draw("FineWeb", Method.TEXT_LOSS, drawn_configs=1))})
        == 1
    )


def test_texts_are_whole_and_empty_ones_are_left_out(corpus: Corpus) -> None:
    corpus.write("data/a.parquet", {"text": [" a text\n", "", " \n", None]})

    drawn = corpus.draw("FineWeb", Method.TEXT_LOSS)

    assert drawn.samples == (TextSample("data/a.parquet#0", " a text\n"),)
    assert drawn.dropped == 3
