"""Globs that choose files of a repository."""

import pytest

from podium_evaluator.datasets.remote import matches


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("**/*.parquet", ["a.parquet", "x/a.parquet", "x/y/a.parquet"], ["a.parquet.txt", "a.csv"]),
        ("data/*.parquet", ["data/a.parquet"], ["data/x/a.parquet", "a.parquet"]),
        ("data/train-?.parquet", ["data/train-1.parquet"], ["data/train-10.parquet", "data/train-/.parquet"]),
        ("data/**", ["data/a", "data/x/a"], ["other/a"]),
        ("a+(b).parquet", ["a+(b).parquet"], ["aab.parquet"]),
    ],
)
def test_stars_stay_in_a_folder_unless_doubled(pattern: str, matching: list[str], others: list[str]) -> None:
    assert [path for path in [*matching, *others] if matches(path, pattern)] == matching
