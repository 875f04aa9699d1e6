"""Whatever a node does, weights are set once an epoch, and the update says what is wrong meanwhile."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from bittensor.keyfiles import Keypair

from podium.chain.connection import Connection
from podium.chain.signing import BittensorSigner
from podium.core.kinds import UpdatePhase
from tests.chain.faults import Abort, Answer, Close, Fault, Hang, LoseReply, Slow, Stale
from tests.chain.node import Node
from tests.podium.chain.epoch import EVERY, Epoch
from tests.podium.chain.stage import OWNER, STAKE, VALIDATOR, Stage, key

_HOTKEY = VALIDATOR.ss58_address
_HEAD, _SUBMIT, _BODY = "chain_getFinalizedHead", "author_submitExtrinsic", "chain_getBlock"
_EXPECTED = {2: 65535, 3: 21845}


def _settled(epoch: Epoch) -> None:
    """The update is verified, there was exactly one effect, and who earned something has it."""
    assert epoch.update.status.phase is UpdatePhase.VERIFIED, (epoch.update.status.conditions, epoch.errors)
    assert len(epoch.effects) == 1
    assert epoch.stage.row().items() >= _EXPECTED.items()


async def test_without_faults_weights_are_set_and_verified_within_a_few_blocks(playing: Stage) -> None:
    epoch = Epoch(playing)
    await epoch.run(8)
    _settled(epoch)
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
    _settled(epoch)


@pytest.mark.parametrize("fault", [LoseReply(), Answer(-32000, "Client error: too busy")], ids=str)
async def test_bytes_of_which_nobody_knows_whether_they_arrived_are_sent_again(
    playing: Stage, fault: Fault
) -> None:
    epoch = Epoch(playing)
    playing.node.faults.plan(_SUBMIT, fault, times=3)
    await epoch.run(14)
    _settled(epoch)
    assert len(epoch.update.status.attempts) == 1


async def test_a_node_that_refuses_connections_is_waited_for(playing: Stage) -> None:
    epoch = Epoch(playing)
    await epoch.compose()
    await playing.node.refuse()
    await epoch.work()
    assert "ChainUnavailableError" in epoch.errors[0]
    await playing.node.open()
    await epoch.run(8)
    _settled(epoch)


async def test_a_node_that_has_too_many_clients_is_waited_for(playing: Stage) -> None:
    epoch = Epoch(playing)
    playing.node.faults.too_many_requests = True
    await epoch.compose()
    await epoch.work()
    assert "429" in epoch.errors[0]
    playing.node.faults.clear()
    await epoch.run(8)
    _settled(epoch)


async def test_a_node_of_another_chain_is_never_asked_for_anything(playing: Stage) -> None:
    epoch = Epoch(playing)
    playing.node.faults.genesis = "0x" + 64 * "7"
    await epoch.run(3)
    assert "WrongChainError" in epoch.errors[0]
    assert epoch.update.status.attempts == ()
    playing.node.faults.clear()
    await epoch.run(8)
    _settled(epoch)


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
    _settled(epoch)


async def test_a_restarted_signer_does_not_believe_a_head_from_before_its_own_bytes(playing: Stage) -> None:
    epoch = Epoch(playing)
    await epoch.run(2)
    playing.signer._floor = 0
    epoch.signer = epoch.new_signer()
    playing.node.faults.plan(_HEAD, Stale(5), times=1)
    await epoch.work()
    assert epoch.condition("Preflight").reason == "ChainBehind"
    await epoch.run(10)
    _settled(epoch)


async def test_a_stale_head_delays_and_does_not_double(playing: Stage) -> None:
    epoch = Epoch(playing)
    playing.node.faults.plan(_HEAD, Stale(17), times=10)
    await epoch.run(25)
    _settled(epoch)


async def test_while_finality_stands_still_nothing_is_signed_again(playing: Stage) -> None:
    epoch = Epoch(playing)
    playing.chain.stalled = True
    await epoch.run(20)
    assert len(epoch.update.status.attempts) == 1
    assert epoch.update.status.phase is UpdatePhase.SUBMITTED
    playing.chain.stalled = False
    await epoch.run(6)
    _settled(epoch)


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
    _settled(epoch)


async def test_a_full_pool_is_said_and_waited_for(playing: Stage) -> None:
    epoch = Epoch(playing)
    playing.chain.pool_limit = 0
    await epoch.run(2)
    assert epoch.condition("Preflight").reason == "PoolFull"
    playing.chain.pool_limit = 10
    await epoch.run(8)
    _settled(epoch)


async def test_bytes_whose_era_has_passed_are_signed_anew_with_the_same_nonce(playing: Stage) -> None:
    epoch = Epoch(playing)
    playing.chain.includes = False
    await epoch.run(36)
    assert playing.chain.height > epoch.update.status.attempts[0].death_block
    playing.chain.includes = True
    await epoch.run(12)
    _settled(epoch)
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
    _settled(epoch)
    assert epoch.condition("KeyExclusive").reason == "ForeignExtrinsic"
    assert [one.nonce for one in epoch.update.status.attempts] == [0, 1]


async def test_a_nonce_that_is_too_high_is_given_up_when_its_era_has_passed(playing: Stage) -> None:
    epoch = Epoch(playing)
    account = playing.chain.state.get("System", "Account", _HOTKEY)
    shown = playing.chain.state_of(playing.chain.blocks[17].hash)
    shown.put("System", "Account", _HOTKEY, value={**account, "nonce": 5})
    await epoch.run(44)
    _settled(epoch)
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


# --- what the chain demands ----------------------------------------------------------------------

Change = Callable[[Stage], None]


def _rule(name: str, value: object) -> Change:
    return lambda playing: playing.subnet.set_rule(name, value)


_BEFORE: dict[str, tuple[Change, Change]] = {
    "NoPermit": (
        lambda playing: playing.subnet.set_permit(_HOTKEY, False),
        lambda playing: playing.subnet.set_permit(_HOTKEY, True),
    ),
    "StakeTooLow": (
        lambda playing: playing.chain.state.put("SubtensorModule", "StakeThreshold", value=STAKE + 1),
        lambda playing: playing.chain.state.put("SubtensorModule", "StakeThreshold", value=0),
    ),
    "VersionKeyTooLow": (_rule("WeightsVersionKey", 9), _rule("WeightsVersionKey", 0)),
    "RateLimited": (_rule("WeightsSetRateLimit", 1000), _rule("WeightsSetRateLimit", 0)),
    "WeightTooLarge": (_rule("MaxWeightsLimit", 30_000), _rule("MaxWeightsLimit", 65535)),
    "TooFewWeights": (_rule("MinAllowedWeights", 99), _rule("MinAllowedWeights", 1)),
}


@pytest.mark.parametrize("reason", _BEFORE)
async def test_what_the_chain_would_refuse_is_said_and_not_signed(playing: Stage, reason: str) -> None:
    epoch = Epoch(playing)
    breaks, mends = _BEFORE[reason]
    playing.chain.advance(EVERY)
    playing.subnet.set_column("LastUpdate", 0, EVERY - 1, blank=0)
    breaks(playing)
    playing.chain.advance(5)
    await epoch.run(4)
    assert (epoch.condition("Preflight").status, epoch.condition("Preflight").reason) == (False, reason)
    assert epoch.update.status.attempts == ()
    mends(playing)
    await epoch.run(14)
    _settled(epoch)


_BETWEEN: dict[str, tuple[Change, Change]] = {
    "NeuronNoValidatorPermit": _BEFORE["NoPermit"],
    "NotEnoughStakeToSetWeights": _BEFORE["StakeTooLow"],
    "IncorrectWeightVersionKey": _BEFORE["VersionKeyTooLow"],
    "MaxWeightExceeded": _BEFORE["WeightTooLarge"],
    "WeightVecLengthIsLow": (_rule("MinAllowedWeights", 5), _rule("MinAllowedWeights", 1)),
    "CommitRevealEnabled": (
        _rule("CommitRevealWeightsEnabled", True),
        _rule("CommitRevealWeightsEnabled", False),
    ),
}


@pytest.mark.parametrize("name", _BETWEEN)
async def test_what_changes_between_the_read_and_the_block_is_said_and_tried_again(
    playing: Stage, name: str
) -> None:
    epoch = Epoch(playing)
    breaks, mends = _BETWEEN[name]
    await epoch.compose()
    await epoch.work()
    breaks(playing)
    await playing.node.advance(4)
    await epoch.work()
    assert [one.reason for one in epoch.update.status.spent] == [name]
    mends(playing)
    await epoch.run(45)
    _settled(epoch)


# What the chain may say to weights, by the names of its pallet's errors.
_REJECTIONS = (
    "SettingWeightsTooFast",
    "CommittingWeightsTooFast",
    "IncorrectWeightVersionKey",
    "NeuronNoValidatorPermit",
    "NotEnoughStakeToSetWeights",
    "HotKeyNotRegisteredInSubNet",
    "UidVecContainInvalidOne",
    "DuplicateUids",
    "WeightVecLengthIsLow",
    "WeightVecNotEqualSize",
    "MaxWeightExceeded",
    "UidsLengthExceedUidsInSubNet",
    "CommitRevealEnabled",
    "CommitRevealDisabled",
    "TooManyUnrevealedCommits",
    "ExpiredWeightCommit",
    "RevealTooEarly",
    "IncorrectCommitRevealVersion",
    "InvalidRevealRound",
    "CanNotSetRootNetworkWeights",
    "SubnetNotExists",
)


@pytest.mark.parametrize("name", _REJECTIONS)
async def test_whatever_the_chain_says_is_the_reason_and_weights_are_set_when_it_does_not(
    playing: Stage, name: str
) -> None:
    epoch = Epoch(playing)
    playing.chain.refuses = name
    await epoch.run(6)
    assert [one.reason for one in epoch.update.status.spent][:1] == [name]
    assert epoch.effects == []
    playing.chain.refuses = None
    await epoch.run(14)
    _settled(epoch)


async def test_a_hotkey_that_loses_its_uid_before_the_block_is_said(playing: Stage) -> None:
    epoch = Epoch(playing)
    await epoch.compose()
    await epoch.work()
    playing.subnet.register(key("stranger").ss58_address, playing.chain.height, uid=0)
    await epoch.run(6)
    assert [one.reason for one in epoch.update.status.spent] == ["HotKeyNotRegisteredInSubNet"]
    assert epoch.condition("Preflight").reason == "NotRegistered"
    assert epoch.effects == []


async def test_a_hotkey_that_is_not_registered_is_said(playing: Stage) -> None:
    epoch = Epoch(playing)
    playing.subnet.register(key("stranger").ss58_address, playing.chain.height, uid=0)
    playing.chain.advance(5)
    await epoch.run(2)
    assert epoch.condition("Preflight").reason == "NotRegistered"
    assert epoch.update.status.attempts == ()


async def test_a_uid_that_changes_hands_before_the_block_is_told_and_not_called_a_success(
    playing: Stage,
) -> None:
    epoch = Epoch(playing)
    await epoch.compose()
    await epoch.work()
    playing.subnet.register(key("newcomer").ss58_address, playing.chain.height + 1, uid=2)
    await epoch.run(8)
    assert epoch.update.status.phase is UpdatePhase.REFUSED
    assert epoch.condition("Complete").reason == "UidReassigned"
    assert len(epoch.effects) == 1


async def test_a_hotkey_that_left_gets_nothing_and_its_uid_neither(playing: Stage) -> None:
    epoch = Epoch(playing)
    playing.subnet.register(key("newcomer").ss58_address, playing.chain.height, uid=2)
    playing.chain.advance(5)
    await epoch.run(8)
    assert epoch.update.status.phase is UpdatePhase.VERIFIED
    assert playing.row() == {3: 65535}


async def test_a_vector_that_is_too_short_is_padded_and_says_so(playing: Stage) -> None:
    epoch = Epoch(playing)
    playing.subnet.set_rule("MinAllowedWeights", 4)
    playing.chain.advance(5)
    await epoch.run(8)
    assert epoch.update.status.phase is UpdatePhase.VERIFIED
    assert playing.row() == {**_EXPECTED, 1: 1, 4: 1}
    assert OWNER.ss58_address == playing.subnet.hotkey(1)
