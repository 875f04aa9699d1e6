"""A status that is written and read back is the same status: an unchanged world asks for no write."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.api.translate.competition import competition_from_stored, competition_status_to_stored
from podium.api.translate.round import round_from_stored, round_status_to_stored
from podium.api.translate.submission import submission_from_stored, submission_status_to_stored
from podium.api.translate.subnet import subnet_from_stored, subnet_status_to_stored
from podium.api.translate.weight_update import update_from_stored, update_status_to_stored
from tests.podium.api.cases.case import ABSENT, changed, valid
from tests.podium.api.translate import strategies

# Any: the JSON of a Kubernetes object.
Read = Callable[[dict[str, Any]], Any]
Write = Callable[[Any], dict[str, Any]]

KINDS: dict[str, tuple[st.SearchStrategy[Any], Write, Read]] = {
    "Competition": (strategies.COMPETITION, competition_status_to_stored, competition_from_stored),
    "Round": (strategies.ROUND, round_status_to_stored, round_from_stored),
    "ModelSubmission": (strategies.SUBMISSION, submission_status_to_stored, submission_from_stored),
    "Subnet": (strategies.SUBNET, subnet_status_to_stored, subnet_from_stored),
    "WeightUpdate": (strategies.UPDATE, update_status_to_stored, update_from_stored),
}


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=30)
@given(data=st.data())
def test_a_stored_status_reads_back(kind: str, data: st.DataObject) -> None:
    statuses, write, read = KINDS[kind]
    status = data.draw(statuses)
    stored = json.loads(json.dumps(write(status)))
    assert read({**valid(kind), "status": stored}).status == status
    assert write(read({**valid(kind), "status": stored}).status) == stored


@pytest.mark.parametrize("kind", KINDS)
def test_an_object_without_a_status_is_read(kind: str) -> None:
    read = KINDS[kind][2]
    assert read(valid(kind)).status == read({**valid(kind), "status": {}}).status


def test_what_a_model_may_be_changes_the_digest_of_the_constraints_and_nothing_else_does() -> None:
    first = competition_from_stored(valid("Competition"))
    larger = competition_from_stored(
        changed(valid("Competition"), [("spec/constraints/parameters/max", 9_000_000_000)])
    )
    paused = competition_from_stored(changed(valid("Competition"), [("spec/suspend", True)]))
    assert first.constraints_digest != larger.constraints_digest
    assert first.constraints_digest == paused.constraints_digest
    assert first.evaluator_digest == larger.evaluator_digest == paused.evaluator_digest


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        (
            "spec/ranking",
            {"selection": "Softmax", "temperature": "0.1", "dethrone": "Significant"},
            "ranking.dethrone Significant with selection Softmax",
        ),
    ],
)
def test_a_setting_that_would_be_ignored_is_named(path: str, value: object, field: str) -> None:
    ranking = valid("Competition")["spec"]["ranking"]
    raw = changed(valid("Competition"), [(path, {**ranking, **value} if isinstance(value, dict) else value)])
    assert competition_from_stored(raw).unsupported == (field,)


def test_a_ledger_without_a_genesis_begins_with_its_subnet() -> None:
    raw = changed(valid("Subnet"), [("metadata/creationTimestamp", "2026-01-01T02:00:00+02:00")])
    clock = subnet_from_stored(raw).clock
    assert clock is not None
    assert clock.genesis == datetime(2026, 1, 1, tzinfo=UTC)
    assert clock.block_at(clock.genesis + timedelta(seconds=25)) == clock.start_block + 2


def test_two_subnets_of_one_chain_target_share_their_locks_and_ledgers_do_not() -> None:
    target = {"network": "finney", "genesisHash": "0x" + 64 * "a", "netuid": 37, "hotkey": 48 * "5"}
    chains = [
        subnet_from_stored(
            changed(
                valid("Subnet"),
                [("spec/ledger", ABSENT), ("spec/bittensor", target), ("metadata/uid", uid)],
            )
        )
        for uid in ("one", "two")
    ]
    assert chains[0].target_digest == chains[1].target_digest
    assert chains[0].clock is None
    ledgers = [
        subnet_from_stored(changed(valid("Subnet"), [("metadata/uid", uid)])) for uid in ("one", "two")
    ]
    assert ledgers[0].target_digest != ledgers[1].target_digest


@pytest.mark.parametrize(("setting", "filtered"), [("Off", False), ("On", True)])
def test_a_round_filters_clones_as_its_competition_says(setting: str, *, filtered: bool) -> None:
    change = [("spec/ranking/cloneFilter", setting)]
    assert competition_from_stored(changed(valid("Competition"), change)).unsupported == ()
    assert round_from_stored(changed(valid("Round"), change)).clone_filter is filtered
