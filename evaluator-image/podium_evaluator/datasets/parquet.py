"""Parquet files on a hub, by ranges: the footer first, then the needed columns of single row groups."""

from __future__ import annotations

import bisect
import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from podium_evaluator.datasets.base import DatasetError
from podium_evaluator.datasets.columns import ColumnKind, check_columns, values, zone_of
from podium_evaluator.datasets.remote import HeldFile
from podium_evaluator.datasets.times import instant
from podium_evaluator.datasets.trial import survives
from podium_evaluator.errors import quoted

__all__ = ["FOOTER_GUESS_BYTES", "GROUP_BYTES", "Group", "Shard", "groups", "open_shard", "read_rows", "span"]

FOOTER_GUESS_BYTES: Final = 128 * 1024
"""Of a file's end are fetched first; most footers are smaller."""
_FOOTER_BYTES: Final = 32 * 1024 * 1024
"""The largest footer that is read: of a file with a thousand row groups it has a few MiB."""
GROUP_BYTES: Final = 128 * 1024 * 1024
"""Of the needed columns of one row group, as stored: so much is fetched at once."""
_INFLATED_BYTES: Final = 512 * 1024 * 1024
"""The same when decompressed."""
_BATCH_ROWS: Final = 256
"""Rows that are in memory at once as values."""
_OLD_WRITERS_BYTES: Final = 100
"""Writers before 2014 left the last page's header out of a column's size; readers add this much."""
_ENDING: Final = 8
_MAGIC: Final = b"PAR1"
_UNITS: Final = {"milliseconds": 1e3, "microseconds": 1e6, "nanoseconds": 1e9}


@dataclass(frozen=True, slots=True)
class Shard:
    """A file whose footer was read.

    Attributes:
        file: Its bytes.
        parquet: The library's object; it has no published types.
        columns: What is read of it.
    """

    file: HeldFile
    parquet: Any
    columns: Mapping[str, ColumnKind]


@dataclass(frozen=True, slots=True)
class Group:
    """A row group.

    Attributes:
        shard: The file that it is in.
        index: Which one of the file.
        first_row: Rows of the file before it.
        rows: How many it has.
        parts: Where the needed columns lie.
        inflated: Bytes of the needed columns when decompressed.
    """

    shard: Shard
    index: int
    first_row: int
    rows: int
    parts: tuple[range, ...]
    inflated: int

    @property
    def bytes(self) -> int:
        """Of the needed columns, as stored."""
        return sum(map(len, self.parts))


def open_shard(file: HeldFile, columns: Mapping[str, ColumnKind]) -> Shard:
    """Read a file's footer.

    Raises:
        HubError: The hub does not hand it out.
        DatasetError: It is no parquet file or lacks the columns.
    """
    _hold_footer(file)
    if not survives(lambda: _read_footer(file)):
        raise _broken(file, "its footer is broken, the library that reads it gives up or does not end")
    with _decoding(file):
        parquet = _opened(file)
        schema = parquet.schema_arrow
    try:
        check_columns(schema, columns)
    except DatasetError as error:
        raise _broken(file, str(error)) from None
    file.release()
    return Shard(file, parquet, columns)


def groups(shard: Shard) -> list[Group]:
    """The row groups of a file that have rows.

    Raises:
        DatasetError: The footer contradicts the file.
    """
    found: list[Group] = []
    first = 0
    with _decoding(shard.file):
        for index in range(shard.parquet.metadata.num_row_groups):
            metadata = shard.parquet.metadata.row_group(index)
            if metadata.num_rows > 0:
                found.append(_group(shard, index, first, metadata))
            first += metadata.num_rows
    return found


def read_rows(group: Group, wanted: Sequence[int]) -> list[dict[str, Any]]:
    """Rows of a group by their numbers in it, in the order of `wanted`.

    The group's columns are fetched with the first call and kept as stored; they are decoded each time,
    a few rows at once.

    Raises:
        HubError: The hub does not hand them out.
        DatasetError: They are too large or not readable.
    """
    shard = group.shard
    _check_size(group)
    shard.file.hold(group.parts)
    numbers = sorted(wanted)
    found: dict[int, dict[str, Any]] = {}
    with _decoding(shard.file):
        first = 0
        for batch in shard.parquet.iter_batches(
            batch_size=_BATCH_ROWS, row_groups=[group.index], columns=list(shard.columns), use_threads=False
        ):
            stop = first + batch.num_rows
            inside = numbers[bisect.bisect_left(numbers, first) : bisect.bisect_left(numbers, stop)]
            rows = _rows(batch, [number - first for number in inside], shard.columns)
            found |= dict(zip(inside, rows, strict=True))
            first = stop
    if len(found) != len(numbers):
        raise _broken(shard.file, f"row group {group.index} has fewer rows than the footer says")
    return [found[number] for number in wanted]


