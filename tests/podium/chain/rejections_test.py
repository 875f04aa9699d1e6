"""What the chain demands of weights, and what it says when something changed after it was read."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from podium.core.kinds import UpdatePhase
from tests.podium.chain.epoch import EVERY, EXPECTED, Epoch, assert_settled
from tests.podium.chain.stage import OWNER, STAKE, VALIDATOR, Stage, key

_HOTKEY = VALIDATOR.ss58_address

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
    assert_settled(epoch)


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
    assert_settled(epoch)


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
    assert_settled(epoch)


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
    assert playing.row() == {**EXPECTED, 1: 1, 4: 1}
    assert OWNER.ss58_address == playing.subnet.hotkey(1)
