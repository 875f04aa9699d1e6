"""A file on a hub reads only what was fetched, and near parts are fetched together."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium_evaluator.datasets.remote import HeldFile, joined
from tests.podium_evaluator.datasets.corpora import COMMIT, REPOSITORY, Corpus

_DATA = bytes(range(256)) * 4096
_PARTS = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**5)))


@pytest.fixture
def file(corpus: Corpus) -> HeldFile:
    (corpus.folder / "data.parquet").write_bytes(_DATA)
    return HeldFile(corpus.hub, REPOSITORY, COMMIT, "data.parquet", len(_DATA))


def test_reads_inside_the_parts_that_it_holds(file: HeldFile, corpus: Corpus) -> None:
    file.hold([range(1000, 2000), range(900_000, 900_100)])
    file.seek(1500)

    assert file.read(100) == _DATA[1500:1600]
    assert file.tell() == 1600
    file.seek(-len(_DATA) + 900_050, 2)
    assert file.read(50) == _DATA[900_050:900_100]
    assert corpus.hub.bytes_sent == file.fetched == 1100


def test_reading_elsewhere_fetches_nothing(file: HeldFile) -> None:
    file.hold([range(1000, 2000)])
    file.seek(1999)

    with pytest.raises(OSError, match="the footer names nothing"):
        file.read(2)
    file.release()
    file.seek(1000)
    with pytest.raises(OSError, match="the footer names nothing"):
        file.read(1)


def test_nothing_is_fetched_twice(file: HeldFile, corpus: Corpus) -> None:
    file.hold([range(500_000)])
    file.hold([range(500_000), range(1000, 2000), range(5, 5)])

    assert corpus.hub.bytes_sent == 500_000


def test_the_end_of_the_file_is_the_end(file: HeldFile) -> None:
    file.hold([range(len(_DATA) - 10, len(_DATA))])
    file.seek(-10, 2)

    assert file.read() == _DATA[-10:]
    assert file.read(5) == b""


@given(_PARTS)
def test_joined_parts_cover_all_and_little_more(parts: list[tuple[int, int]]) -> None:
    ranges = [range(start, start + length) for start, length in parts]
    found = joined(ranges)

    assert all(any(one.start <= part.start and part.stop <= one.stop for one in found) for part in ranges)
    assert all(before.stop + 64 * 1024 < after.start for before, after in itertools.pairwise(found))
    assert sum(map(len, found)) <= sum(map(len, ranges)) + 64 * 1024 * max(0, len(ranges) - len(found))
