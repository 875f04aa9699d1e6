"""A store without room for every model, and a lead that is confirmed before it is paid."""

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.e2e.conftest import NewContest
from tests.e2e.contest import FETCH_SECONDS, Contest, condition, is_over
from tests.e2e.installation import Raw
from tests.e2e.models import MAX_BYTES

pytestmark = pytest.mark.e2e


@dataclass(frozen=True)
class Story:
    """Two models fill the store, the worse one makes way for a third, which wins the second round.

    Then all that is stored is two days old, and the submission of the second model is deleted.

    Attributes:
        models: Digests of the models that were stored before the third round.
        deleted: The one of the deleted submission.
    """

    contest: Contest
    waiting: Raw
    rounds: tuple[Raw, Raw]
    models: set[str]
    deleted: str


@pytest.fixture(scope="module")
def story(new_contest: NewContest) -> Iterator[Story]:
    contest = new_contest("small-store")
    contest.submit("alice-small", "strangers/burning")
    contest.submit("bob-small", "strangers/warm")
    found = contest.wait_for_verdicts("alice-small", "bob-small")
    size = found["alice-small"]["status"]["bytes"]
    spec = {
        "store": {"maxBytes": MAX_BYTES + size * 3 // 2},
        "rounds": {"keepTop": 1, "maxContenders": 3},
        "ranking": {"audit": "NewLeader"},
    }
    patch = json.dumps({"spec": spec})
    contest.podium.kubectl("patch", "comp", contest.name, "--type=merge", f"--patch={patch}")
    contest.submit("carol-small", "strangers/uniform")
    waiting = _wait_for(contest, "carol-small", "StoreFull")
    first = contest.wait_for_round(contest.open_round(), is_over)
    _wait_for(contest, "carol-small", "Stored")
    second = contest.wait_for_round(contest.open_round(), is_over)
    models = set(contest.stored("models"))
    deleted = contest.submission("bob-small")["status"]["manifestDigest"]
    contest.podium.kubectl("delete", "msub", "bob-small")
    _grow_old(contest)
    contest.wait_for_round(contest.open_round(), is_over)
    yield Story(contest, waiting, (first, second), models, deleted)
    contest.end()


def _grow_old(contest: Contest) -> None:
    old = time.time() - 2 * 24 * 3600
    for folder in (*contest.stored("models").values(), *contest.stored("samples").values()):
        os.utime(folder, (old, old))


def _wait_for(contest: Contest, name: str, reason: str) -> Raw:
    def told() -> Raw | None:
        found = contest.submission(name)
        return found if condition(found, "Fetched").get("reason") == reason else None

    return contest.wait(told, f"{name} is {reason}", FETCH_SECONDS)


def test_who_has_no_room_is_told_what_would_help(story: Story) -> None:
    assert "store.maxBytes" in condition(story.waiting, "Fetched")["message"]
    assert condition(story.waiting, "Accepted")["status"] == "True"


def test_the_loser_makes_way_and_keeps_its_history(story: Story) -> None:
    alice = story.contest.submission("alice-small")
    assert condition(alice, "Fetched")["reason"] == "Evicted"
    assert alice["status"]["fetch"]["removed"] is True
    assert alice["status"]["manifestDigest"]
    assert [one["outcome"] for one in alice["status"]["evaluations"]] == ["Scored"]


def test_every_new_leader_was_evaluated_twice(story: Story) -> None:
    ranked = [[one["submission"] for one in round_["status"]["ranking"]] for round_ in story.rounds]
    assert ranked == [["bob-small", "alice-small"], ["carol-small", "bob-small"]]
    for round_, leader in zip(story.rounds, ("bob-small", "carol-small"), strict=True):
        (audit,) = round_["status"]["audits"]
        (result,) = [one for one in round_["status"]["results"] if one["submission"] == leader]
        assert (audit["submission"], audit["outcome"], audit["score"]) == (leader, "Scored", result["score"])
        assert audit["tasks"] == result["tasks"]
        assert audit["evidence"] != result["evidence"]


def test_a_round_with_an_audit_verifies(story: Story) -> None:
    name = story.rounds[1]["metadata"]["name"]
    explained = story.contest.podium.podium("explain", f"round/{name}")
    assert "a second evaluation gave the same scores" in explained
    story.contest.podium.podium("verify", f"round/{name}")


def test_what_no_submission_names_any_more_leaves_the_store_with_the_next_round(story: Story) -> None:
    carol = story.contest.submission("carol-small")["status"]["manifestDigest"]
    assert {story.deleted, carol} <= story.models
    left = set(story.contest.stored("models"))
    assert carol in left
    assert story.deleted not in left


def test_samples_stay_as_long_as_their_round(story: Story) -> None:
    samples = [one["status"]["samples"]["digest"] for one in story.contest.rounds()]
    assert len(samples) == 3
    assert set(story.contest.stored("samples")) == set(samples)
