"""Evaluate pods that are killed: their contenders are evaluated again, and it is not held against them."""

from collections.abc import Iterator

import pytest

from tests.e2e.conftest import NewContest
from tests.e2e.contest import ROUND_SECONDS, Contest, is_over, phase_of
from tests.e2e.installation import Raw
from tests.e2e.killing import kill_pod

pytestmark = pytest.mark.e2e

_CONTENDERS = {"fred": "strangers/warm", "gina": "strangers/uniform", "hans": "strangers/hot"}
_ORDER = ["gina", "fred", "hans"]


@pytest.fixture
def contest(new_contest: NewContest) -> Iterator[Contest]:
    contest = new_contest("loss")
    for name, repository in _CONTENDERS.items():
        contest.submit(name, repository)
    contest.wait_for_verdicts(*_CONTENDERS)
    yield contest
    contest.end()


def test_contenders_whose_pods_were_killed_are_scored_all_the_same(contest: Contest) -> None:
    name = contest.open_round()
    crashed, pod = _evaluated_now(contest)
    kill_pod(pod)
    deleted, pod = _evaluated_now(contest, besides=crashed)
    force = ("--grace-period=0", "--force", "--wait=false")
    contest.podium.kubectl("delete", "pod", pod["metadata"]["name"], *force)

    ended = contest.wait_for_round(name, is_over)
    assert ended["status"]["phase"] == "Completed"
    assert [one["submission"] for one in ended["status"]["ranking"]] == _ORDER
    results = {one["submission"]: one for one in ended["status"]["results"]}
    assert {one["outcome"] for one in results.values()} == {"Scored"}
    counted = {name: (one["attempts"], one["disruptions"]) for name, one in results.items()}
    assert counted == {name: (int(name == crashed), int(name == deleted)) for name in _CONTENDERS}
    assert (results[crashed]["ends"], results[deleted]["ends"]) == (["Killed"], ["PodLost"])


def _evaluated_now(contest: Contest, besides: str = "") -> tuple[str, Raw]:
    """A contender whose evaluate pod has just begun to run, and the pod."""
    names = {one["metadata"]["uid"]: name for name, one in contest.submissions().items()}

    def running() -> Raw | None:
        subjects = {
            job["metadata"]["uid"]: names[job["metadata"]["annotations"]["podium.dev/subject-uid"]]
            for job in contest.objects("jobs", "evaluate")
        }
        pods = [
            pod
            for pod in contest.objects("pods", "evaluate")
            if phase_of(pod) == "Running" and not pod["metadata"].get("deletionTimestamp")
        ]
        found = {subjects.get(pod["metadata"]["ownerReferences"][0]["uid"], besides): pod for pod in pods}
        return {name: pod for name, pod in found.items() if name != besides}

    pods = contest.wait(running, "a model is evaluated", ROUND_SECONDS)
    return max(pods.items(), key=lambda one: str(one[1]["status"]["startTime"]))
