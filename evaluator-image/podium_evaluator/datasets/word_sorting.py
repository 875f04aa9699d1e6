"""Words to be sorted alphabetically: endless fresh samples from a packaged list, no network."""

from __future__ import annotations

import random
from collections.abc import Iterator
from importlib import resources

from podium_evaluator.contract import WordSortingDataset
from podium_evaluator.datasets.base import DatasetError, ReferenceSample
from podium_evaluator.datasets.selection import Candidate

__all__ = ["word_sorting", "words"]


def words() -> tuple[str, ...]:
    """The packaged words: common, lower-case, distinct, in alphabetical order."""
    text = resources.files("podium_evaluator.datasets").joinpath("words.txt").read_text(encoding="ascii")
    return tuple(text.split())


def word_sorting(dataset: WordSortingDataset, source: random.Random) -> Iterator[Candidate]:
    """Lists of distinct words, each with its sorted self as the reference.

    Raises:
        DatasetError: The bounds are crossed.
    """
    if dataset.minimum_words > dataset.maximum_words:
        raise DatasetError("minimumWords exceeds maximumWords")
    return _candidates(dataset, source)


def _candidates(dataset: WordSortingDataset, source: random.Random) -> Iterator[Candidate]:
    vocabulary, number = words(), 0
    while True:
        chosen = source.sample(vocabulary, source.randint(dataset.minimum_words, dataset.maximum_words))
        prompt = f"Sort the following words alphabetically: {' '.join(chosen)}."
        yield Candidate(ReferenceSample(f"{number:05d}", prompt, " ".join(sorted(chosen))))
        number += 1
