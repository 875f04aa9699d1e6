"""A bounded number of row groups is drawn, with equal shares for each stratum."""

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from podium_evaluator.datasets import shards
from podium_evaluator.datasets.shards import Period, draw_groups

_MIB = 1024 * 1024


@dataclass(frozen=True)
class FakeFile:
    path: str
    fetched: int


@dataclass(frozen=True)
class FakeShard:
    file: FakeFile


@dataclass(frozen=True)
class FakeGroup:
    shard: FakeShard
    index: int
    bytes: int
    span: tuple[float, float] | None


@dataclass
class Files:
    """Files that are made up: how many groups each has, and their times."""

    groups: int = 4
    group_bytes: int = 1000
    footer_bytes: int = 1000
    spans: Mapping[str, tuple[float, float] | None] = field(default_factory=dict)
    opened: list[str] = field(default_factory=list)

    def open(self, path: str) -> Any:
        self.opened.append(path)
        return FakeShard(FakeFile(path, self.footer_bytes))

    def of(self, shard: FakeShard) -> list[FakeGroup]:
        when = self.spans.get(shard.file.path)
        return [FakeGroup(shard, index, self.group_bytes, when) for index in range(self.groups)]


def draw(
    monkeypatch: pytest.MonkeyPatch,
    strata: list[list[str]],
    drawn: int = 1,
    files: Files | None = None,
    period: Period | None = None,
    seed: int = 0,
) -> list[tuple[str, int]]:
    files = files or Files()
    monkeypatch.setattr(shards, "groups", files.of)
    monkeypatch.setattr(shards, "span", lambda group, _: group.span)
    source = random.Random(seed)  # noqa: S311 - repeatable by intent
    found: list[Any] = draw_groups(strata, drawn, files.open, period, source)
    return [(group.shard.file.path, group.index) for group in found]


def paths(name: str, count: int) -> list[str]:
    return [f"{name}/{number}" for number in range(count)]


def test_of_many_files_sixteen_are_opened_and_sixteen_groups_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    files = Files(groups=100)

    found = draw(monkeypatch, [paths("data", 50)], files=files)

    assert len(set(files.opened)) == len(files.opened) == 16
    assert len(set(found)) == len(found) == 16
    assert {path for path, _ in found} <= set(files.opened)


def test_all_groups_of_a_small_repository_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    found = draw(monkeypatch, [paths("data", 2)], files=Files(groups=3))

    assert sorted(found) == [(path, index) for path in ("data/0", "data/1") for index in range(3)]


def test_the_seed_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    strata = [paths("data", 50)]

    assert draw(monkeypatch, strata) == draw(monkeypatch, strata)
    assert draw(monkeypatch, strata) != draw(monkeypatch, strata, seed=1)


def test_every_group_is_drawn_by_some_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    strata = [paths("data", 20)]
    found = Counter(one for seed in range(200) for one in draw(monkeypatch, strata, seed=seed))

    assert len(found) == 20 * 4
    assert all(10 < count < 80 for count in found.values()), "about 40 each"


def test_strata_that_are_drawn_have_equal_shares_whatever_their_size(monkeypatch: pytest.MonkeyPatch) -> None:
    strata = [paths("small", 4), paths("large", 400), paths("other", 40), paths("last", 40)]

    for seed in range(10):
        found = draw(monkeypatch, strata, drawn=2, seed=seed)
        shares = Counter(path.partition("/")[0] for path, _ in found)
        assert sorted(shares.values()) == [8, 8]
        assert [path.partition("/")[0] for path, _ in found[:2]] == [*shares][:2], "they take turns"


def test_each_of_many_strata_has_a_group(monkeypatch: pytest.MonkeyPatch) -> None:
    strata = [paths(f"config-{number}", 3) for number in range(60)]

    found = draw(monkeypatch, strata, drawn=40)

    assert len({path.partition("/")[0] for path, _ in found}) == len(found) == 40


def test_groups_have_a_bounded_number_of_bytes_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    strata = [paths("data", 50)]

    assert len(draw(monkeypatch, strata, files=Files(group_bytes=20 * _MIB))) == 6
    assert len(draw(monkeypatch, strata, files=Files(group_bytes=200 * _MIB))) == 1


def test_no_more_files_are_opened_when_footers_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    files = Files(footer_bytes=6 * _MIB)

    draw(monkeypatch, [paths("data", 50)], files=files)

    assert len(files.opened) == 3


def test_nothing_is_drawn_from_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert draw(monkeypatch, []) == []
    assert draw(monkeypatch, [[]]) == []
    assert draw(monkeypatch, [paths("data", 3)], files=Files(groups=0)) == []


def test_of_a_period_only_groups_that_meet_it_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    spans = {
        "data/0": (0.0, 100.0),
        "data/1": (50.0, 100.5),
        "data/2": (200.0, 300.0),
        "data/3": (200.5, 300.0),
        "data/4": None,
    }
    found = draw(monkeypatch, [paths("data", 5)], files=Files(spans=spans), period=Period("time", 100, 200))

    assert {path for path, _ in found} == {"data/1", "data/2", "data/4"}
    assert len(found) == 12


def test_of_a_period_strata_are_drawn_among_those_that_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    strata = [[f"day-{number}/0"] for number in range(40)]
    spans = {f"day-{number}/0": (number * 10.0, number * 10.0 + 9) for number in range(40)}
    files = Files(spans=spans)

    found = draw(monkeypatch, strata, drawn=3, files=files, period=Period("time", 349, 1000))

    days = {path for path, _ in found}
    assert len(days) == 3
    assert days <= {f"day-{number}/0" for number in range(35, 40)}


def test_of_a_period_a_bounded_number_of_footers_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    names = paths("data", 500)
    files = Files(spans=dict.fromkeys(names, (0.0, 1.0)))

    assert draw(monkeypatch, [names], files=files, period=Period("time", 100, 200)) == []
    assert len(files.opened) == 64


@pytest.mark.parametrize(
    ("time", "inside"), [(100.0, False), (100.1, True), (200.0, True), (200.1, False), (None, False)]
)
def test_a_period_is_open_at_its_start_and_closed_at_its_end(time: float | None, inside: bool) -> None:  # noqa: FBT001
    assert Period("time", 100, 200).contains(time) is inside
