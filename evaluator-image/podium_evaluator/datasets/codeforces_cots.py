"""Codeforces-CoTs: solutions of programming problems with their reasoning."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from podium_evaluator.contract import CodeforcesCotsDataset
from podium_evaluator.datasets.base import DatasetError, ReferenceSample
from podium_evaluator.datasets.columns import ColumnKind
from podium_evaluator.datasets.configs import read_configs
from podium_evaluator.datasets.corpus import Corpus, Reading, Row
from podium_evaluator.datasets.exchange import REFLECTIVE, exchange
from podium_evaluator.datasets.selection import Candidate, Drop
from podium_evaluator.errors import quoted

__all__ = ["codeforces_cots"]

_COLUMNS: Final = {"id": ColumnKind.KEY, "messages": ColumnKind.MESSAGES}


def codeforces_cots(dataset: CodeforcesCotsDataset, corpus: Corpus) -> Iterator[Candidate | Drop]:
    """Rows of one of the dataset's configs that have exactly two turns, one a problem.

    The reference is the assistant's whole turn, without space at its ends.
    """
    configs = read_configs(corpus)
    wanted = sorted(set(dataset.configs))
    if missing := [name for name in wanted if name not in configs]:
        raise DatasetError(f"there is no config {quoted(missing, 200)}; there are {quoted([*configs], 300)}")
    system = REFLECTIVE if dataset.system_prompt == "Reflective" else ""

    def parse(row: Row) -> Candidate | Drop:
        turns = exchange(row.values["messages"])
        if turns is None:
            return Drop.MALFORMED
        return Candidate(ReferenceSample(row.id, turns[0], turns[1].strip(), system), row.key("id"))

    return corpus.visit(Reading(_COLUMNS, [configs[name] for name in wanted]), parse)
