"""Words to be sorted alphabetically: endless fresh samples from a packaged list, no network."""

from __future__ import annotations

from importlib import resources

from podium_evaluator.contract import Method, Reason, Task, WordSortingDataset
from podium_evaluator.datasets.base import Drawn, ReferenceSample, generator
from podium_evaluator.errors import organizer

__all__ = ["draw_word_sorting", "words"]


def words() -> tuple[str, ...]:
    """The packaged words: common, lower-case, distinct, in alphabetical order."""
    text = resources.files("podium_evaluator.datasets").joinpath("words.txt").read_text(encoding="ascii")
    return tuple(text.split())


def draw_word_sorting(task: Task, dataset: WordSortingDataset, seed: str) -> Drawn:
    """Lists of distinct words, each with its sorted self as the reference.

    Raises:
        Failure: `DATASET_INVALID` when the bounds are crossed or the method is another.
    """
    if task.method is not Method.REFERENCE_LOSS:
        raise organizer(Reason.DATASET_INVALID, f"task {task.name}: WordSorting serves ReferenceLoss only")
    if dataset.minimum_words > dataset.maximum_words:
        raise organizer(Reason.DATASET_INVALID, f"task {task.name}: minimumWords exceeds maximumWords")
    source, vocabulary = generator(seed, task.name), words()
    samples: list[ReferenceSample] = []
    for index in range(dataset.samples):
        chosen = source.sample(vocabulary, source.randint(dataset.minimum_words, dataset.maximum_words))
        prompt = f"Sort the following words alphabetically: {' '.join(chosen)}."
        samples.append(ReferenceSample(f"{index:05d}", prompt, " ".join(sorted(chosen))))
    return Drawn(tuple(samples))
