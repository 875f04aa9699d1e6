"""Row groups of a file on a hub: found by its footer, fetched alone, and told where they are broken."""

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from podium_evaluator.datasets import parquet
from podium_evaluator.datasets.base import DatasetError
from podium_evaluator.datasets.columns import ColumnKind
from podium_evaluator.datasets.parquet import Group, groups, open_shard, read_rows, span
from podium_evaluator.datasets.remote import HeldFile
from podium_evaluator.datasets.trial import survives
from tests.podium_evaluator.datasets.corpora import COMMIT, REPOSITORY, Corpus, messages

_TEXT = {"text": ColumnKind.TEXT}


def held(corpus: Corpus, path: str = "data.parquet") -> HeldFile:
    return HeldFile(corpus.hub, REPOSITORY, COMMIT, path, (corpus.folder / path).stat().st_size)


def opened(corpus: Corpus, columns: dict[str, ColumnKind]) -> list[Group]:
    return groups(open_shard(held(corpus), columns))


def noise(rows: int, size: int) -> list[str]:
    letters = np.random.default_rng(0).integers(97, 123, (rows, size), dtype=np.uint8)
    return [row.tobytes().decode() for row in letters]


def test_groups_have_their_rows_and_places(corpus: Corpus) -> None:
    corpus.write("data.parquet", {"text": [f"row {number}" for number in range(25)]}, row_group_size=10)

    found = opened(corpus, _TEXT)

    assert [(group.index, group.first_row, group.rows) for group in found] == [
        (0, 0, 10),
        (1, 10, 10),
        (2, 20, 5),
    ]
    assert [row["text"] for row in read_rows(found[1], [7, 0, 9])] == ["row 17", "row 10", "row 19"]
    assert [row["text"] for row in read_rows(found[2], [4])] == ["row 24"]


def test_only_the_needed_columns_of_the_group_are_fetched(corpus: Corpus) -> None:
    columns = {"before": noise(300, 2000), "text": noise(300, 100), "after": noise(300, 2000)}
    corpus.write("data.parquet", columns, row_group_size=100, compression="none")
    found = opened(corpus, _TEXT)
    footer = corpus.hub.bytes_sent

    read_rows(found[1], [5])

    assert footer == parquet.FOOTER_GUESS_BYTES
    assert 100 * 100 < corpus.hub.bytes_sent - footer < 100 * 100 + 2000
    read_rows(found[1], [6, 7])
    assert corpus.hub.bytes_sent - footer < 100 * 100 + 2000, "a group is fetched once"


def test_a_file_takes_one_request_for_its_footer_and_one_for_a_group(corpus: Corpus) -> None:
    corpus.write("data.parquet", {"text": noise(3000, 100)}, row_group_size=1000)

    read_rows(opened(corpus, _TEXT)[0], [0])

    assert len(corpus.hub.parts) == 2


def test_a_footer_longer_than_the_guess_is_fetched_too(corpus: Corpus) -> None:
    metadata = {"notes": "n" * 2 * parquet.FOOTER_GUESS_BYTES}
    table = pa.table({"text": ["a", "b"]}).replace_schema_metadata(metadata)
    corpus.write("data.parquet", table)

    assert [row["text"] for row in read_rows(opened(corpus, _TEXT)[0], [1])] == ["b"]


