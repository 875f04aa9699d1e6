"""What a column may be, however its writer stores it, and the values that come of it."""

from typing import Any

import pyarrow as pa
import pytest

from podium_evaluator.datasets.base import DatasetError
from podium_evaluator.datasets.columns import ColumnKind, check_columns
from podium_evaluator.datasets.parquet import groups, open_shard, read_rows
from podium_evaluator.datasets.remote import HeldFile
from tests.podium_evaluator.datasets.corpora import COMMIT, REPOSITORY, Corpus

_TEXTS = ["one", None, "three"]
_LISTS = [["a", "b"], ["c", "d"], ["e", "f"]]


def values_of(corpus: Corpus, column: Any, kind: ColumnKind) -> list[Any]:
    path = corpus.write("data.parquet", pa.table({"column": column}))
    file = HeldFile(corpus.hub, REPOSITORY, COMMIT, path.name, path.stat().st_size)
    (group,) = groups(open_shard(file, {"column": kind}))
    return [row["column"] for row in read_rows(group, range(group.rows))]


@pytest.mark.parametrize(
    "column",
    [
        pa.array(_TEXTS),
        pa.array(_TEXTS, pa.large_string()),
        pa.array(_TEXTS, pa.string_view()),
        pa.array(_TEXTS).dictionary_encode(),
        pa.array(_TEXTS, pa.large_string()).dictionary_encode(),
    ],
    ids=lambda column: str(column.type),
)
def test_texts_are_texts_however_they_are_laid_out(corpus: Corpus, column: Any) -> None:
    assert values_of(corpus, column, ColumnKind.TEXT) == _TEXTS


@pytest.mark.parametrize(
    "kind",
    [
        pa.list_(pa.string()),
        pa.large_list(pa.large_string()),
        pa.list_(pa.string(), 2),
        pa.list_view(pa.string()),
        pa.large_list_view(pa.string()),
        pa.list_(pa.string_view()),
    ],
    ids=str,
)
def test_lists_are_lists_however_they_are_laid_out(corpus: Corpus, kind: Any) -> None:
    assert values_of(corpus, pa.array(_LISTS, kind), ColumnKind.TEXTS) == _LISTS


def test_a_column_that_is_there_twice_is_told() -> None:
    schema = pa.schema([("text", pa.string()), ("other", pa.string()), ("text", pa.string())])

    check_columns(schema, {"other": ColumnKind.TEXT})
    with pytest.raises(DatasetError, match="there are 2 columns 'text', one expected"):
        check_columns(schema, {"text": ColumnKind.TEXT})
