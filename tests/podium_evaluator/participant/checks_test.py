"""The list of constraints knows every way in which a fetch rejects."""

import pytest

from podium_evaluator.contract import Reason, VolumeSource
from podium_evaluator.errors import infrastructure, submission
from podium_evaluator.participant.checks import checks_of
from podium_evaluator.participant.competition import parse_competition
from podium_evaluator.participant.requests import fetch_request
from podium_evaluator.participant.verdict import Step, Verdict
from tests.podium.api.cases.case import ABSENT
from tests.podium_evaluator.participant.scene import SORTING_ONLY, competition

_ALL = list(Reason)
_REJECTIONS = [
    reason
    for reason in _ALL[_ALL.index(Reason.REVISION_NOT_FOUND) : _ALL.index(Reason.NON_FINITE_SCORE)]
    # Nobody commits to a secure hash here.
    if reason is not Reason.SECURE_HASH_MISMATCH
]
_REQUEST = fetch_request(parse_competition(competition([SORTING_ONLY])), VolumeSource(path="."))


@pytest.mark.parametrize("reason", _REJECTIONS)
def test_each_reason_of_a_fetch_is_that_of_one_check(reason: Reason) -> None:
    checks = checks_of(_REQUEST, Verdict(failure=submission(reason, ""), stopped_in=Step.FETCH))

    assert [one.outcome for one in checks].count("Rejected") == 1


def test_nothing_is_said_of_a_model_that_could_not_be_looked_at() -> None:
    failure = infrastructure(Reason.HUB_UNAVAILABLE, "")
    checks = checks_of(_REQUEST, Verdict(failure=failure, stopped_in=Step.FETCH))

    assert {one.outcome for one in checks} == {"NotReached"}


def test_norms_are_a_check_only_where_the_competition_has_them() -> None:
    without = parse_competition(competition([SORTING_ONLY], constraints__norms=ABSENT))
    names = [one.name for one in checks_of(fetch_request(without, VolumeSource(path=".")), Verdict())]

    assert "norms" not in names
    assert "norms" in [one.name for one in checks_of(_REQUEST, Verdict())]
