"""FineWeb: texts of the web, by crawl."""

from __future__ import annotations

from collections.abc import Iterator

from podium_evaluator.contract import FineWebDataset
from podium_evaluator.datasets.base import TextSample
from podium_evaluator.datasets.columns import ColumnKind
from podium_evaluator.datasets.configs import read_configs
from podium_evaluator.datasets.corpus import Corpus, Reading, Row
from podium_evaluator.datasets.selection import Candidate, Drop

__all__ = ["fine_web"]


def fine_web(dataset: FineWebDataset, corpus: Corpus) -> Iterator[Candidate | Drop]:
    """Texts of some crawls: crawls are drawn with equal chances and have equal shares."""

    def parse(row: Row) -> Candidate | Drop:
        text = row.text("text")
        return Candidate(TextSample(row.id, text)) if text.strip() else Drop.MALFORMED

    strata = list(read_configs(corpus).values())
    return corpus.visit(Reading({"text": ColumnKind.TEXT}, strata, dataset.drawn_configs), parse)
