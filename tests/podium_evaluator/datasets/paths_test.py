"""Globs that choose files of a repository, and the ids of rows."""

import pytest

from podium_evaluator.datasets.base import DatasetError
from podium_evaluator.datasets.paths import chosen, matches, row_id


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("**/*.parquet", ["a.parquet", "x/a.parquet", "x/y/a.parquet"], ["a.parquet.txt", "a.csv"]),
        ("data/*.parquet", ["data/a.parquet"], ["data/x/a.parquet", "a.parquet"]),
        ("data/train-?.parquet", ["data/train-1.parquet"], ["data/train-10.parquet", "data/train-/.parquet"]),
        ("data/**", ["data/a", "data/x/a"], ["other/a"]),
        ("data/**.parquet", ["data/a.parquet", "data/x/a.parquet"], ["a.parquet"]),
        ("**/c/**", ["c/a", "a/b/c/d/e"], ["c", "ac/d"]),
        ("a+(b).parquet", ["a+(b).parquet"], ["aab.parquet"]),
        ("data/train-[0-9]*", ["data/train-07.parquet"], ["data/train-x.parquet", "data/train-0/a"]),
        ("[!a]", ["b"], ["a", "/", ""]),
        ("x/[a", ["x/[a"], ["x/a"]),
    ],
)
def test_stars_stay_in_a_folder_unless_doubled(pattern: str, matching: list[str], others: list[str]) -> None:
    assert [path for path in [*matching, *others] if matches(path, pattern)] == matching


@pytest.mark.parametrize(
    ("path", "pattern"), [("a/" * 60 + "x", "**/" * 40 + "y"), ("a" * 250, "*a" * 80 + "b")]
)
def test_a_glob_of_many_stars_is_no_trap(path: str, pattern: str) -> None:
    assert not matches(path, pattern)


def test_a_glob_that_matches_nothing_is_told() -> None:
    assert chosen(["a", "b"], "?") == ["a", "b"]
    with pytest.raises(DatasetError, match="none of 2 parquet files matches 'c'"):
        chosen(["a", "b"], "c")


def test_an_id_is_a_path_and_a_row_of_at_most_128_characters() -> None:
    long = "folder/" * 20 + "train.parquet"

    assert row_id("data/train.parquet", 17) == "data/train.parquet#17"
    assert row_id("x" * 126, 1) == "x" * 126 + "#1"
    assert len(row_id("x" * 127, 1)) == 128
    assert len(row_id(long, 123_456)) == 128
    assert row_id(long, 1).endswith("/folder/train.parquet#1")
    assert row_id(long, 1).split("~")[0] == row_id(long, 2).split("~")[0]
    assert row_id("a" + long, 1) != row_id("b" + long, 1)
