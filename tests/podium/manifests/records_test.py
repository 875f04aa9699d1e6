"""Rounds, evidence and weight updates as they are created."""

from __future__ import annotations

from dataclasses import replace

from podium.api.round import Round
from podium.api.translate.round import round_from_stored
from podium.api.translate.weight_update import update_from_stored
from podium.manifests import records
from tests.podium.api.cases.case import changed, valid
from tests.podium.api.objects import DIGEST
from tests.podium.manifests.actions import EVIDENCE, OPEN, UPDATE, competition, round_
from tests.podium.manifests.golden import assert_golden

SUBNET = changed(
    valid("Subnet"), {"metadata/name": "main", "metadata/namespace": "games", "metadata/uid": "99ff"}.items()
)


def test_round_is_the_golden_one() -> None:
    assert_golden("round", records.round_object(competition(), OPEN))


def test_a_round_takes_the_reference_as_it_is_in_the_store() -> None:
    source = {"volume": {"claimName": "shelf", "path": "models/ours"}}
    owner = competition(spec__volumeClaims=["shelf"], spec__reference={"source": source})
    made = records.round_object(owner, replace(OPEN, reference_digest=DIGEST))
    assert made["spec"]["reference"] == {"source": source, "manifestDigest": DIGEST}
    read = round_from_stored(made).reference
    assert read is not None
    assert (read.submission_uid, read.manifest_digest) == (owner.metadata.uid, DIGEST)


def test_evidence_is_the_golden_one() -> None:
    assert_golden("evidence", records.evidence_config_map(round_(), EVIDENCE))


def test_weight_update_is_the_golden_one() -> None:
    assert_golden("weight-update", records.weight_update_object(SUBNET, UPDATE))


def test_a_round_reads_back_as_it_was_decided() -> None:
    read = round_from_stored(records.round_object(competition(), OPEN))
    found = (read.name, read.block, read.deadline_block, read.seed, read.postponements, read.contenders)
    assert found == (
        OPEN.name,
        OPEN.block,
        OPEN.deadline_block,
        OPEN.seed,
        OPEN.postponements,
        OPEN.contenders,
    )
    assert read.previous_average == OPEN.previous_average
    assert read.competition_uid == competition().metadata.uid


def test_a_round_takes_the_tasks_that_were_active_at_its_block() -> None:
    first = competition().spec.task_schedule[0].stored()
    later = {**first, "startBlock": 700, "tasks": [{**first["tasks"][0], "name": "later"}]}
    owner = competition(spec__taskSchedule=[first, later])
    read = Round.model_validate(records.round_object(owner, replace(OPEN, tasks_start_block=700)))
    assert [task.name for task in read.spec.tasks] == ["later"]


def test_a_weight_update_reads_back_as_it_was_decided() -> None:
    read = update_from_stored(records.weight_update_object(SUBNET, UPDATE))
    assert (read.weights, read.burn_units, read.inputs) == (UPDATE.weights, UPDATE.burn_units, UPDATE.inputs)
    assert (read.epoch_start_block, read.epoch_end_block, read.valid_until_block) == (720, 1079, 1079)
    assert (read.subnet, read.subnet_uid) == ("main", "99ff")


def test_a_weight_update_outlives_everything() -> None:
    assert "ownerReferences" not in records.weight_update_object(SUBNET, UPDATE)["metadata"]


def test_evidence_is_immutable_and_goes_with_its_round() -> None:
    raw = records.evidence_config_map(round_(), EVIDENCE)
    assert raw["immutable"] is True
    assert [one["uid"] for one in raw["metadata"]["ownerReferences"]] == ["33cc"]
