"""Intake: verdicts, copies, one model a hotkey, and what was committed in vain."""

from __future__ import annotations

from dataclasses import replace

import pytest

from podium.core.faults import Fault
from podium.core.jobs import Purpose
from podium.core.kinds import Submission
from podium.core.weights import ScheduleEntry
from tests.podium.core.objects import a_competition, a_submission, a_subnet, failed, ledger_moment
from tests.podium.core.worlds import World

FETCH = Purpose.FETCH
NOT_YET = failed(Fault.SUBMISSION, "NotYetPublished", retriable=True)


def _world(*submissions: Submission) -> World:
    world = World()
    world.add(*submissions)
    return world


def test_a_fetched_model_waits_for_its_round() -> None:
    world = _world(a_submission("alice", 1))
    world.run_to(20)
    status = world.submission("alice").status
    assert (status.phase, status.manifest_digest, status.commit_block) == ("Fetched", "sha256:alice", 1)


def test_a_copy_is_the_duplicate_of_the_earliest() -> None:
    world = _world(a_submission("alice", 1), a_submission("bob", 2), a_submission("carol", 3))
    world.contents = dict.fromkeys(("alice", "bob", "carol"), "same")
    world.run_to(190)
    assert [world.submission(name).status.duplicate_of for name in ("bob", "carol")] == ["alice", "alice"]
    assert world.reason("bob") == "Duplicate"
    assert [one.submission for one in world.round(100).contenders] == ["alice"]


def test_a_copy_that_was_fetched_first_loses_its_seat_to_the_original() -> None:
    world = _world(a_submission("original", 1), a_submission("copy", 2))
    world.contents = {"original": "same", "copy": "same"}
    world.script[FETCH, "original"] = [NOT_YET]
    world.run_to(190)
    assert world.submission("copy").status.place == 1
    world.run_to(290)
    assert world.submission("copy").status.duplicate_of == "original"
    assert world.submission("copy").status.phase == "Rejected"
    world.run_to(390)
    assert [one.submission for one in world.round(300).contenders] == ["original"]


def test_when_the_original_is_deleted_its_copy_takes_its_place() -> None:
    world = _world(a_submission("original", 1), a_submission("copy", 2))
    world.contents = {"original": "same", "copy": "same"}
    world.run_to(50)
    world.delete("original")
    world.run_to(190)
    assert [one.submission for one in world.round(100).contenders] == ["copy"]


def test_a_volume_that_the_competition_does_not_accept_is_refused_until_it_does() -> None:
    world = _world(a_submission("alice", 1, volume_claim="mine"))
    world.run_to(50)
    assert (world.reason("alice"), world.fetches("alice")) == ("VolumeClaimNotAllowed", [])
    world.competition = replace(world.competition, volume_claims=frozenset({"mine"}))
    world.run_to(90)
    assert world.submission("alice").status.phase == "Fetched"


def test_a_stored_model_whose_claim_is_withdrawn_takes_part_in_nothing() -> None:
    world = _world(a_submission("alice", 1, volume_claim="mine"))
    world.competition = replace(world.competition, volume_claims=frozenset({"mine"}))
    world.run_to(50)
    world.competition = replace(world.competition, volume_claims=frozenset())
    world.run_to(400)
    assert world.submission("alice").status.phase == "Rejected"
    assert not world.submission("alice").status.evaluations


@pytest.mark.parametrize("block", [1, 100, 1234])
def test_the_commit_block_is_the_block_of_the_creation_and_stays(block: int) -> None:
    world = _world(a_submission("alice", block))
    world.now = ledger_moment(block + 1)
    world.settle()
    assert world.submission("alice").status.commit_block == block
    world.submissions["uid-alice"] = replace(world.submission("alice"), created=ledger_moment(0))
    world.settle()
    assert world.submission("alice").status.commit_block == block


def test_a_newer_commitment_of_a_hotkey_supersedes_the_older_one() -> None:
    world = _world(a_submission("old", 1, hotkey="alice"), a_submission("new", 50, hotkey="alice"))
    world.run_to(40)
    assert world.submission("old").status.phase == "Fetched"
    world.run_to(190)
    assert [one.submission for one in world.round(100).contenders] == ["new"]
    assert (world.reason("old"), world.submission("old").status.phase) == ("Superseded", "Superseded")
    assert "new" in next(
        one.message for one in world.submission("old").status.conditions if one.type == "Accepted"
    )


