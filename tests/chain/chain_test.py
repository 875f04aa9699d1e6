"""The stand-in node behaves as a node does: what it takes, what it refuses, what it forgets."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from bittensor._transport import SubstrateConnection
from bittensor._transport.errors import StateDiscardedError, SubstrateRequestException
from bittensor.keyfiles import Keypair

from tests.chain.chain import Chain, new_subnet
from tests.chain.metadata import runtime_metadata
from tests.chain.node import Node

_NETUID = 37
_VALIDATOR, _MINER = (Keypair.create_from_uri(f"//{name}") for name in ("validator", "miner"))
_ROW = {"netuid": _NETUID, "mecid": 0, "dests": [1], "weights": [65535], "version_key": 0}
_COMMIT = {"netuid": _NETUID, "mecid": 0, "commit": "0x00", "reveal_round": 1, "commit_reveal_version": 4}


@pytest.fixture(autouse=True)
def _sdk_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BITTENSOR_RUNTIME_CACHE_DIR", str(tmp_path))


@pytest.fixture
async def node() -> AsyncIterator[Node]:
    """A subnet of a validator and a miner, 20 blocks old."""
    chain = Chain(runtime_metadata())
    subnet = new_subnet(chain, _NETUID)
    for keypair in (_VALIDATOR, _MINER):
        subnet.register(keypair.ss58_address, 0, stake=10)
    subnet.set_permit(_VALIDATOR.ss58_address, True)
    chain.advance(20)
    async with Node(chain) as node:
        yield node


@pytest.fixture
async def sdk(node: Node) -> AsyncIterator[SubstrateConnection]:
    """The real transport."""
    async with SubstrateConnection(node.endpoint, ss58_format=42) as connection:
        yield connection


async def _signed(
    sdk: SubstrateConnection, function: str, arguments: dict[str, Any], nonce: int = 0, **era: int
) -> Any:
    call = await sdk.compose_call("SubtensorModule", function, arguments)
    return await sdk.sign_without_nonce_tracking(call, _VALIDATOR, nonce=nonce, era={"period": 64, **era})


async def _row(sdk: SubstrateConnection, nonce: int = 0, **changes: Any) -> Any:
    return await _signed(sdk, "set_mechanism_weights", {**_ROW, **changes}, nonce)


# --- the pool ------------------------------------------------------------------------------------


async def test_an_extrinsic_waits_for_a_block_and_has_its_effect_there(
    node: Node, sdk: SubstrateConnection
) -> None:
    extrinsic = await _row(sdk)
    await sdk.submit_extrinsic(extrinsic)
    hotkey = _VALIDATOR.ss58_address
    assert (node.chain.nonce(hotkey), node.chain.next_index(hotkey)) == (0, 1)
    await node.advance()
    assert node.chain.subnet(_NETUID).row(0) == {1: 65535}
    report = await sdk.resolve_extrinsic(extrinsic.extrinsic_hash, node.chain.blocks[-1].hash)
    assert report.is_success


async def test_known_bytes_a_used_nonce_a_taken_nonce_and_a_full_pool_are_refused(
    node: Node, sdk: SubstrateConnection
) -> None:
    first, rival = await _row(sdk), await _row(sdk, weights=[1])
    await sdk.submit_extrinsic(first)
    for extrinsic, said in ((first, "already imported"), (rival, "Priority is too low")):
        with pytest.raises(SubstrateRequestException, match=said):
            await sdk.submit_extrinsic(extrinsic)
    await node.advance()
    with pytest.raises(SubstrateRequestException, match="outdated"):
        await sdk.submit_extrinsic(rival)
    node.chain.pool_limit = 0
    with pytest.raises(SubstrateRequestException, match="Immediately Dropped"):
        await sdk.submit_extrinsic(await _row(sdk, 1))


async def test_a_nonce_ahead_waits_for_the_one_before(node: Node, sdk: SubstrateConnection) -> None:
    await sdk.submit_extrinsic(await _row(sdk, 1))
    await node.advance()
    assert node.chain.subnet(_NETUID).row(0) == {}
    node.chain.subnet(_NETUID).set_rule("WeightsSetRateLimit", 0)
    await sdk.submit_extrinsic(await _row(sdk, 0, weights=[7]))
    await node.advance()
    assert node.chain.nonce(_VALIDATOR.ss58_address) == 2
    assert node.chain.subnet(_NETUID).row(0) == {1: 65535}


async def test_bytes_outlive_their_era_by_nothing(node: Node, sdk: SubstrateConnection) -> None:
    extrinsic = await _signed(sdk, "set_mechanism_weights", _ROW, current=node.chain.final, period=8)
    node.chain.includes = False
    await sdk.submit_extrinsic(extrinsic)
    await node.advance(5)
    assert node.chain.pool == {}
    with pytest.raises(SubstrateRequestException, match=r"ancient|bad signature"):
        await sdk.submit_extrinsic(extrinsic)


async def test_a_signature_that_does_not_fit_is_refused(node: Node, sdk: SubstrateConnection) -> None:
    extrinsic = await _row(sdk)
    broken = bytearray(extrinsic.data)
    broken[-1] ^= 1
    with pytest.raises(SubstrateRequestException):
        await sdk.rpc_request("author_submitExtrinsic", ["0x" + bytes(broken).hex()])
    assert node.chain.pool == {}


# --- dispatch ------------------------------------------------------------------------------------

_REFUSALS: dict[str, tuple[str, dict[str, Any], str, object]] = {
    # Function, arguments, rule and its value.
    "CommitRevealEnabled": ("set_mechanism_weights", {}, "CommitRevealWeightsEnabled", True),
    "IncorrectWeightVersionKey": ("set_mechanism_weights", {}, "WeightsVersionKey", 5),
    "DuplicateUids": ("set_mechanism_weights", {"dests": [1, 1], "weights": [1, 1]}, "Tempo", 360),
    "UidVecContainInvalidOne": ("set_mechanism_weights", {"dests": [9]}, "Tempo", 360),
    "WeightVecLengthIsLow": ("set_mechanism_weights", {}, "MinAllowedWeights", 2),
    "WeightVecNotEqualSize": ("set_mechanism_weights", {"weights": [1, 2]}, "Tempo", 360),
    "MaxWeightExceeded": ("set_mechanism_weights", {}, "MaxWeightsLimit", 100),
    "SubnetNotExists": ("set_mechanism_weights", {"netuid": 5}, "Tempo", 360),
    "MechanismDoesNotExist": ("set_mechanism_weights", {"mecid": 3}, "Tempo", 360),
    "CommitRevealDisabled": ("commit_timelocked_mechanism_weights", {}, "Tempo", 360),
    "IncorrectCommitRevealVersion": (
        "commit_timelocked_mechanism_weights",
        {"commit_reveal_version": 3},
        "CommitRevealWeightsEnabled",
        True,
    ),
}


@pytest.mark.parametrize("name", _REFUSALS)
async def test_the_pallets_rules_have_the_names_that_clients_decode(
    node: Node, sdk: SubstrateConnection, name: str
) -> None:
    function, changes, rule, value = _REFUSALS[name]
    node.chain.subnet(_NETUID).set_rule(rule, value)
    arguments = _ROW if function == "set_mechanism_weights" else _COMMIT
    extrinsic = await _signed(sdk, function, {**arguments, **changes})
    await sdk.submit_extrinsic(extrinsic)
    await node.advance()
    report = await sdk.resolve_extrinsic(extrinsic.extrinsic_hash, node.chain.blocks[-1].hash)
    assert not report.is_success
    assert (report.error_message or {})["name"] == name
    assert node.chain.nonce(_VALIDATOR.ss58_address) == 1


async def test_weights_can_be_set_again_after_the_rate_limit(node: Node, sdk: SubstrateConnection) -> None:
    node.chain.subnet(_NETUID).set_rule("WeightsSetRateLimit", 5)
    for nonce, blocks, error in ((0, 1, None), (1, 4, "SubtensorModule.SettingWeightsTooFast"), (2, 1, None)):
        await sdk.submit_extrinsic(await _row(sdk, nonce))
        await node.advance(blocks)
        (done,) = [one for block in node.chain.blocks[-blocks:] for one in block.included]
        assert done.error == error


# --- heads, finality and state -------------------------------------------------------------------


async def test_finality_is_some_blocks_behind_and_can_stand_still(
    node: Node, sdk: SubstrateConnection
) -> None:
    assert await sdk.get_finalized_block_number() == 17
    node.chain.stalled = True
    await node.advance(3)
    assert (await sdk.get_finalized_block_number(), node.chain.height) == (17, 23)


async def test_state_of_old_blocks_is_discarded_and_their_bodies_are_not(
    node: Node, sdk: SubstrateConnection
) -> None:
    old = node.chain.blocks[3].hash
    await node.advance(260)
    with pytest.raises(StateDiscardedError):
        await sdk.query("Timestamp", "Now", [], block_hash=old)
    assert (await sdk.rpc_request("chain_getBlock", [old]))["block"]["header"]["number"] == "0x3"


async def test_a_place_that_changes_hands_has_one_holder(node: Node) -> None:
    subnet = node.chain.subnet(_NETUID)
    subnet.register("5F4tQyWrhfGVcNhoqeiNsR6KjD4wMZ2kfhLj4oHYuyHbZAc3", 20, uid=1)
    assert subnet.uid(_MINER.ss58_address) is None
    assert subnet.uid("5F4tQyWrhfGVcNhoqeiNsR6KjD4wMZ2kfhLj4oHYuyHbZAc3") == 1


async def test_those_who_subscribe_are_told_of_blocks(node: Node, sdk: SubstrateConnection) -> None:
    heads = sdk.subscribe_heads()
    first = asyncio.ensure_future(anext(heads))
    while not node.calls["chain_subscribeNewHeads"]:  # noqa: ASYNC110  # the node has no event for it
        await asyncio.sleep(0)
    await node.advance()
    assert (await first)["number"] == 21
