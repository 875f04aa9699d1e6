"""Events: what changed is told once, what did not change is not told."""

from __future__ import annotations

from typing import Any

import pytest

from podium.reconcile.transitions import transitions

# Any: the JSON of Kubernetes objects.
Raw = dict[str, Any]


def _object(kind: str, *conditions: tuple[str, str, str]) -> Raw:
    found = [
        {"type": one, "status": status, "reason": why, "message": "so"} for one, status, why in conditions
    ]
    return {"kind": kind, "status": {"conditions": found}}


def test_a_new_conclusion_is_told() -> None:
    after = _object("Competition", ("Ready", "True", "Ready"))
    assert transitions({"kind": "Competition"}, after) == [("Ready", "so", True)]


def test_the_same_conclusion_is_not_told_again() -> None:
    same = _object("Competition", ("Ready", "True", "Ready"))
    assert transitions(same, same) == []


def test_another_reason_is_told() -> None:
    before = _object("Competition", ("Ready", "False", "NotIsolated"))
    after = _object("Competition", ("Ready", "False", "Suspended"))
    assert transitions(before, after) == [("Suspended", "so", False)]


def test_one_reason_of_two_conditions_is_told_once() -> None:
    after = _object("ModelSubmission", ("Accepted", "False", "Duplicate"), ("Fetched", "False", "Duplicate"))
    assert transitions({}, after) == [("Duplicate", "so", False)]


@pytest.mark.parametrize("reason", ["Waiting", "NotRanked", "Accepted"])
def test_that_nothing_has_happened_yet_is_not_told(reason: str) -> None:
    assert transitions({}, _object("ModelSubmission", ("Fetched", "False", reason))) == []


@pytest.mark.parametrize("reason", ["Fetching", "Evaluating"])
def test_work_that_began_is_no_warning(reason: str) -> None:
    after = _object("ModelSubmission", ("Evaluated", "False", reason))
    assert transitions({}, after) == [(reason, "so", True)]


def test_conditions_that_nobody_waits_for_are_not_told() -> None:
    assert transitions({}, _object("Subnet", ("WeightsCurrent", "False", "Pending"))) == []
    assert transitions({}, _object("Unknown", ("Ready", "True", "Ready"))) == []
