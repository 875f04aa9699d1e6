"""Weights that are committed first: what is inside is what was meant, and a commit is not yet a payment."""

from __future__ import annotations

import time

import bittensor_core
import pytest

from podium.core.kinds import UpdatePhase
from tests.chain.pallet import write_row
from tests.chain.scale import compact, from_hex, read_compact
from tests.podium.chain.epoch import Epoch
from tests.podium.chain.stage import NETUID, VALIDATOR, Stage

_START, _SECONDS, _ROUND = 1_692_803_367, 3, 1000
_SIGNATURE = (
    "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39"
)
"""The public randomness of that round, https://api.drand.sh of the network quicknet."""


@pytest.fixture
def committing(playing: Stage) -> Stage:
    """A subnet that wants weights committed."""
    playing.subnet.set_rule("CommitRevealWeightsEnabled", True)
    playing.chain.advance(5)
    return playing


def _pending(playing: Stage) -> list[list[object]]:
    index = NETUID
    epoch = int(playing.chain.state.get("SubtensorModule", "SubnetEpochIndex", NETUID))
    return list(playing.chain.state.get("SubtensorModule", "TimelockedWeightCommits", index, epoch))


def _reveal(playing: Stage, row: dict[int, int] | None) -> None:
    """The chain drops the commits, and writes a row unless it cannot."""
    epoch = int(playing.chain.state.get("SubtensorModule", "SubnetEpochIndex", NETUID))
    playing.chain.state.put("SubtensorModule", "TimelockedWeightCommits", NETUID, epoch, value=[])
    if row is not None:
        write_row(playing.subnet, 0, 0, row)


async def test_a_commit_waits_for_its_reveal_before_it_counts(committing: Stage) -> None:
    epoch = Epoch(committing)
    await epoch.run(10)
    assert epoch.update.status.phase is UpdatePhase.FINALIZED
    assert epoch.update.status.reveal_round is not None
    _reveal(committing, dict(epoch.update.status.vector))
    await epoch.run(5)
    assert epoch.update.status.phase is UpdatePhase.VERIFIED
    assert len(epoch.effects) == 1


async def test_a_commit_that_the_chain_drops_is_told(committing: Stage) -> None:
    epoch = Epoch(committing)
    await epoch.run(10)
    _reveal(committing, None)
    await epoch.run(5)
    assert epoch.update.status.phase is UpdatePhase.REFUSED
    assert epoch.condition("Complete").reason == "RowDiffers"


async def test_what_was_committed_can_be_opened_with_the_rounds_randomness(
    committing: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def of_the_past(_: object) -> float:
        """Such a length of blocks that the reveal falls into the round whose randomness is known."""
        _, plain = bittensor_core.get_encrypted_commit_v2(**_schedule(committing))
        blocks = round((_START + _SECONDS * plain - time.time()) / 12)
        return (_START + _SECONDS * (_ROUND + 0.5) - time.time()) / blocks

    monkeypatch.setattr("bittensor.client.Client.block_time", of_the_past)
    epoch = Epoch(committing)
    await epoch.run(3)
    ((hotkey, _, commit, reveal_round),) = _pending(committing)
    assert (hotkey, reveal_round) == (VALIDATOR.ss58_address, _ROUND)
    sealed = from_hex(str(commit))
    wrapped = compact(len(sealed)) + sealed + _ROUND.to_bytes(8, "little")
    key, row = _opened(bytes(bittensor_core.decrypt_with_signature(wrapped, _SIGNATURE)))
    assert key == VALIDATOR.public_key
    assert row == dict(epoch.update.status.vector) == {2: 65535, 3: 21845}


def _schedule(playing: Stage) -> dict[str, object]:
    """What a reveal's moment depends on; nothing has happened on this chain yet."""
    return {
        "uids": [1],
        "weights": [1],
        "version_key": 0,
        "hotkey": VALIDATOR.public_key,
        "last_epoch_block": 0,
        "pending_epoch_at": 0,
        "subnet_epoch_index": 0,
        "tempo": 360,
        "blocks_since_last_step": 0,
        "subnet_reveal_period_epochs": 1,
        "current_block": playing.chain.height,
        "block_time": 12.0,
    }


def _opened(payload: bytes) -> tuple[bytes, dict[int, int]]:
    """Hotkey and row of what the chain decrypts: hotkey, uids, weights, version key."""
    size, at = read_compact(payload, 0)
    hotkey, at = payload[at : at + size], at + size
    columns = []
    for _ in range(2):
        count, at = read_compact(payload, at)
        numbers = [int.from_bytes(payload[at + 2 * i : at + 2 * i + 2], "little") for i in range(count)]
        columns.append(numbers)
        at += 2 * count
    return hotkey, dict(zip(*columns, strict=True))
