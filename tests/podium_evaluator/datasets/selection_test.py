"""The first candidates that fit are samples, one a problem; the others are counted."""

from collections.abc import Iterator

import pytest

from podium_evaluator.contract import Fault, Reason, Task
from podium_evaluator.datasets.base import Drawn, Sample, TextSample
from podium_evaluator.datasets.selection import Candidate, Drop, candidate_limit, place, select
from podium_evaluator.errors import Failure
from tests.podium_evaluator.datasets.corpora import anything

_DYCK = {"kind": "Dyck"}


def task(samples: int, fewest: int | None = None, dataset: dict[str, str] = _DYCK) -> Task:
    return Task.model_validate(
        {
            "name": "task",
            "method": "ReferenceLoss",
            "dataset": {**dataset, "samples": samples, "minimum_samples": fewest},
        }
    )


def candidate(number: int, problem: str | None = None) -> Candidate:
    return Candidate(TextSample(str(number), "x" * number), problem)


def chosen(drawn: Drawn) -> list[str]:
    return [sample.id for sample in drawn.samples]


def short(sample: Sample) -> bool:
    return isinstance(sample, TextSample) and len(sample.text) < 5


def test_no_candidate_after_the_last_sample_is_looked_at() -> None:
    def endless() -> Iterator[Candidate]:
        yield from map(candidate, range(3))
        raise AssertionError("read too far")

    assert chosen(select(task(3), endless(), anything)) == ["0", "1", "2"]


def test_what_does_not_fit_is_replaced_by_the_next() -> None:
    drawn = select(task(3), map(candidate, (9, 1, 8, 2, 3)), short, "c" * 40)

    assert chosen(drawn) == ["1", "2", "3"]
    assert (drawn.dropped, drawn.revision) == (2, "c" * 40)


def test_a_problem_is_used_once_and_by_its_first_row_that_fits() -> None:
    rows = [candidate(9, "a"), candidate(1, "a"), candidate(2, "a"), candidate(3), candidate(4, "b")]

    drawn = select(task(5, fewest=1), rows, short)

    assert (chosen(drawn), drawn.dropped) == (["1", "3", "4"], 2)


def test_fewer_than_wanted_are_enough_down_to_the_minimum() -> None:
    assert len(select(task(10), map(candidate, range(5)), anything).samples) == 5
    with pytest.raises(Failure):
        select(task(10), map(candidate, range(4)), anything)
    assert len(select(task(10, fewest=1), map(candidate, range(1)), anything).samples) == 1


def test_too_few_are_told_with_counts_and_reasons() -> None:
    rows = [
        *map(candidate, (1, 2, 7)),
        Drop.MALFORMED,
        Drop.OTHER_KIND,
        Drop.OTHER_KIND,
        candidate(1, "a"),
        candidate(1, "a"),
    ]
    where = {"kind": "HuggingFace", "repository": "org/data", "revision": "main"}

    with pytest.raises(Failure) as caught:
        select(task(100, dataset=where), rows, short)

    assert (caught.value.fault, caught.value.reason) == (Fault.ORGANIZER, Reason.TOO_FEW_SAMPLES)
    assert caught.value.message == (
        "task task: 3 of 100 samples found in 'org/data', at least 50 are needed; of 8 rows looked at"
        " 5 dropped: 1 incomplete or malformed, 1 of a problem that is drawn already,"
        " 2 of another kind of task, 1 too long"
    )


def test_without_any_candidate_none_was_dropped() -> None:
    with pytest.raises(Failure, match=r"0 of 10 samples found in Dyck, .* 0 rows looked at none dropped"):
        select(task(10), [], anything)


def test_places_are_repositories_or_kinds() -> None:
    assert place(task(1)) == "Dyck"


def test_the_number_of_rows_that_are_looked_at_grows_with_the_samples() -> None:
    assert candidate_limit(1) == 64 + 1024
    assert candidate_limit(120) == 64 * 120 + 1024
