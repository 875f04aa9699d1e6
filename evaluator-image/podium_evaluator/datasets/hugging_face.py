"""Rows of parquet files on a hub, by ranges: footers first, then the few row groups that are drawn.

A corpus is never downloaded. The seed draws files, then row groups of theirs, then rows; with a
pinned commit everybody draws the same.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NoReturn, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from podium_evaluator.contract import HuggingFaceDataset, Method, Reason, Task
from podium_evaluator.datasets.base import ChoiceSample, Drawn, ReferenceSample, Sample, TextSample, generator
from podium_evaluator.datasets.remote import RemoteFile, matches
from podium_evaluator.errors import Failure, infrastructure, organizer, quoted
from podium_evaluator.hub.client import Hub, HubProblem, classify

__all__ = ["draw_hugging_face"]

_MAXIMUM_FILES: Final = 16
_MAXIMUM_GROUPS: Final = 16
_GROUP_BYTES: Final = 512 * 1024 * 1024
"""Of the needed columns of one row group, uncompressed: it is in memory at once."""
_MINIMUM_OPTIONS: Final = 2

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class _Group:
    """A row group of an opened file; pyarrow has no types."""

    file: Any
    index: int
    rows: int


def draw_hugging_face(task: Task, dataset: HuggingFaceDataset, seed: str, hub: Hub) -> Drawn:
    """Draw rows of a dataset repository.

    Raises:
        Failure: `DATASET_UNAVAILABLE` while the hub does not answer; `DATASET_INVALID` when
            repository, revision, files, columns or types are not what the organiser says.
    """
    return _guarded(task, lambda: _draw(task, dataset, seed, hub))


def _draw(task: Task, dataset: HuggingFaceDataset, seed: str, hub: Hub) -> Drawn:
    columns = _columns(task, dataset)
    source = generator(seed, task.name, dataset.revision)
    sizes = hub.files(dataset.repository, dataset.revision, "dataset")
    paths = sorted(path for path in sizes if matches(path, dataset.files))
    if not paths:
        raise _invalid(
            task, f"no file of {quoted(dataset.repository, 140)} matches {quoted(dataset.files, 140)}"
        )
    files = [
        pq.ParquetFile(RemoteFile(hub, dataset.repository, dataset.revision, path, sizes[path]))
        for path in source.sample(paths, min(_MAXIMUM_FILES, len(paths)))
    ]
    for file in files:
        _check_schema(task, file, columns)
    groups = _draw_groups(files, source)
    rows = _draw_rows(task, groups, list(columns.values()), dataset.samples, source)
    samples = [_sample(task.method, columns, f"{index:05d}", row) for index, row in enumerate(rows)]
    kept = tuple(sample for sample in samples if sample is not None)
    return Drawn(kept, dataset.revision, len(samples) - len(kept))


def _columns(task: Task, dataset: HuggingFaceDataset) -> dict[str, str]:
    """The role of each column that the method needs, with its name."""
    roles: dict[str, str | None]
    match task.method:
        case Method.MULTIPLE_CHOICE:
            roles = {
                "prompt": dataset.prompt_column,
                "options": dataset.options_column,
                "answer": dataset.answer_column,
            }
        case Method.REFERENCE_LOSS:
            roles = {"prompt": dataset.prompt_column, "reference": dataset.reference_column}
        case Method.TEXT_LOSS:
            roles = {"text": dataset.text_column}
    named = {role: column for role, column in roles.items() if column is not None}
    if missing := roles.keys() - named.keys():
        raise _invalid(task, f"{task.method} needs {', '.join(f'{role}Column' for role in sorted(missing))}")
    return named


def _check_schema(task: Task, file: Any, columns: dict[str, str]) -> None:  # pyarrow has no types
    schema = file.schema_arrow
    for role, column in columns.items():
        if column not in schema.names:
            raise _invalid(
                task, f"there is no column {quoted(column)}; there are {quoted(schema.names, 300)}"
            )
        kind = schema.field(column).type
        if not _fits(role, kind):
            raise _invalid(task, f"column {quoted(column)} has type {quoted(str(kind))}, which is no {role}")


def _fits(role: str, kind: Any) -> bool:  # pyarrow has no types
    def is_text(one: Any) -> bool:
        return bool(pa.types.is_string(one) or pa.types.is_large_string(one))

    match role:
        case "answer":
            return bool(pa.types.is_integer(kind))
        case "options":
            is_list = pa.types.is_list(kind) or pa.types.is_large_list(kind)
            return bool(is_list) and is_text(kind.value_type)
        case _:
            return is_text(kind)


def _draw_groups(files: Sequence[Any], source: random.Random) -> list[_Group]:
    groups = [
        _Group(file, index, file.metadata.row_group(index).num_rows)
        for file in files
        for index in range(file.metadata.num_row_groups)
    ]
    chosen = source.sample(range(len(groups)), min(_MAXIMUM_GROUPS, len(groups)))
    return [groups[index] for index in chosen]


def _draw_rows(
    task: Task, groups: Sequence[_Group], columns: list[str], count: int, source: random.Random
) -> list[dict[str, Any]]:
    total = sum(group.rows for group in groups)
    chosen = source.sample(range(total), min(count, total))
    found: dict[int, dict[str, Any]] = {}
    start = 0
    for group in groups:
        wanted = sorted(number - start for number in chosen if start <= number < start + group.rows)
        if wanted:
            _check_size(task, group, columns)
            rows = group.file.read_row_group(group.index, columns=columns).take(wanted).to_pylist()
            found |= {start + number: row for number, row in zip(wanted, rows, strict=True)}
        start += group.rows
    return [found[number] for number in chosen]


def _check_size(task: Task, group: _Group, columns: list[str]) -> None:
    metadata = group.file.metadata.row_group(group.index)
    chunks = [metadata.column(index) for index in range(metadata.num_columns)]
    size = sum(
        chunk.total_uncompressed_size for chunk in chunks if chunk.path_in_schema.split(".")[0] in columns
    )
    if size > _GROUP_BYTES:
        raise _invalid(
            task, f"a row group has {size} bytes in the needed columns, at most {_GROUP_BYTES} are read"
        )


def _sample(method: Method, columns: dict[str, str], name: str, row: dict[str, Any]) -> Sample | None:
    values = {role: row[column] for role, column in columns.items()}
    if any(value is None or value == "" for value in values.values()):
        return None
    match method:
        case Method.MULTIPLE_CHOICE:
            options, answer = values["options"], values["answer"]
            if len(options) < _MINIMUM_OPTIONS or not all(options) or not 0 <= answer < len(options):
                return None
            return ChoiceSample(name, values["prompt"], tuple(options), answer)
        case Method.REFERENCE_LOSS:
            return ReferenceSample(name, values["prompt"], values["reference"])
        case Method.TEXT_LOSS:
            return TextSample(name, values["text"])


def _guarded(task: Task, operation: Callable[[], Result]) -> Result:
    try:
        return operation()
    except Failure:
        raise
    except Exception as error:  # noqa: BLE001 - pyarrow and the client raise whatever they raise
        _raise(task, error)


def _raise(task: Task, error: Exception) -> NoReturn:
    # pyarrow reports a malformed file by a class of its own or by an OSError without a number.
    numberless = type(error) is OSError and error.errno is None
    if numberless or (isinstance(error, pa.lib.ArrowException) and not isinstance(error, MemoryError)):
        raise _invalid(task, f"not readable as parquet: {quoted(str(error), 200)}") from error
    problem = classify(error)
    if problem is None:
        raise error
    if problem.problem is HubProblem.UNAVAILABLE:
        raise infrastructure(Reason.DATASET_UNAVAILABLE, f"task {task.name}: {problem}") from error
    raise _invalid(task, str(problem)) from error


def _invalid(task: Task, message: str) -> Failure:
    return organizer(Reason.DATASET_INVALID, f"task {task.name}: {message}")
