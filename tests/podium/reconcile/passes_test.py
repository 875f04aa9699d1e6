"""Whole rounds through passes, manifests and stored objects, with calls lost and the operator restarted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from podium.cluster.resources import COMPETITIONS, JOBS, ROUNDS, SUBMISSIONS, WEIGHT_UPDATES
from podium.core.faults import Failure, Fault
from podium.core.jobs import Ending, Job, Purpose
from podium.core.kinds import PreparedTask, Samples, TaskScore
from tests.podium.api.cases.case import valid
from tests.podium.api.objects import BOB
from tests.podium.reconcile.plants import GENESIS, GPU, Plant, digest

LAST = 22
"""The round of block 0 is over, and the epochs of blocks 10 and 20 are paid."""


_ROWS = {"samples": 9, "repository": "organiser/rows", "revision": "main"}
_UNAVAILABLE = {
    "spec/rounds": {
        "everyBlocks": 10,
        "deadlineBlocks": 9,
        "historyLimit": 1,
        "maxContenders": 8,
        "whenTaskUnavailable": "Renormalize",
    },
    "spec/taskSchedule/0/tasks": [
        {**valid("Round")["spec"]["tasks"][0], "weight": "0.25"},
        {"name": "texts", "weight": "0.75", "method": "TextLoss", "dataset": {"fineWeb": _ROWS}},
    ],
}


def _unavailable(job: Job) -> Ending | None:
    """The first round has no samples, the others lack a task, and alice has no score in what is left."""
    failure = Failure(Fault.ORGANIZER, "TooFewSamples", "9 of 50", retriable=False, time=GENESIS)
    match job.purpose:
        case Purpose.PREPARE if job.round_uid == "uid-small-0":
            return Ending(failure)
        case Purpose.PREPARE if job.attempt == 1:
            return Ending(replace(failure, fault=Fault.INFRASTRUCTURE, reason="HubUnavailable"))
        case Purpose.PREPARE:
            drawn = PreparedTask("word-sorting", 100, 0, None, digest("task"))
            left_out = PreparedTask("texts", 0, 9, None, None, "DatasetInvalid", "organiser/rows is gone")
            return Ending(samples=Samples(digest("samples"), (drawn, left_out)))
        case Purpose.EVALUATE if job.subject_uid == "uid-alice":
            score = TaskScore("word-sorting", None, "NonFiniteScore", "not finite")
            return Ending(
                task_scores=(score,), evidence="line", evidence_digest=digest("line"), environment=GPU
            )
        case _:
            return None


def _all_well() -> Plant:
    return Plant()


def _without_a_task() -> Plant:
    return Plant(told=_unavailable, competition=_UNAVAILABLE)


STORIES: dict[str, Callable[[], Plant]] = {"all is well": _all_well, "without a task": _without_a_task}
every_story = pytest.mark.parametrize("story", STORIES.values(), ids=STORIES.keys())


async def _uninterrupted(story: Callable[[], Plant] = _all_well) -> Plant:
    plant = story()
    await plant.run_to(LAST)
    return plant


async def test_a_round_is_evaluated_and_paid() -> None:
    plant = await _uninterrupted()
    (round_,) = plant.all(ROUNDS)
    assert round_["status"]["phase"] == "Completed"
    assert [line["submission"] for line in round_["status"]["ranking"]] == ["bob", "alice"]
    assert [raw["status"]["phase"] for raw in plant.all(SUBMISSIONS)] == ["Ranked", "Ranked"]
    updates = plant.all(WEIGHT_UPDATES)
    assert {raw["spec"]["weights"][0]["hotkey"] for raw in updates} == {BOB}
    assert {raw["status"]["phase"] for raw in updates} == {"Verified"}
    assert plant.all(JOBS) == []


async def test_a_round_is_postponed_and_the_next_one_does_without_a_task() -> None:
    plant = await _uninterrupted(_without_a_task)
    round_, following = plant.all(ROUNDS)
    assert round_["metadata"]["name"] == "small-10", "the one before was swept"
    assert (following["spec"]["postponements"], following["spec"]["taskPostponements"]) == (0, 0)
    assert round_["status"]["phase"] == "Completed"
    assert [line["submission"] for line in round_["status"]["ranking"]] == ["bob", "alice"]
    assert round_["status"]["results"][0]["score"] == "1.0"
    (competition,) = plant.all(COMPETITIONS)
    found = {one["type"]: (one["status"], one["reason"]) for one in competition["status"]["conditions"]}
    assert found["TasksAvailable"] == ("False", "Renormalized")
    assert found["Ready"] == ("True", "Ready")


@every_story
async def test_an_unchanged_world_is_not_written_to(story: Callable[[], Plant]) -> None:
    plant = await _uninterrupted(story)
    await plant.work()
    before = len(plant.client.calls)
    await plant.work()
    plant.start()
    await plant.work()
    assert plant.client.calls[before:] == []


@every_story
async def test_a_restart_at_every_step_changes_nothing(story: Callable[[], Plant]) -> None:
    plant = story()
    while plant.now < GENESIS + timedelta(seconds=12 * LAST):
        plant.start()
        await plant.run_to(int((plant.now - GENESIS).total_seconds()) // 12 + 1)
    assert plant.outcome() == (await _uninterrupted(story)).outcome()


@every_story
@pytest.mark.parametrize("first", [1, 2])
async def test_any_call_or_its_answer_may_be_lost(first: int, story: Callable[[], Plant]) -> None:
    expected = await _uninterrupted(story)
    for number in range(first, len(expected.client.calls) + 1, 2):
        plant = story()
        # Which of the two is lost alternates, so that both happen to every kind of call.
        plant.client.lost_at, plant.client.reaches = number, number % 4 < 2
        with capture_logs():
            await plant.run_to(LAST)
        assert plant.outcome() == expected.outcome(), expected.client.calls[number - 1]