@pytest.mark.parametrize("compression", ["none", "snappy", "gzip", "zstd", "lz4", "brotli"])
@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_messages_are_lists_of_role_and_content(corpus: Corpus, compression: str, version: str) -> None:
    talks = [messages(f"q{number}", f"a{number}") for number in range(40)]
    columns = {"id": list(range(40)), "messages": [*talks[:38], [], None]}
    corpus.write(
        "data.parquet", columns, row_group_size=40, compression=compression, data_page_version=version
    )
    (group,) = opened(corpus, {"messages": ColumnKind.MESSAGES, "id": ColumnKind.KEY})

    rows = read_rows(group, [39, 38, 17])

    assert [row["messages"] for row in rows] == [None, [], talks[17]]
    assert [row["id"] for row in rows] == [39, 38, 17]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize(
    ("zone", "kind", "expected"),
    [
        (None, ColumnKind.TIME, 1_740_787_200.0),
        (None, ColumnKind.PACIFIC_TIME, 1_740_787_200.0 + 8 * 3600),
        ("UTC", ColumnKind.PACIFIC_TIME, 1_740_787_200.0),
        ("Asia/Tokyo", ColumnKind.TIME, 1_740_787_200.0),
    ],
)
def test_timestamps_of_every_unit_are_seconds(
    corpus: Corpus, unit: str, zone: str | None, kind: ColumnKind, expected: float
) -> None:
    times = pa.array([dt.datetime(2025, 3, 1, tzinfo=dt.UTC), None]).cast(pa.timestamp(unit, zone))
    corpus.write("data.parquet", {"time": times})
    (group,) = opened(corpus, {"time": kind})

    found = span(group, "time")

    assert [row["time"] for row in read_rows(group, [0, 1])] == [expected, None]
    assert found is not None
    assert found[0] <= expected <= found[1]
    assert found[1] - found[0] <= 7200


@pytest.mark.parametrize(
    ("values", "found", "bounds"),
    [
        ([1_740_787_200, None], [1_740_787_200.0, None], (1_740_787_200.0, 1_740_787_200.0)),
        (["2025-03-01T00:00:00Z", "soon"], [1_740_787_200.0, None], None),
    ],
)
def test_times_may_be_seconds_or_texts(
    corpus: Corpus, values: list[Any], found: list[Any], bounds: tuple[float, float] | None
) -> None:
    corpus.write("data.parquet", {"time": values})
    (group,) = opened(corpus, {"time": ColumnKind.TIME})

    assert [row["time"] for row in read_rows(group, [0, 1])] == found
    assert span(group, "time") == bounds


def test_without_statistics_there_is_no_span(corpus: Corpus) -> None:
    corpus.write("data.parquet", {"time": [1, 2]}, write_statistics=False)

    (group,) = opened(corpus, {"time": ColumnKind.TIME})
    assert span(group, "time") is None


def test_files_as_the_hubs_library_writes_them_are_read(corpus: Corpus) -> None:
    options = {"write_page_index": True, "use_content_defined_chunking": True, "data_page_size": 1000}
    corpus.write("data.parquet", {"text": noise(2000, 50)}, row_group_size=1000, **options)
    second = opened(corpus, _TEXT)[1]

    assert [row["text"] for row in read_rows(second, [999, 3])] == [
        noise(2000, 50)[1999],
        noise(2000, 50)[1003],
    ]


def test_files_without_rows_have_no_groups(corpus: Corpus) -> None:
    corpus.write("data.parquet", {"text": pa.array([], pa.string())})

    assert opened(corpus, _TEXT) == []


@pytest.mark.parametrize(
    ("column", "kind", "told"),
    [
        ("missing", ColumnKind.TEXT, "there is no column 'missing'; there are"),
        ("number", ColumnKind.TEXT, "column 'number' has type 'int64', expected a text"),
        ("number", ColumnKind.MESSAGES, "expected a list of messages with role and content"),
        ("half", ColumnKind.MESSAGES, "expected a list of messages with role and content"),
        ("flag", ColumnKind.TIME, "type 'bool', expected a time"),
        ("messages", ColumnKind.KEY, "expected a text or an integer"),
    ],
)
def test_other_columns_are_told(corpus: Corpus, column: str, kind: ColumnKind, told: str) -> None:
    columns = {
        "number": [1],
        "flag": [True],
        "messages": [messages("q", "a")],
        "half": [[{"content": "only"}]],
    }
    corpus.write("data.parquet", columns)

    with pytest.raises(DatasetError, match=r"^'data\.parquet': ") as caught:
        opened(corpus, {column: kind})
    assert told in str(caught.value)


def rewrite(path: Path, change: Any) -> None:
    data = bytearray(path.read_bytes())
    change(data)
    path.write_bytes(data)


def cut_to(size: int) -> Any:
    return lambda data: data.__delitem__(slice(size, None))


