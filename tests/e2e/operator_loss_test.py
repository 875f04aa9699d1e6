"""The operator is killed at every stage: what it had begun is completed as if nothing had happened."""

from collections.abc import Callable, Iterator, Mapping

import pytest

from tests.e2e.conftest import NewContest
from tests.e2e.contest import Contest, is_over, phase_of
from tests.e2e.installation import Raw
from tests.e2e.killing import kill_operator

pytestmark = pytest.mark.e2e

_CONTENDERS = {"anna": "strangers/hot", "ben": "strangers/uniform", "cleo": "strangers/warm"}
_ORDER = ["ben", "cleo", "anna"]


def _prepares(contest: Contest, round_: Raw) -> bool:
    return phase_of(round_) == "Preparing" and bool(contest.objects("jobs", "prepare"))


def _evaluates(contest: Contest, round_: Raw) -> bool:
    return any(phase_of(pod) == "Running" for pod in contest.objects("pods", "evaluate"))


def _has_a_first_result(contest: Contest, round_: Raw) -> bool:
    results = (round_.get("status") or {}).get("results", ())
    return not is_over(round_) and any(one.get("outcome") for one in results)


def _is_over(contest: Contest, round_: Raw) -> bool:
    return is_over(round_)


# In the order in which a round passes them.
_MOMENTS: Mapping[str, Callable[[Contest, Raw], bool]] = {
    "while samples are prepared": _prepares,
    "while models are evaluated": _evaluates,
    "after the first result": _has_a_first_result,
    "before the weights": _is_over,
}


@pytest.fixture(scope="module")
def contest(new_contest: NewContest) -> Iterator[Contest]:
    """Three models, the operator having been killed while they were fetched."""
    contest = new_contest("crash")
    for name, repository in _CONTENDERS.items():
        contest.submit(name, repository)
    contest.wait(lambda: _fetching(contest), "a model is fetched", 120.0)
    kill_operator(contest.podium)
    yield contest
    contest.end()


def _fetching(contest: Contest) -> Raw | None:
    return next((one for one in contest.objects("pods", "fetch") if phase_of(one) == "Running"), None)


def test_models_are_fetched_although_the_operator_was_killed_meanwhile(contest: Contest) -> None:
    fetched = contest.wait_for_verdicts(*_CONTENDERS)
    assert {name: phase_of(one) for name, one in fetched.items()} == dict.fromkeys(_CONTENDERS, "Fetched")
    assert all(one["status"]["fetch"]["attempts"] == 0 for one in fetched.values())


@pytest.mark.parametrize("moment", _MOMENTS.values(), ids=_MOMENTS)
def test_a_round_ends_as_if_its_operator_had_lived(
    contest: Contest, moment: Callable[[Contest, Raw], bool]
) -> None:
    contest.wait_for_verdicts(*_CONTENDERS)
    before = len(contest.rounds())
    name = contest.open_round()
    reached = contest.wait_for_round(name, lambda round_: moment(contest, round_) or is_over(round_))
    assert is_over(reached) == (moment is _is_over), "the moment was missed"
    killed_at = contest.block
    kill_operator(contest.podium)

    ended = contest.wait_for_round(name, is_over)
    assert ended["status"]["phase"] == "Completed"
    assert [one["submission"] for one in ended["status"]["ranking"]] == _ORDER
    results = ended["status"]["results"]
    assert [(one["outcome"], one["attempts"]) for one in results] == 3 * [("Scored", 0)]
    assert len(contest.rounds()) == before + 1
    # Of an epoch that the killed operator did not see begin.
    (paid,) = contest.wait_for_payment(name, after=killed_at)["spec"]["weights"]
    assert paid["hotkey"] == ended["status"]["ranking"][0]["hotkey"]
