"""Weights that are committed first: what is inside is what was meant, and a commit is not yet a payment."""

from __future__ import annotations

import pytest

from podium.core.kinds import UpdatePhase
from tests.chain.pallet import write_row
from tests.chain.randomness import ROUND, block_time_to_the_past, opened, pending_commits
from tests.podium.chain.epoch import Epoch
from tests.podium.chain.stage import NETUID, VALIDATOR, Stage


@pytest.fixture
def committing(playing: Stage) -> Stage:
    """A subnet that wants weights committed."""
    playing.subnet.set_rule("CommitRevealWeightsEnabled", True)
    playing.chain.advance(5)
    return playing


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
        return block_time_to_the_past(committing.chain, NETUID)

    monkeypatch.setattr("bittensor.client.Client.block_time", of_the_past)
    epoch = Epoch(committing)
    await epoch.run(3)
    ((hotkey, _, sealed, reveal_round),) = pending_commits(committing.chain, NETUID)
    assert (hotkey, reveal_round) == (VALIDATOR.ss58_address, ROUND)
    key, row = opened(sealed)
    assert key == VALIDATOR.public_key
    assert row == dict(epoch.update.status.vector) == {2: 65535, 3: 21845}