def overwrite(start: int, value: bytes) -> Any:
    return lambda data: data.__setitem__(slice(start, (start + len(value)) or None), value)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (cut_to(0), "0 bytes, which is no parquet file"),
        (cut_to(11), "11 bytes, which is no parquet file"),
        (cut_to(200), "does not end as a parquet file does"),
        (overwrite(-8, b"\xff\xff\xff\x7f"), "a footer of 2147483655 bytes, at most"),
        (overwrite(-8, b"\x00\x00\x00\x00"), "not readable as parquet"),
        (overwrite(-100, bytes(90)), "not readable as parquet"),
        (overwrite(-300, b"\xff" * 250), "not readable as parquet"),
    ],
)
def test_a_broken_footer_is_told(corpus: Corpus, change: Any, told: str) -> None:
    rewrite(corpus.write("data.parquet", {"text": ["some text"] * 100}), change)

    with pytest.raises(DatasetError) as caught:
        opened(corpus, _TEXT)
    assert told in str(caught.value)


def test_a_footer_that_aborts_the_library_is_told(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "survives", survives)
    path = corpus.write("data.parquet", {"text": ["a", None]})
    whole = path.read_bytes()
    start = len(whole) - 8 - int.from_bytes(whole[-8:-4], "little")

    def told_with_a_flipped_bit(at: int) -> str:
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        try:
            opened(corpus, _TEXT)
        except DatasetError as error:
            return str(error)
        return ""

    # One of them makes a count differ from another, which ends the process.
    messages = map(told_with_a_flipped_bit, range(start, len(whole) - 8))
    assert any("the library that reads it gives up" in message for message in messages)


def test_broken_pages_are_told(corpus: Corpus) -> None:
    path = corpus.write("data.parquet", {"text": noise(100, 100)}, compression="gzip")
    rewrite(path, overwrite(100, bytes(2000)))

    with pytest.raises(DatasetError, match="not readable as parquet"):
        read_rows(opened(corpus, _TEXT)[0], [0])


def test_pages_with_another_checksum_are_told(corpus: Corpus) -> None:
    path = corpus.write(
        "data.parquet",
        {"text": noise(100, 100)},
        compression="none",
        use_dictionary=False,
        write_page_checksum=True,
    )
    rewrite(path, overwrite(5000, b"X"))

    with pytest.raises(DatasetError, match="not readable as parquet"):
        read_rows(opened(corpus, _TEXT)[0], [0])


def test_text_that_is_no_utf_8_is_told(corpus: Corpus) -> None:
    path = corpus.write("data.parquet", {"text": ["abcdefgh"]}, compression="none", use_dictionary=False)
    path.write_bytes(path.read_bytes().replace(b"abcdefgh", b"\xff\xfecdefgh"))

    with pytest.raises(DatasetError, match="not readable as parquet"):
        read_rows(opened(corpus, _TEXT)[0], [0])


def test_a_group_that_is_too_large_is_told_before_it_is_fetched(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus.write("data.parquet", {"text": noise(100, 100), "more": noise(100, 3000)}, compression="none")
    monkeypatch.setattr(parquet, "GROUP_BYTES", 9_000)
    (group,) = opened(corpus, _TEXT)
    sent = corpus.hub.bytes_sent

    with pytest.raises(DatasetError, match=r"row group 0 of 100 rows has \d+ bytes stored") as caught:
        read_rows(group, [0])
    assert "at most 9000 are read: write it with smaller row groups" in str(caught.value)
    assert corpus.hub.bytes_sent == sent


def test_a_group_that_inflates_too_far_is_told(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus.write("data.parquet", {"text": ["a" * 10_000] * 100}, use_dictionary=False)
    monkeypatch.setattr(parquet, "_INFLATED_BYTES", 900_000)

    with pytest.raises(DatasetError, match=r"\d+ bytes decompressed in the needed columns"):
        read_rows(opened(corpus, _TEXT)[0], [0])


def test_columns_outside_the_file_are_told(corpus: Corpus) -> None:
    path = corpus.write("data.parquet", {"text": noise(1000, 100)}, compression="none")
    footer = pq.read_metadata(path).serialized_size + 8
    rewrite(path, lambda data: data.__delitem__(slice(4, len(data) - footer)))

    with pytest.raises(DatasetError, match="column 'text' of row group 0 lies outside the file"):
        opened(corpus, _TEXT)
