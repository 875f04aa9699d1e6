"""Word sorting draws the same lists from the same seed, and its references are sorted."""

from typing import Any

import pytest

from podium_evaluator.contract import Fault, Method, Reason, Task, WordSortingDataset
from podium_evaluator.datasets.base import Drawn, ReferenceSample, Sample
from podium_evaluator.datasets.draw import draw as draw_task
from podium_evaluator.datasets.word_sorting import words
from podium_evaluator.errors import Failure
from podium_evaluator.hub.client import Hub
from tests.podium_evaluator.datasets.corpora import ANY_TIME, anything
from tests.podium_evaluator.tiny import SEED


def draw(
    seed: str = SEED, name: str = "sort", method: Method = Method.REFERENCE_LOSS, **changes: Any
) -> Drawn:
    dataset = WordSortingDataset.model_validate({"samples": 50, **changes})
    task = Task(name=name, method=method, dataset=dataset)
    return draw_task(task, seed, Hub(None), ANY_TIME, anything)


def test_the_packaged_list_is_large_sorted_and_plain() -> None:
    assert len(words()) >= 850
    assert list(words()) == sorted(set(words()))
    assert all(word.isascii() and word.isalpha() and word.islower() and len(word) >= 3 for word in words())


def test_each_sample_is_a_prompt_with_distinct_words_and_the_same_words_sorted() -> None:
    drawn = draw(minimum_words=2, maximum_words=20)

    assert [sample.id for sample in drawn.samples] == [f"{index:05d}" for index in range(50)]
    for sample in drawn.samples:
        assert isinstance(sample, ReferenceSample)
        assert sample.prompt.startswith("Sort the following words alphabetically: ")
        listed = sample.prompt.removeprefix("Sort the following words alphabetically: ").rstrip(".").split()
        assert sample.reference.split() == sorted(set(listed))
        assert len(listed) == len(set(listed))
        assert 2 <= len(listed) <= 20


def test_the_seed_and_the_tasks_name_decide_and_nothing_else() -> None:
    assert draw() == draw()
    assert draw() != draw(seed="00" * 32)
    assert draw() != draw(name="sort-again")
    assert draw().samples[:10] == draw(samples=10).samples


def test_a_known_seed_gives_known_words() -> None:
    """Scores of a round are only comparable while this does not change."""
    first = draw(minimum_words=4, maximum_words=4).samples[0]

    assert isinstance(first, ReferenceSample)
    assert first.reference == "bedroom cough culture express"


@pytest.mark.parametrize(
    "changes",
    [
        {"minimum_words": 5, "maximum_words": 4},
        {"method": Method.TEXT_LOSS},
        {"method": Method.MULTIPLE_CHOICE},
    ],
)
def test_what_makes_no_sense_is_the_organisers_fault(changes: dict[str, Any]) -> None:
    with pytest.raises(Failure) as caught:
        draw(**changes)

    assert (caught.value.fault, caught.value.reason) == (Fault.ORGANIZER, Reason.DATASET_INVALID)


def test_lists_that_do_not_fit_are_replaced_by_the_next() -> None:
    dataset = WordSortingDataset(samples=10)
    task = Task(name="sort", method=Method.REFERENCE_LOSS, dataset=dataset)

    def short(sample: Sample) -> bool:
        return isinstance(sample, ReferenceSample) and len(sample.reference) < 80

    drawn = draw_task(task, SEED, Hub(None), ANY_TIME, short)

    assert len(drawn.samples) == 10
    assert drawn.dropped > 0
    assert set(drawn.samples) <= set(draw().samples)
