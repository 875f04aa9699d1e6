"""Conditions: when something became true is kept for as long as it stays true."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from podium.core.conditions import Condition, find_condition, is_true, with_condition
from podium.core.kinds import Submission, SubmissionStatus
from podium.core.orphans import decide_orphans
from podium.core.plan import SetSubmissionStatus
from tests.podium.core.objects import GENESIS, a_submission

LATER = GENESIS + timedelta(minutes=1)
READY = Condition("Ready", True, "Ready", "all is well", GENESIS, 1)


def test_an_unchanged_status_keeps_its_moment_whatever_the_reason() -> None:
    (kept,) = with_condition([READY], replace(READY, reason="Better", since=LATER, generation=2))
    assert (kept.since, kept.reason, kept.generation) == (GENESIS, "Better", 2)


def test_a_changed_status_has_a_new_moment() -> None:
    (changed,) = with_condition([READY], replace(READY, status=None, since=LATER))
    assert changed.since == LATER


def test_conditions_are_in_order_of_type_and_there_is_one_of_each() -> None:
    conditions = with_condition([READY], replace(READY, type="Accepted"))
    conditions = with_condition(conditions, replace(READY, message="still"))
    assert [one.type for one in conditions] == ["Accepted", "Ready"]


def test_messages_fit_what_is_stored() -> None:
    (cut,) = with_condition([], replace(READY, message="x" * 5000))
    assert len(cut.message) == 1024


def test_unknown_is_not_true() -> None:
    assert not is_true([replace(READY, status=None)], "Ready")
    assert not is_true([], "Ready")
    assert is_true([READY], "Ready")
    assert find_condition([READY], "Accepted") is None


def _told(orphan: Submission) -> SubmissionStatus:
    (action,) = decide_orphans([orphan], GENESIS).actions
    assert isinstance(action, SetSubmissionStatus)
    return action.status


def test_a_submission_without_a_competition_is_told_so_once() -> None:
    orphan = a_submission("alice", competition="nowhere")
    status = _told(orphan)
    assert {(one.type, one.status, one.reason) for one in status.conditions} == {
        ("Accepted", False, "CompetitionNotFound"),
        ("Ready", False, "CompetitionNotFound"),
    }
    assert decide_orphans([replace(orphan, status=status)], LATER).actions == ()
