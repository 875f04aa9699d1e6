"""Columns of a parquet file: what they must be, and their values in Python."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any, Final, assert_never

import pyarrow as pa

from podium_evaluator.datasets.base import DatasetError
from podium_evaluator.datasets.times import NaiveZone, instant, instant_of_text
from podium_evaluator.errors import quoted

__all__ = ["ColumnKind", "check_columns", "values", "zone_of"]

_MICROSECONDS: Final = 1_000_000


class ColumnKind(enum.Enum):
    """What a column must hold. Values may be absent all the same."""

    TEXT = "a text"
    NUMBER = "an integer"
    TEXTS = "a list of texts"
    MESSAGES = "a list of messages with role and content"
    KEY = "a text or an integer"
    TIME = "a time: a timestamp, whole seconds since the epoch or a text in ISO 8601"
    PACIFIC_TIME = "a time, in US Pacific time where it names no zone"


def check_columns(schema: Any, columns: Mapping[str, ColumnKind]) -> None:  # pyarrow has no types
    """Whether a schema has the columns.

    Raises:
        DatasetError: One is missing, is there twice or is of another type.
    """
    for column, kind in columns.items():
        if column not in schema.names:
            raise DatasetError(f"there is no column {quoted(column)}; there are {quoted(schema.names, 300)}")
        if (count := schema.names.count(column)) > 1:
            raise DatasetError(f"there are {count} columns {quoted(column)}, one expected")
        found = schema.field(column).type
        # A column in which all values are absent has no other type.
        if not pa.types.is_null(found) and not _is(found, kind):
            raise DatasetError(
                f"column {quoted(column)} has type {quoted(str(found))}, expected {kind.value}"
            )


def values(column: Any, kind: ColumnKind) -> list[Any]:  # pyarrow has no types
    """A column's values: times are seconds since the epoch, all others what they are."""
    if kind not in {ColumnKind.TIME, ColumnKind.PACIFIC_TIME}:
        return list(column.to_pylist())
    return _instants(column, zone_of(kind))


def zone_of(kind: ColumnKind) -> NaiveZone:
    """The zone of a column's times that name none."""
    return "USPacific" if kind is ColumnKind.PACIFIC_TIME else "UTC"


def _instants(column: Any, zone: NaiveZone) -> list[float | None]:  # pyarrow has no types
    kind = column.type
    if not pa.types.is_timestamp(kind):
        return [
            instant_of_text(value, zone)
            if isinstance(value, str)
            else None
            if value is None
            else float(value)
            for value in column.to_pylist()
        ]
    # Not by pyarrow's own dates, which need other packages for nanoseconds and for zones.
    clocks = column.cast(pa.timestamp("us", kind.tz), safe=False).cast(pa.int64()).to_pylist()
    return [
        None if clock is None else instant(clock / _MICROSECONDS, "UTC" if kind.tz else zone)
        for clock in clocks
    ]


def _is(found: Any, kind: ColumnKind) -> bool:  # pyarrow has no types
    match kind:
        case ColumnKind.TEXT:
            return _is_text(found)
        case ColumnKind.NUMBER:
            return bool(pa.types.is_integer(found))
        case ColumnKind.TEXTS:
            return _is_list(found) and _is_text(found.value_type)
        case ColumnKind.MESSAGES:
            return _is_list(found) and _is_message(found.value_type)
        case ColumnKind.KEY:
            return _is_text(found) or bool(pa.types.is_integer(found))
        case ColumnKind.TIME | ColumnKind.PACIFIC_TIME:
            return bool(pa.types.is_timestamp(found) or pa.types.is_integer(found)) or _is_text(found)
        case _:
            assert_never(kind)


def _is_text(found: Any) -> bool:  # pyarrow has no types
    kind = found.value_type if pa.types.is_dictionary(found) else found
    return _is_any(kind, pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)


def _is_list(found: Any) -> bool:  # pyarrow has no types
    types = pa.types
    plain = (types.is_list, types.is_large_list, types.is_fixed_size_list)
    return _is_any(found, *plain, types.is_list_view, types.is_large_list_view)


def _is_any(found: Any, *tests: Any) -> bool:  # pyarrow has no types
    return any(test(found) for test in tests)


def _is_message(found: Any) -> bool:  # pyarrow has no types
    if not pa.types.is_struct(found):
        return False
    fields = {field.name: field.type for field in found}
    return all(name in fields and _is_text(fields[name]) for name in ("role", "content"))
