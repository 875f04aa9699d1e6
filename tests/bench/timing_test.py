"""Sides are timed in turns, and a peer that has a part of the samples is scaled to the whole."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.bench import timing
from tests.bench.agreement import Disagreement
from tests.bench.timing import Comparison, measure


def comparison(log: list[str], clock: list[float], *, broken: bool = False) -> Comparison[int, int, int]:
    def side(name: str, seconds: float) -> timing.Side[int, int]:
        def run(samples: Sequence[int]) -> Sequence[int]:
            log.append(f"{name} {len(samples)}")
            clock[0] += seconds
            return list(samples)

        return run

    def agree(samples: Sequence[int], ours: Sequence[int], peer: Sequence[int]) -> str:
        if broken:
            raise Disagreement
        assert list(samples) == list(ours) == list(peer) == [0, 5]
        return "equal"

    return Comparison("sleeping", range(10), [0, 5], 0.2, side("ours", 2.0), side("peer", 3.0), agree)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr("tests.bench.timing.time.perf_counter", lambda: now[0])
    monkeypatch.setattr("tests.bench.timing.gc.collect", lambda: 0)
    return now


def test_the_ratio_is_of_the_best_rounds_and_of_the_whole_work(clock: list[float]) -> None:
    log: list[str] = []

    found = measure(comparison(log, clock), 2, lambda _: None)

    assert log == ["ours 2", "peer 2", *["ours 10", "peer 2"] * 2]
    assert (found.ours, found.peer, found.ratio) == ((2.0, 2.0), (15.0, 15.0), 7.5)


@pytest.mark.parametrize(
    ("paces", "rounds"),
    [
        ([1.0] * 9, 3),
        ([1.0, 2.0, 2.0, 1.05, 9.0], 4),
        ([3.0, 2.0, 1.0, 2.0, 3.0, 1.0], 6),
        ([2.0**-n for n in range(12)], 9),
    ],
)
def test_rounds_go_on_until_the_best_has_come_twice(
    clock: list[float], paces: list[float], rounds: int
) -> None:
    log: list[str] = []
    calm = comparison(log, clock)
    pace = iter(paces)

    def ours(samples: Sequence[int]) -> Sequence[int]:
        if len(samples) > 2:
            clock[0] += next(pace)
        return list(samples)

    found = measure(replace(calm, ours=ours), 3, lambda _: None)

    assert len(found.ours) == len(found.peer) == rounds


def test_nothing_is_measured_further_where_results_disagree(clock: list[float]) -> None:
    log: list[str] = []

    with pytest.raises(Disagreement):
        measure(comparison(log, clock, broken=True), 3, lambda _: None)
    assert log == ["ours 2", "peer 2", "ours 10", "peer 2"]
