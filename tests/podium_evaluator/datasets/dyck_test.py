"""Correct bracket sequences without their end, which is the reference."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium_evaluator.contract import DyckDataset, Fault, Method, Reason, Task
from podium_evaluator.datasets.base import Drawn, ReferenceSample
from podium_evaluator.datasets.draw import draw
from podium_evaluator.datasets.dyck import brackets
from podium_evaluator.errors import Failure
from podium_evaluator.hub.client import Hub
from tests.podium_evaluator.datasets.corpora import ANY_TIME, anything
from tests.podium_evaluator.tiny import SEED

_PARTNERS = {">": "<", "]": "[", "}": "{", ")": "("}


def is_correct(text: str) -> bool:
    waiting: list[str] = []
    for bracket in text:
        if bracket not in _PARTNERS:
            waiting.append(bracket)
        elif not waiting or waiting.pop() != _PARTNERS[bracket]:
            return False
    return not waiting


def drawn(seed: str = SEED, **changes: Any) -> Drawn:
    dataset = DyckDataset.model_validate({"samples": 100, **changes})
    task = Task(name="dyck", method=Method.REFERENCE_LOSS, dataset=dataset)
    return draw(task, seed, Hub(None), ANY_TIME, anything)


@given(st.integers(1, 100), st.integers(1, 3), st.integers(0, 2**32))
def test_sequences_are_correct_and_end_with_closing_brackets(pairs: int, closing: int, seed: int) -> None:
    closing = min(pairs, closing)
    text = brackets(pairs, closing, random.Random(seed))  # noqa: S311 - repeatable by intent

    assert len(text) == 2 * pairs
    assert is_correct(text)
    assert set(text[-closing:]) <= set(_PARTNERS)


def test_prompt_and_reference_are_one_correct_sequence() -> None:
    pairs, lengths = set(), set()
    for sample in drawn(samples=400).samples:
        assert isinstance(sample, ReferenceSample)
        shown = sample.prompt.rpartition("Sequence: ")[2].split(" ")
        missing = sample.reference.split(" ")
        assert is_correct("".join(shown + missing))
        assert set(missing) <= set(_PARTNERS)
        pairs.add(len(shown + missing) // 2)
        lengths.add(len(missing))
    assert pairs == set(range(2, 21))
    assert lengths == {1, 2, 3}


def test_the_seed_decides_and_samples_are_numbered() -> None:
    assert drawn() == drawn()
    assert drawn() != drawn("00" * 32)
    assert [sample.id for sample in drawn(samples=3).samples] == ["00000", "00001", "00002"]
    assert drawn(samples=3).samples == drawn().samples[:3]


def test_two_pairs_may_be_all_there_are() -> None:
    for sample in drawn(minimum_pairs=2, maximum_pairs=2).samples:
        assert isinstance(sample, ReferenceSample)
        assert len(sample.reference.split(" ")) <= 2


def test_crossed_bounds_are_told() -> None:
    with pytest.raises(Failure, match="minimumPairs exceeds maximumPairs") as caught:
        drawn(minimum_pairs=9, maximum_pairs=8)
    assert (caught.value.fault, caught.value.reason) == (Fault.ORGANIZER, Reason.DATASET_INVALID)
