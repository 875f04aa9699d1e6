"""Honest participants commit first and publish after; rounds come by themselves meanwhile."""

from collections.abc import Iterator
from itertools import pairwise

import pytest

from tests.e2e.conftest import NewContest
from tests.e2e.contest import FETCH_SECONDS, Contest, condition, is_over, phase_of
from tests.e2e.installation import Raw
from tests.e2e.models import LATE, Shelf

pytestmark = pytest.mark.e2e

_EVERY_BLOCKS = 60


@pytest.fixture
def contest(new_contest: NewContest) -> Iterator[Contest]:
    contest = new_contest("cadence", every_blocks=_EVERY_BLOCKS)
    yield contest
    contest.end()


def test_a_model_that_is_published_late_takes_part_in_a_later_round(contest: Contest, shelf: Shelf) -> None:
    contest.submit("ida", "strangers/uniform")
    contest.submit("jack", LATE, shelf.late_commit)
    refused = contest.wait(lambda: _refused(contest), "the missing repository is noticed", FETCH_SECONDS)
    assert refused["status"]["failure"]["retriable"]
    assert phase_of(refused) == "Waiting"
    shelf.publish_late()

    whole = contest.wait(lambda: _round_of_both(contest), "both are ranked", 600.0)
    assert [one["submission"] for one in whole["status"]["ranking"]] == ["ida", "jack"]
    assert contest.submission("jack")["status"]["fetch"]["attempts"] >= 1
    blocks = [one["spec"]["block"] for one in contest.rounds()]
    assert blocks == sorted(set(blocks))
    assert {block % _EVERY_BLOCKS for block in blocks} == {_EVERY_BLOCKS // 3}
    completed = [one for one in contest.rounds() if phase_of(one) == "Completed"]
    for earlier, later in pairwise(completed):
        assert later["spec"]["previousAverage"] == earlier["status"]["movingAverage"]


def _refused(contest: Contest) -> Raw | None:
    found = contest.submission("jack")
    return found if condition(found, "Fetched").get("reason") == "NotYetPublished" else None


def _round_of_both(contest: Contest) -> Raw | None:
    for one in contest.rounds():
        if is_over(one) and len(one["status"].get("ranking", ())) > 1:
            return one
    return None
