"""Objects that break a rule never get in; the API server says which field and why.

The tables of all rules are tested where no node is needed. Here it is the kinds as they are installed.
"""

import pytest

from tests.e2e.installation import Installation
from tests.podium.api.cases.case import changed, valid

pytestmark = pytest.mark.e2e


def test_tasks_whose_weights_do_not_sum_to_one_are_refused(installed_podium: Installation) -> None:
    weight = ("spec/taskSchedule/0/tasks/0/weight", "0.123")
    refusal = installed_podium.refusal(changed(valid("Competition"), [weight]))
    assert "spec.taskSchedule[0].tasks" in refusal
    assert "weights of an entry must sum to 1" in refusal


def test_a_submission_without_a_pinned_revision_is_refused(installed_podium: Installation) -> None:
    revision = ("spec/source/huggingFace/revision", "main")
    refusal = installed_podium.refusal(changed(valid("ModelSubmission"), [revision]))
    assert "spec.source.huggingFace.revision" in refusal


def test_nobody_but_the_operator_creates_rounds(installed_podium: Installation) -> None:
    assert "Rounds and WeightUpdates follow from" in installed_podium.refusal(valid("Round"))
