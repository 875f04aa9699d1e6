"""The demo's objects are what the API server accepts, and its participants' hotkeys are well formed."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from examples.demo.hotkeys import hotkey_of
from examples.demo.objects import (
    CONTENDERS,
    EVERY_BLOCKS,
    Repository,
    chain,
    competition,
    first_sync,
    ledger,
    render,
    submissions,
)
from examples.demo.platform import Platform
from podium.api.translate.competition import competition_from_stored
from podium.api.translate.subnet import subnet_from_stored
from podium.core.clock import sync_block
from tests.cluster.access import ClusterAccess

NOW = datetime(2026, 1, 1, tzinfo=UTC)
NAMES = [*CONTENDERS.values(), "tokenizer", "traces", "mmlu", "texts"]
REPOSITORIES = {name: Repository(f"demo/{name}", "0" * 40) for name in NAMES}


@pytest.fixture
def platform(namespace: str) -> Platform:
    return Platform(
        environment={},
        helm="helm",
        operator_image="registry.example/operator@sha256:" + "0" * 64,
        evaluator_image="registry.example/evaluator@sha256:" + "0" * 64,
        hub_address="192.0.2.1",
        runtime_class="isolated",
        isolation="Required",
        namespace=namespace,
    )


def test_hotkeys_have_the_form_of_generic_ss58_addresses() -> None:
    assert hotkey_of("alice") == hotkey_of("alice")
    assert hotkey_of("alice") != hotkey_of("bob")
    assert all(len(hotkey_of(name)) in {47, 48} and hotkey_of(name)[0] == "5" for name in CONTENDERS)


@pytest.mark.cluster
def test_the_api_server_accepts_everything(control_plane: ClusterAccess, platform: Platform) -> None:
    pull = {"namespace": platform.namespace, "evaluator_image": platform.evaluator_image}
    documents = [
        ledger(platform, NOW),
        chain(platform, "ws://192.0.2.1:5581", "0x" + 64 * "0", 37, hotkey_of("validator")),
        competition(platform, "http://192.0.2.1:5580", REPOSITORIES),
        render("pull.yaml", pull),
        *submissions(platform, REPOSITORIES),
    ]
    # Pods are refused until the controllers have given the namespace its account.
    control_plane.kubectl(
        "wait", "serviceaccount/default", "-n", platform.namespace, "--for=create", "--timeout=30s"
    )
    for document in documents:
        control_plane.kubectl("apply", "-f", "-", input=document)


@pytest.mark.cluster
def test_the_first_round_opens_about_a_minute_after_the_beginning(
    control_plane: ClusterAccess, platform: Platform
) -> None:
    documents = ledger(platform, NOW), competition(platform, "http://192.0.2.1:5580", REPOSITORIES)
    control_plane.kubectl("apply", "-f", "-", input="---\n".join(documents))
    subnet = subnet_from_stored(_get(control_plane, platform, "subnet/ledger"))
    stored = competition_from_stored(_get(control_plane, platform, "comp/small-models"))
    assert subnet.clock is not None
    block = subnet.clock.block_at(NOW)
    first = sync_block(block, stored.every_blocks, stored.sync_offset_block) + EVERY_BLOCKS
    assert 60 <= first - block <= 90
    assert stored.submission_delay_blocks < first - block


@pytest.mark.parametrize("block", [0, 20, 299, 300, 12_345])
def test_on_a_chain_it_opens_as_soon_whatever_block_it_is(block: int) -> None:
    first = sync_block(block, EVERY_BLOCKS, first_sync(block)) + EVERY_BLOCKS
    assert 60 <= first - block <= 90


# Any: the JSON of a Kubernetes object.
def _get(control_plane: ClusterAccess, platform: Platform, target: str) -> dict[str, Any]:
    return json.loads(control_plane.kubectl("get", target, "-n", platform.namespace, "-o", "json").stdout)