def span(group: Group, column: str) -> tuple[float, float] | None:
    """Earliest and latest time of a group, in seconds since the epoch, where the footer tells them."""
    shard = group.shard
    with _decoding(shard.file):
        metadata = shard.parquet.metadata.row_group(group.index)
        for index in range(metadata.num_columns):
            chunk = metadata.column(index)
            if chunk.path_in_schema == column:
                return _span(chunk, shard.parquet.schema.column(index), shard.columns[column])
    return None


def _span(chunk: Any, described: Any, kind: ColumnKind) -> tuple[float, float] | None:  # pyarrow has no types
    statistics = chunk.statistics
    if statistics is None or not statistics.has_min_max or chunk.physical_type != "INT64":
        return None
    first, last = statistics.min_raw, statistics.max_raw
    match json.loads(described.logical_type.to_json()):
        case {"Type": "Timestamp", "timeUnit": str(unit), "isAdjustedToUTC": bool(zoned)} if unit in _UNITS:
            zone = "UTC" if zoned else zone_of(kind)
            # An hour to either side: where clocks are set back their order is not that of time.
            margin = 0 if zone == "UTC" else 3600
            return (
                instant(first / _UNITS[unit], zone) - margin,
                instant(last / _UNITS[unit], zone) + margin,
            )
        case {"Type": "None" | "Int"}:
            return float(first), float(last)
        case _:
            return None


def _opened(file: HeldFile) -> Any:  # pyarrow has no types
    return pq.ParquetFile(file, page_checksum_verification=True)


def _read_footer(file: HeldFile) -> None:
    """Look at everything in a footer: what is wrong in it can abort the process (pyarrow 26)."""
    metadata = _opened(file).metadata
    for index in range(metadata.num_row_groups):
        group = metadata.row_group(index)
        for number in range(group.num_columns):
            chunk = group.column(number)
            if chunk.statistics is not None and chunk.statistics.has_min_max:
                str(chunk.statistics.min_raw)


def _hold_footer(file: HeldFile) -> None:
    if file.size < _ENDING + len(_MAGIC):
        raise _broken(file, f"it has {file.size} bytes, which is no parquet file")
    file.hold([range(max(0, file.size - FOOTER_GUESS_BYTES), file.size)])
    file.seek(file.size - _ENDING)
    ending = file.read(_ENDING)
    if ending[-len(_MAGIC) :] != _MAGIC:
        raise _broken(file, "it does not end as a parquet file does")
    length = int.from_bytes(ending[:4], "little") + _ENDING
    if length > min(file.size, _FOOTER_BYTES):
        raise _broken(file, f"a footer of {length} bytes, at most {min(file.size, _FOOTER_BYTES)} expected")
    if length > FOOTER_GUESS_BYTES:
        file.hold([range(file.size - length, file.size)])


def _group(shard: Shard, index: int, first: int, metadata: Any) -> Group:  # pyarrow has no types
    parts: list[range] = []
    inflated = 0
    for number in range(metadata.num_columns):
        chunk = metadata.column(number)
        path = chunk.path_in_schema
        if not any(path == column or path.startswith(f"{column}.") for column in shard.columns):
            continue
        start = min(chunk.data_page_offset, chunk.dictionary_page_offset or chunk.data_page_offset)
        stop = start + chunk.total_compressed_size
        if not 0 <= start <= stop <= shard.file.size:
            raise _broken(shard.file, f"column {quoted(path)} of row group {index} lies outside the file")
        parts.append(range(start, min(stop + _OLD_WRITERS_BYTES, shard.file.size)))
        inflated += chunk.total_uncompressed_size
    return Group(shard, index, first, metadata.num_rows, tuple(parts), inflated)


def _check_size(group: Group) -> None:
    for size, limit, what in (
        (group.bytes, GROUP_BYTES, "stored"),
        (group.inflated, _INFLATED_BYTES, "decompressed"),
    ):
        if size > limit:
            raise _broken(
                group.shard.file,
                f"row group {group.index} of {group.rows} rows has {size} bytes {what} in the needed columns,"
                f" at most {limit} are read: write it with smaller row groups",
            )


def _rows(batch: Any, inside: list[int], columns: Mapping[str, ColumnKind]) -> list[dict[str, Any]]:
    # One by one: the library cannot pick rows of every type, such as views of text.
    found = (
        [values(batch.column(name).slice(number, 1), kind)[0] for number in inside]
        for name, kind in columns.items()
    )
    return [dict(zip(columns, row, strict=True)) for row in zip(*found, strict=True)]


@contextlib.contextmanager
def _decoding(file: HeldFile) -> Iterator[None]:
    try:
        yield
    except MemoryError:
        raise
    # Broken parquet is an exception of the library's or an OSError; broken UTF-8 is a UnicodeDecodeError.
    except (pa.lib.ArrowException, OSError, UnicodeDecodeError) as error:
        raise _broken(file, f"not readable as parquet: {quoted(str(error), 200)}") from error


def _broken(file: HeldFile, message: str) -> DatasetError:
    return DatasetError(f"{quoted(file.path, 140)}: {message}")
