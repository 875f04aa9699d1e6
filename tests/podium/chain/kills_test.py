"""The signer is killed after each of its writes and calls; weights are set once all the same."""

from __future__ import annotations

import random

import pytest

from podium.core.kinds import UpdatePhase
from tests.chain.faults import Abort, Answer, Close, Fault, LoseReply, Stale
from tests.podium.chain.epoch import Epoch
from tests.podium.chain.killing import Countdown, Killed, KillingChain, KillingServer
from tests.podium.chain.stage import Stage

_MOMENTS = 17
_EPOCHS = 200
_EVERY = 40


async def _run(epoch: Epoch, passes: int, blocks: int = 1) -> None:
    for _ in range(passes):
        await epoch.compose()
        try:
            await epoch.work()
        except Killed:
            epoch.signer = epoch.new_signer()
        await epoch.stage.node.advance(blocks)


def _epoch(playing: Stage, countdown: Countdown, every: int = 120) -> Epoch:
    chain = KillingChain(playing.signer, countdown.pass_by)
    return Epoch(playing, every, KillingServer(countdown.pass_by), chain=chain)


@pytest.mark.parametrize("moment", range(_MOMENTS + 1))
async def test_a_signer_that_is_killed_at_any_moment_sets_weights_once(playing: Stage, moment: int) -> None:
    countdown = Countdown(moment)
    epoch = _epoch(playing, countdown)
    await _run(epoch, 14)
    assert countdown.seen >= _MOMENTS
    assert epoch.update.status.phase is UpdatePhase.VERIFIED
    assert len(epoch.effects) == 1


_FAULTS: tuple[tuple[str, Fault], ...] = (
    ("chain_getFinalizedHead", Close(1011)),
    ("chain_getFinalizedHead", Answer(-32000, "Client error: busy")),
    ("state_call", Abort()),
    ("state_getStorageAt", Abort()),
    ("author_submitExtrinsic", LoseReply()),
    ("author_submitExtrinsic", Abort()),
    ("author_submitExtrinsic", Answer(1016, "Immediately Dropped")),
    ("chain_getBlock", Abort()),
)


async def test_hundreds_of_epochs_with_faults_and_kills_have_one_row_each(playing: Stage) -> None:
    rng = random.Random(7)  # noqa: S311  # a test must be repeatable
    countdown = Countdown()
    epoch = _epoch(playing, countdown, _EVERY)
    first = playing.chain.height // _EVERY
    for number in range(first, first + _EPOCHS):
        while playing.chain.height < _EVERY * (number + 1) - 1:
            quiet = playing.chain.height % _EVERY > 2 * _EVERY // 3
            if not quiet and rng.random() < 0.5:
                playing.node.faults.plan(*rng.choice(_FAULTS))
            if not quiet and rng.random() < 0.1:
                playing.node.faults.plan("chain_getFinalizedHead", Stale(max(0, playing.chain.final - 9)))
            if quiet:
                playing.node.faults.clear()
            playing.chain.includes = quiet or rng.random() < 0.7
            countdown.at = countdown.seen + rng.randint(1, 40)
            left = _EVERY * (number + 1) - 1 - playing.chain.height
            await _run(epoch, 1, min(rng.randint(1, 4), left))
        while playing.chain.height % _EVERY:
            await _run(epoch, 1)
    countdown.at = 0
    await _run(epoch, 12)
    effects = [block // _EVERY for block in epoch.effects]
    assert sorted(set(effects)) == effects
    assert set(range(first, first + _EPOCHS)) <= set(effects)
    assert {one.status.phase for one in epoch.updates[:_EPOCHS]} == {UpdatePhase.VERIFIED}
