"""A dataset that is gone: rounds are postponed and say so, or the organiser has them run without it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.e2e.conftest import NewContest
from tests.e2e.contest import Contest, condition, is_over, phase_of
from tests.e2e.installation import Raw
from tests.e2e.models import DATASET

pytestmark = pytest.mark.e2e

_GONE = "organisers/gone"


@dataclass(frozen=True)
class Story:
    """A competition whose dataset went, came back, and went again with leave to do without.

    Attributes:
        postponed: Three rounds in a row.
        not_ready: The Competition after them.
        completed: The round after the dataset was back.
        ready: The Competition after it.
        renormalized: The last round.
    """

    postponed: list[Raw]
    not_ready: Raw
    completed: Raw
    ready: Raw
    renormalized: Raw


@pytest.fixture(scope="module")
def story(new_contest: NewContest) -> Iterator[Story]:
    contest = new_contest("gone")
    contest.submit("wanda", "strangers/warm")
    contest.wait_for_verdicts("wanda")
    _name_dataset(contest, _GONE)
    postponed = [contest.wait_for_round(contest.open_round(), is_over) for _ in range(3)]
    not_ready = contest.wait(lambda: _with_ready(contest, "False"), "the competition is not ready", 60.0)
    _name_dataset(contest, DATASET)
    completed = contest.wait_for_round(contest.open_round(), is_over)
    ready = contest.wait(lambda: _with_ready(contest, "True"), "the competition is ready again", 60.0)
    _name_dataset(contest, _GONE)
    _patch(contest, {"rounds": {"whenTaskUnavailable": "Renormalize"}})
    renormalized = contest.wait_for_round(contest.open_round(), is_over)
    yield Story(postponed, not_ready, completed, ready, renormalized)
    contest.end()


def test_rounds_are_postponed_with_task_repository_and_count(story: Story) -> None:
    for round_ in story.postponed:
        assert phase_of(round_) == "Abandoned"
        complete = condition(round_, "Complete")
        assert complete["reason"] == "TaskUnavailable"
        assert "task capitals" in complete["message"]
        assert _GONE in complete["message"]
        assert "0 of 4 samples" in complete["message"]


def test_after_three_of_them_the_competition_is_not_ready(story: Story) -> None:
    for kind in ("Ready", "TasksAvailable"):
        found = condition(story.not_ready, kind)
        assert (found["status"], found["reason"]) == ("False", "TaskUnavailable")
        assert found["message"].startswith("3 in a row were postponed")


def test_a_dataset_that_is_back_makes_it_ready(story: Story) -> None:
    assert phase_of(story.completed) == "Completed"
    assert condition(story.ready, "TasksAvailable")["status"] == "True"


def test_without_the_task_its_weight_goes_to_the_others_and_everybody_sees_it(story: Story) -> None:
    status = story.renormalized["status"]
    assert phase_of(story.renormalized) == "Completed"
    tasks = {one["name"]: one for one in status["samples"]["tasks"]}
    assert (tasks["capitals"]["samples"], tasks["capitals"]["reason"]) == (0, "DatasetInvalid")
    assert _GONE in tasks["capitals"]["message"]
    (result,) = status["results"]
    assert [one["name"] for one in result["tasks"]] == ["sorting"]
    assert float(result["score"]) == pytest.approx(float(result["tasks"][0]["score"]))
    assert condition(story.renormalized, "Prepared")["reason"] == "Renormalized"


def _name_dataset(contest: Contest, repository: str) -> None:
    entry = contest.podium.get("comp", contest.name)["spec"]["taskSchedule"][0]
    for task in entry["tasks"]:
        if "huggingFace" in task["dataset"]:
            task["dataset"]["huggingFace"]["repository"] = repository
    _patch(contest, {"taskSchedule": [entry]})


def _patch(contest: Contest, spec: Raw) -> None:
    patch = json.dumps({"spec": spec})
    contest.podium.kubectl("patch", "comp", contest.name, "--type=merge", f"--patch={patch}")


def _with_ready(contest: Contest, status: str) -> Raw | None:
    found = contest.podium.get("comp", contest.name)
    return found if condition(found, "Ready").get("status") == status else None
