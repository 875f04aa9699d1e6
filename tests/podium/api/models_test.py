"""Reading what the API server stores, and writing it back."""

import pytest
from pydantic import ValidationError

from podium.api.competition import Competition, CompetitionStatus, Leader
from podium.api.round import Round
from podium.api.subnet import Subnet
from tests.podium.api.cases.case import changed, valid
from tests.podium.api.objects import ALICE


def test_absent_fields_have_their_defaults() -> None:
    subnet = Subnet.model_validate({"metadata": {"name": "main"}, "spec": {"ledger": {}}})
    assert subnet.spec.weights.every_blocks == 360
    assert subnet.spec.schedule == ()
    assert subnet.status.conditions == ()


def test_unknown_fields_are_ignored() -> None:
    raw = changed(valid("Competition"), [("spec/later", 1), ("metadata/managedFields", [])])
    assert Competition.model_validate(raw) == Competition.model_validate(valid("Competition"))


def test_metadata_is_read_as_far_as_it_is_needed() -> None:
    raw = changed(
        valid("Subnet"), [("metadata/uid", "7d9b"), ("metadata/creationTimestamp", "2026-01-01T00:00:00Z")]
    )
    metadata = Subnet.model_validate(raw).metadata
    assert (metadata.name, metadata.uid) == ("case", "7d9b")
    assert metadata.creation_timestamp is not None


def test_kubernetes_spelling_of_uid_is_kept() -> None:
    contender = Round.model_validate(valid("Round")).spec.contenders[0]
    assert contender.submission_uid == "11aa"
    assert contender.stored()["submissionUID"] == "11aa"


def test_whole_quantities_are_read_as_text() -> None:
    limits = Competition.model_validate(valid("Competition")).spec.evaluator.resources.limits
    assert limits == {"cpu": "4", "memory": "32Gi", "nvidia.com/gpu": "1"}


def test_what_is_absent_is_not_written() -> None:
    leader = Leader(submission="alice-1", hotkey=ALICE, share="1")
    status = CompetitionStatus(observed_generation=2, leader=leader).stored()
    assert status["leader"] == {"submission": "alice-1", "hotkey": ALICE, "share": "1"}
    assert "phase" not in status


def test_a_number_with_a_fraction_is_no_share() -> None:
    with pytest.raises(ValidationError, match="valid string"):
        Leader.model_validate({"submission": "alice-1", "hotkey": ALICE, "share": 0.5})


def test_what_was_read_cannot_be_changed() -> None:
    spec = Subnet.model_validate(valid("Subnet")).spec
    with pytest.raises(ValidationError, match="frozen"):
        spec.discovery = "Enabled"  # type: ignore[misc]  # the point of the test
