"""A dataset repository at one commit: rows in an order that nothing but seed, task and commit decide."""

from __future__ import annotations

import dataclasses
import itertools
import logging
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from podium_evaluator.contract import RepositoryDataset, Task, Window
from podium_evaluator.datasets.base import DatasetError, generator
from podium_evaluator.datasets.columns import ColumnKind
from podium_evaluator.datasets.parquet import Group, Shard, open_shard, read_rows
from podium_evaluator.datasets.paths import row_id
from podium_evaluator.datasets.remote import HeldFile
from podium_evaluator.datasets.selection import Drop, candidate_limit
from podium_evaluator.datasets.shards import Period, draw_groups
from podium_evaluator.errors import quoted
from podium_evaluator.hub.client import Hub
from podium_evaluator.hub.revisions import resolve_revision

__all__ = ["Corpus", "Reading", "Row", "open_corpus"]

logger = logging.getLogger(__name__)

_FIRST_BLOCK: Final = 2
"""Rows of a row group that are visited before the next one's; twice as many each time around.

Few, so that also a small task comes from all row groups."""
_LARGEST_BLOCK: Final = 1024
_ROWS_OF_A_GROUP: Final = 65_536
"""More of one row group are never visited."""

Parsed = TypeVar("Parsed")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a parquet file.

    Attributes:
        id: Its file and number.
        values: Of the columns that were asked for, of the types that were asked for, or None.
    """

    id: str
    values: Mapping[str, Any]

    def text(self, column: str) -> str:
        """A text; empty where there is none."""
        value = self.values[column]
        return value if isinstance(value, str) else ""

    def key(self, column: str | None) -> str | int | None:
        """What tells problems apart; None where there is no such column or value."""
        value = None if column is None else self.values[column]
        return value if isinstance(value, str | int) else None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a dataset reads of its repository.

    Attributes:
        columns: With what each must hold.
        strata: The files of each config or whatever else is drawn with equal chances.
        drawn: How many of the strata.
        time: The column with the time of a row, read only where a period is asked for.
        time_kind: What that column holds.
    """

    columns: Mapping[str, ColumnKind]
    strata: Sequence[Sequence[str]]
    drawn: int = 1
    time: str | None = None
    time_kind: ColumnKind = ColumnKind.TIME


@dataclass(frozen=True, slots=True)
class Corpus:
    """A repository at one commit.

    Attributes:
        task: Whose samples are drawn.
        dataset: The task's.
        seed: Of the round.
        hub: Where it is.
        commit: The resolved revision.
        sizes: Announced bytes of each file.
        window: The times of the round; given where rows must be newer than all commitments.
    """

    task: Task
    dataset: RepositoryDataset
    seed: str
    hub: Hub
    commit: str
    sizes: Mapping[str, int]
    window: Window | None

    def parquet_files(self) -> list[str]:
        """Paths of all parquet files, sorted."""
        return sorted(path for path in self.sizes if path.endswith(".parquet"))

    def visit(self, reading: Reading, parse: Callable[[Row], Parsed]) -> Iterator[Parsed | Drop]:
        """Rows as `parse` understands them, a bounded number, one after another as they are asked for.

        Raises:
            HubError: The hub does not hand out what is needed.
            DatasetError: The repository does not hold what is read.
        """
        period = _period(reading, self.window)
        if period is not None:
            columns = {**reading.columns, period.column: reading.time_kind}
            reading = dataclasses.replace(reading, columns=columns)
        files: list[HeldFile] = []

        def open_file(path: str) -> Shard:
            file = HeldFile(self.hub, self.dataset.repository, self.commit, path, self.sizes[path])
            files.append(file)
            return open_shard(file, reading.columns)

        source = generator(self.seed, self.task.name, self.commit)
        drawn = draw_groups(reading.strata, reading.drawn, open_file, period, source)
        logger.info(
            "task %s: %d footers of %d bytes, %d row groups of %d bytes drawn",
            self.task.name,
            len(files),
            sum(file.fetched for file in files),
            len(drawn),
            sum(group.bytes for group in drawn),
        )
        looked_at = 0
        try:
            for row in itertools.islice(_rows(drawn, source), candidate_limit(self.dataset.samples)):
                looked_at += 1
                outside = period is not None and not period.contains(row.values[period.column])
                yield Drop.OUTSIDE_WINDOW if outside else parse(row)
        finally:
            fetched = sum(file.fetched for file in files)
            logger.info("task %s: %d rows, %d bytes in all", self.task.name, looked_at, fetched)


def open_corpus(task: Task, dataset: RepositoryDataset, seed: str, hub: Hub, window: Window) -> Corpus:
    """Resolve the revision and list the files.

    Raises:
        HubError: They cannot be had.
        DatasetError: There is not one parquet file.
    """
    commit = resolve_revision(hub, dataset.repository, dataset.revision, "dataset", window.until)
    sizes = hub.files(dataset.repository, commit, "dataset")
    dated = window if task.freshness == "NewerThanCommits" else None
    corpus = Corpus(task, dataset, seed, hub, commit, sizes, dated)
    if not (paths := corpus.parquet_files()):
        raise DatasetError(
            f"none of its {len(sizes)} files is parquet: name a commit with such files, as the hub keeps in"
            " refs/convert/parquet of most datasets"
        )
    logger.info("task %s: %s at %s, %d files", task.name, quoted(dataset.repository), commit, len(paths))
    return corpus


def _period(reading: Reading, window: Window | None) -> Period | None:
    if window is None or window.after is None or window.until is None or reading.time is None:
        return None
    return Period(reading.time, window.after, window.until)


def _rows(groups: Sequence[Group], source: random.Random) -> Iterator[Row]:
    """Some rows of each group in turn, then more of each: shuffled, all groups from the start."""
    orders = [source.sample(range(group.rows), min(group.rows, _ROWS_OF_A_GROUP)) for group in groups]
    start, block = 0, _FIRST_BLOCK
    while any(start < len(order) for order in orders):
        for group, order in zip(groups, orders, strict=True):
            numbers = order[start : start + block]
            for number, values in zip(numbers, read_rows(group, numbers) if numbers else [], strict=True):
                yield Row(row_id(group.shard.file.path, group.first_row + number), values)
        start, block = start + block, min(2 * block, _LARGEST_BLOCK)
