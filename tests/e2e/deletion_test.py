"""Nothing of Podium hangs a deletion, whether its operator is there or not."""

from collections.abc import Iterator

import pytest

from tests.e2e.conftest import NewContest
from tests.e2e.contest import ROUND_SECONDS, Contest, phase_of
from tests.e2e.installation import Installation, Raw

pytestmark = pytest.mark.e2e


@pytest.fixture
def contest(new_contest: NewContest) -> Iterator[Contest]:
    contest = new_contest("gone")
    contest.submit("kate", "strangers/warm")
    contest.wait_for_verdicts("kate")
    yield contest
    contest.end()


@pytest.fixture
def absent_operator(installed_podium: Installation) -> Iterator[None]:
    """The operator comes back after the test; the test sends it away."""
    yield
    _scale(installed_podium, 1)


@pytest.mark.usefixtures("absent_operator")
def test_a_competition_goes_with_all_its_work_while_the_operator_is_away(contest: Contest) -> None:
    contest.open_round()
    contest.wait(lambda: _evaluating(contest), "a model is evaluated", ROUND_SECONDS)
    _scale(contest.podium, 0)
    contest.podium.kubectl("delete", "comp", contest.name, "--wait=false")

    def gone() -> Raw | None:
        made = [*contest.rounds(), *contest.objects("jobs"), *contest.objects("pods")]
        left = made or contest.podium.get("comp", contest.name)
        return None if left else {"left": []}

    contest.wait(gone, "nothing is left of the competition", 120.0)
    assert set(contest.submissions()) == {"kate"}  # the participant's own


def _evaluating(contest: Contest) -> Raw | None:
    return next((one for one in contest.objects("pods", "evaluate") if phase_of(one) == "Running"), None)


def _scale(podium: Installation, replicas: int) -> None:
    deployment, place = f"deployment/{podium.operator}", f"--namespace={podium.system_namespace}"
    podium.kubectl("scale", deployment, f"--replicas={replicas}", place)
    podium.kubectl("rollout", "status", deployment, "--timeout=120s", place)
