"""Whatever a node does, weights are set once an epoch, and the update says what is wrong meanwhile."""

from __future__ import annotations

import pytest
from bittensor.keyfiles import Keypair

from podium.chain.connection import Connection
from podium.chain.signing import BittensorSigner
from podium.core.kinds import UpdatePhase
from tests.chain.faults import Abort, Answer, Close, Fault, Hang, LoseReply, Slow, Stale
from tests.chain.node import Node
from tests.podium.chain.epoch import Epoch, assert_settled
from tests.podium.chain.stage import VALIDATOR, Stage

_HOTKEY = VALIDATOR.ss58_address
_HEAD, _SUBMIT, _BODY = "chain_getFinalizedHead", "author_submitExtrinsic", "chain_getBlock"


async def test_without_faults_weights_are_set_and_verified_within_a_few_blocks(playing: Stage) -> None:
    epoch = Epoch(playing)
    await epoch.run(8)
    assert_settled(epoch)
    assert epoch.errors == []
    assert epoch.condition("Complete").reason == "RowMatches"


# --- the connection ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault", [Hang(), Close(1000), Close(1001), Close(1011), Abort(), Slow(0.2)], ids=str
)
@pytest.mark.parametrize("method", [_HEAD, "state_call", "state_getStorageAt", _SUBMIT, _BODY])
async def test_a_call_that_fails_is_made_again(playing: Stage, method: str, fault: Fault) -> None:
    epoch = Epoch(playing)
    playing.node.faults.plan(method, fault, times=2)
    await epoch.run(14)
    assert_settled(epoch)


@pytest.mark.parametrize("fault", [LoseReply(), Answer(-32000, "Client error: too busy")], ids=str)
async def test_bytes_of_which_nobody_knows_whether_they_arrived_are_sent_again(
    playing: Stage, fault: Fault
) -> None:
    epoch = Epoch(playing)
    playing.node.faults.plan(_SUBMIT, fault, times=3)
    await epoch.run(14)
    assert_settled(epoch)
    assert len(epoch.update.status.attempts) == 1


async def test_a_node_that_refuses_connections_is_waited_for(playing: Stage) -> None:
    epoch = Epoch(playing)
    await epoch.compose()
    await playing.node.refuse()
    await epoch.work()
    assert "ChainUnavailableError" in epoch.errors[0]
    await playing.node.open()
    await epoch.run(8)
    assert_settled(epoch)


async def test_a_node_that_has_too_many_clients_is_waited_for(playing: Stage) -> None:
    epoch = Epoch(playing)
    playing.node.faults.too_many_requests = True
    await epoch.compose()
    await epoch.work()
    assert "429" in epoch.errors[0]
    playing.node.faults.clear()
    await epoch.run(8)
    assert_settled(epoch)


async def test_a_node_of_another_chain_is_never_asked_for_anything(playing: Stage) -> None:
    epoch = Epoch(playing)
    playing.node.faults.genesis = "0x" + 64 * "7"
    await epoch.run(3)
    assert "WrongChainError" in epoch.errors[0]
    assert epoch.update.status.attempts == ()
    playing.node.faults.clear()
    await epoch.run(8)
    assert_settled(epoch)


async def test_a_chain_without_the_subnet_gets_nothing(playing: Stage) -> None:
    epoch = Epoch(playing)
    playing.chain.state.put("SubtensorModule", "NetworksAdded", 37, value=False)
    playing.chain.advance(5)
    await epoch.run(3)
    assert "there is no subnet 37" in epoch.errors[0]
    assert epoch.update.status.attempts == ()


# --- heads and finality --------------------------------------------------------------------------


async def test_a_head_that_goes_back_is_not_believed(playing: Stage) -> None:
    epoch = Epoch(playing)
    await epoch.run(3)
    playing.node.faults.plan(_HEAD, Stale(5), times=3)
    await epoch.run(12)
    assert any("was final before" in error for error in epoch.errors)
    assert_settled(epoch)


