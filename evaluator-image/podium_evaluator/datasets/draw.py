"""The samples of one task, whatever they are drawn from."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Final

from podium_evaluator.contract import (
    HuggingFaceDataset,
    InstructionFollowingDataset,
    Method,
    PromptResponseDataset,
    Reason,
    RepositoryDataset,
    SyntheticMmluDataset,
    Task,
    Window,
)
from podium_evaluator.datasets.base import DatasetError, Drawn, generator
from podium_evaluator.datasets.dyck import dyck
from podium_evaluator.datasets.selection import Fits, candidate_limit, place, select
from podium_evaluator.datasets.word_sorting import word_sorting
from podium_evaluator.errors import Failure, infrastructure, organizer
from podium_evaluator.hub.client import Hub
from podium_evaluator.hub.problems import HubError, HubProblem

__all__ = ["draw"]

_SERVES: Final[Mapping[str, tuple[Method, ...]]] = {
    "WordSorting": (Method.REFERENCE_LOSS,),
    "Dyck": (Method.REFERENCE_LOSS,),
    "Synthetic1Sft": (Method.REFERENCE_LOSS,),
    "CodeforcesCots": (Method.REFERENCE_LOSS,),
    "SyntheticMmlu": (Method.MULTIPLE_CHOICE,),
    "InstructionFollowing": (Method.INSTRUCTION_FOLLOWING,),
    "FineWeb": (Method.TEXT_LOSS,),
    "PromptResponse": (Method.REFERENCE_LOSS,),
    "HuggingFace": (Method.MULTIPLE_CHOICE, Method.REFERENCE_LOSS, Method.TEXT_LOSS),
}


def draw(task: Task, seed: str, hub: Hub, window: Window, fits: Fits) -> Drawn:
    """The samples of one task: the first candidates that are samples and fit.

    The order of the candidates depends on seed, the task's name and the resolved commit alone, so that an
    attempt after a failure draws the same.

    Args:
        task: What is drawn.
        seed: Of the round.
        hub: Where repositories are.
        window: The times of the round.
        fits: Whether a sample is short enough.

    Raises:
        Failure: `DATASET_UNAVAILABLE` while the hub does not answer; of the organiser `DATASET_INVALID`
            when repository, revision, files, columns or types are not what the dataset expects,
            `TOO_FEW_SAMPLES`, and `REQUEST_INVALID` when rows must be newer than commitments whose time
            is not known.
    """
    _check(task, window)
    try:
        return _draw(task, seed, hub, window, fits)
    except DatasetError as error:
        raise _invalid(task, str(error)) from error
    except HubError as error:
        # A file that was listed a moment ago is missing by the hub's doing.
        if error.problem in {HubProblem.UNAVAILABLE, HubProblem.ENTRY}:
            raise infrastructure(Reason.DATASET_UNAVAILABLE, _none(task, str(error))) from error
        raise _invalid(task, str(error)) from error


def _draw(task: Task, seed: str, hub: Hub, window: Window, fits: Fits) -> Drawn:
    dataset = task.dataset
    if not isinstance(dataset, RepositoryDataset):
        source = generator(seed, task.name)
        made = word_sorting(dataset, source) if dataset.kind == "WordSorting" else dyck(dataset, source)
        return select(task, itertools.islice(made, candidate_limit(dataset.samples)), fits)
    # Importing pyarrow takes a second and only repositories need it.
    from podium_evaluator.datasets.corpus import open_corpus  # noqa: PLC0415
    from podium_evaluator.datasets.table import candidates  # noqa: PLC0415

    corpus = open_corpus(task, dataset, seed, hub, window)
    return select(task, candidates(corpus), fits, corpus.commit)


def _check(task: Task, window: Window) -> None:
    serves = _SERVES[task.dataset.kind]
    if task.method not in serves:
        raise _invalid(task, f"{task.dataset.kind} serves {', '.join(serves)}, not {task.method}")
    if task.freshness == "None":
        return
    if not _has_time(task):
        raise _invalid(
            task,
            f"freshness NewerThanCommits needs rows with a time, which {task.dataset.kind} has not here:"
            " SyntheticMmlu and InstructionFollowing do, PromptResponse and HuggingFace with a timeColumn",
        )
    if window.after is None or window.until is None:
        raise organizer(
            Reason.REQUEST_INVALID,
            _none(task, "freshness NewerThanCommits needs the times of the last commitment and of the round"),
        )


def _has_time(task: Task) -> bool:
    match task.dataset:
        case SyntheticMmluDataset() | InstructionFollowingDataset():
            return True
        case PromptResponseDataset(time_column=column) | HuggingFaceDataset(time_column=column):
            return column is not None
        case _:
            return False


def _invalid(task: Task, message: str) -> Failure:
    return organizer(Reason.DATASET_INVALID, _none(task, message))


def _none(task: Task, message: str) -> str:
    return f"task {task.name}: 0 of {task.dataset.samples} samples drawn from {place(task)}: {message}"
