"""Which dataset serves a task."""

from __future__ import annotations

from podium_evaluator.contract import Task, WordSortingDataset
from podium_evaluator.datasets.base import Drawn
from podium_evaluator.datasets.word_sorting import draw_word_sorting
from podium_evaluator.hub.client import Hub

__all__ = ["draw"]


def draw(task: Task, seed: str, hub: Hub) -> Drawn:
    """The samples of one task.

    Raises:
        Failure: `DATASET_UNAVAILABLE` or `DATASET_INVALID`.
    """
    if isinstance(task.dataset, WordSortingDataset):
        return draw_word_sorting(task, task.dataset, seed)
    # pyarrow takes a second to import and only this dataset needs it.
    from podium_evaluator.datasets.hugging_face import draw_hugging_face  # noqa: PLC0415

    return draw_hugging_face(task, task.dataset, seed, hub)