async def test_a_restarted_signer_does_not_believe_a_head_from_before_its_own_bytes(playing: Stage) -> None:
    epoch = Epoch(playing)
    await epoch.run(2)
    playing.signer._floor = 0
    epoch.signer = epoch.new_signer()
    playing.node.faults.plan(_HEAD, Stale(5), times=1)
    await epoch.work()
    assert epoch.condition("Preflight").reason == "ChainBehind"
    await epoch.run(10)
    assert_settled(epoch)


async def test_a_stale_head_delays_and_does_not_double(playing: Stage) -> None:
    epoch = Epoch(playing)
    playing.node.faults.plan(_HEAD, Stale(17), times=10)
    await epoch.run(25)
    assert_settled(epoch)


async def test_while_finality_stands_still_nothing_is_signed_again(playing: Stage) -> None:
    epoch = Epoch(playing)
    playing.chain.stalled = True
    await epoch.run(20)
    assert len(epoch.update.status.attempts) == 1
    assert epoch.update.status.phase is UpdatePhase.SUBMITTED
    playing.chain.stalled = False
    await epoch.run(6)
    assert_settled(epoch)


# --- the pool, eras and nonces -------------------------------------------------------------------


async def test_bytes_that_two_nodes_take_have_one_effect(playing: Stage) -> None:
    epoch = Epoch(playing)
    await epoch.run(1)
    (attempt,) = epoch.update.status.attempts
    async with Node(playing.chain) as other:
        connection = Connection([other.endpoint], playing.chain.genesis, playing.target.netuid)
        for _ in range(3):
            await BittensorSigner(connection, playing.target, VALIDATOR).submit(attempt.bytes)
        await connection.close()
    await epoch.run(8)
    assert_settled(epoch)


async def test_a_full_pool_is_said_and_waited_for(playing: Stage) -> None:
    epoch = Epoch(playing)
    playing.chain.pool_limit = 0
    await epoch.run(2)
    assert epoch.condition("Preflight").reason == "PoolFull"
    playing.chain.pool_limit = 10
    await epoch.run(8)
    assert_settled(epoch)


async def test_bytes_whose_era_has_passed_are_signed_anew_with_the_same_nonce(playing: Stage) -> None:
    epoch = Epoch(playing)
    playing.chain.includes = False
    await epoch.run(36)
    assert playing.chain.height > epoch.update.status.attempts[0].death_block
    playing.chain.includes = True
    await epoch.run(12)
    assert_settled(epoch)
    assert len(epoch.update.status.attempts) == 2
    assert {one.nonce for one in epoch.update.status.attempts} == {0}


async def test_a_nonce_that_somebody_else_used_is_said_and_the_next_one_taken(playing: Stage) -> None:
    epoch = Epoch(playing)
    playing.chain.includes = False
    await epoch.run(1)
    playing.chain.pool.clear()
    await _remark(playing, VALIDATOR)
    playing.chain.includes = True
    await epoch.run(14)
    assert_settled(epoch)
    assert epoch.condition("KeyExclusive").reason == "ForeignExtrinsic"
    assert [one.nonce for one in epoch.update.status.attempts] == [0, 1]


async def test_a_nonce_that_is_too_high_is_given_up_when_its_era_has_passed(playing: Stage) -> None:
    epoch = Epoch(playing)
    account = playing.chain.state.get("System", "Account", _HOTKEY)
    shown = playing.chain.state_of(playing.chain.blocks[17].hash)
    shown.put("System", "Account", _HOTKEY, value={**account, "nonce": 5})
    await epoch.run(44)
    assert_settled(epoch)
    assert [one.nonce for one in epoch.update.status.attempts] == [5, 0]
    assert [one.reason for one in epoch.update.status.spent] == ["NonceTooHigh"]


async def _remark(playing: Stage, keypair: Keypair) -> None:
    """Somebody uses the key for something else."""

    async def ask(client: object) -> None:
        from podium.chain.connection import raw_of  # noqa: PLC0415  # as the signer does

        raw = raw_of(client)  # type: ignore[arg-type]  # it is the SDK's client
        call = await raw.compose_call("System", "remark", {"remark": "0x00"})
        nonce = playing.chain.nonce(keypair.ss58_address)
        signed = await raw.sign_without_nonce_tracking(call, keypair, nonce=nonce, era={"period": 64})
        await raw.submit_extrinsic(signed)

    await playing.connection.call(ask, "using the key")