def test_the_older_one_stands_until_the_newer_one_is_old_enough() -> None:
    world = _world(a_submission("old", 1, hotkey="alice"), a_submission("new", 150, hotkey="alice"))
    world.competition = a_competition(submission_delay_blocks=80)
    world.run_to(290)
    assert [one.submission for one in world.round(200).contenders] == ["old"]
    world.run_to(390)
    assert [one.submission for one in world.round(300).contenders] == ["new"]


def test_a_newer_commitment_supersedes_even_if_nothing_comes_of_it() -> None:
    world = _world(a_submission("old", 1, hotkey="alice"), a_submission("new", 50, hotkey="alice"))
    world.script[FETCH, "new"] = [failed(Fault.SUBMISSION, "SafetensorsTruncated", retriable=False)]
    world.run_to(190)
    assert world.submission("old").status.phase == "Superseded"
    assert world.submission("new").status.phase == "Rejected"


def test_the_same_bytes_committed_again_are_no_copy_of_themselves() -> None:
    world = _world(a_submission("old", 1, hotkey="alice"), a_submission("new", 50, hotkey="alice"))
    world.contents = {"old": "same", "new": "same"}
    world.run_to(90)
    assert world.submission("new").status.duplicate_of is None
    world.run_to(190)
    assert [one.submission for one in world.round(100).contenders] == ["new"]


def test_who_may_not_take_part_owns_no_content() -> None:
    refused = a_submission("refused", 1, volume_claim="models")
    world = _world(refused, a_submission("bob", 2))
    world.competition = replace(world.competition, volume_claims=frozenset({"models"}))
    world.contents = {"refused": "same", "bob": "same"}
    world.run_to(50)
    assert world.submission("bob").status.duplicate_of == "refused"
    world.competition = replace(world.competition, volume_claims=frozenset())
    world.run_to(190)
    assert world.submission("bob").status.duplicate_of is None
    assert [one.submission for one in world.round(100).contenders] == ["bob"]


def test_a_commitment_outside_the_schedule_takes_no_part() -> None:
    world = _world(a_submission("early", 1), a_submission("late", 60))
    rewarded = (ScheduleEntry(0, (("other", 100),)), ScheduleEntry(50, (("small", 100),)))
    world.subnet = a_subnet(schedule=rewarded)
    world.run_to(190)
    assert world.reason("early") == "NotScheduled"
    assert [one.submission for one in world.round(100).contenders] == ["late"]
    assert world.fetches("early") == []


@pytest.mark.parametrize(
    ("registered", "reason"),
    [
        ({}, "HotkeyNotRegistered"),
        ({"hotkey-alice": 5}, "RegisteredLater"),
        ({"hotkey-alice": 1}, "Accepted"),
    ],
    ids=["never", "after the commitment", "before it"],
)
def test_on_a_chain_the_hotkey_must_have_been_registered(registered: dict[str, int], reason: str) -> None:
    world = _world(a_submission("alice", 2))
    world.registered = registered
    world.run_to(20)
    assert world.reason("alice") == reason


def test_what_is_too_young_is_told_from_when_on_it_takes_part() -> None:
    world = _world(a_submission("alice", 90))
    world.competition = a_competition(submission_delay_blocks=50)
    world.run_to(120)
    assert world.reason("alice", "Evaluated") == "TooYoung"
    told = world.submission("alice").status.conditions
    assert "from block 140 on" in next(one.message for one in told if one.type == "Evaluated")
    world.run_to(290)
    assert world.reason("alice", "Evaluated") == "Scored"


def test_submissions_of_a_competition_that_cannot_run_are_told_so() -> None:
    world = _world(a_submission("alice", 1))
    world.same_id = ("elder",)
    world.run_to(20)
    assert world.reason("alice") == "DuplicateCompetitionId"
    assert world.reason("alice", "Ready") == "DuplicateCompetitionId"
    world.same_id = ()
    world.run_to(40)
    assert world.reason("alice") == "Accepted"
