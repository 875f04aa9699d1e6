"""Weights through the real SDK, from a view to a row on the chain."""

from __future__ import annotations

from tests.podium.chain.stage import MINERS, OWNER, VALIDATOR, Stage


async def test_a_view_holds_what_weights_depend_on(playing: Stage) -> None:
    view = await playing.signer.view()
    assert (view.block, view.hash, view.nonce) == (17, playing.chain.blocks[17].hash, 0)
    assert [one.hotkey for one in view.neurons] == [one.ss58_address for one in (VALIDATOR, OWNER, *MINERS)]
    assert view.by_hotkey[VALIDATOR.ss58_address].permit
    assert view.owner_hotkey == OWNER.ss58_address
    assert (view.rate_limit, view.min_allowed, view.max_weight, view.commit_reveal) == (10, 1, 65535, False)


async def test_signed_weights_are_on_the_chain_once_sent_and_can_be_found(playing: Stage) -> None:
    view = await playing.signer.view()
    attempt, reveal = await playing.signer.sign(playing.request(view))
    assert (attempt.birth_block, attempt.death_block, reveal) == (17, 33, None)
    await playing.signer.submit(attempt.bytes)
    assert playing.row() == {}
    await playing.node.advance(4)
    assert playing.row() == {2: 65535, 3: 32768}
    now = await playing.signer.view()
    assert (now.block, now.nonce, dict(now.row)) == (21, 1, {2: 65535, 3: 32768})
    assert now.by_hotkey[VALIDATOR.ss58_address].last_update == 21
    found = await playing.signer.find([attempt.hash], attempt.birth_block, now.block)
    assert found is not None
    assert (found.block, found.error, found.known) == (21, None, True)
    assert found.holders is not None
    assert found.holders[2] == MINERS[0].ss58_address


async def test_the_same_bytes_can_be_sent_again_and_take_effect_once(playing: Stage) -> None:
    view = await playing.signer.view()
    attempt, _ = await playing.signer.sign(playing.request(view))
    for _ in range(3):
        await playing.signer.submit(attempt.bytes)
    await playing.node.advance(2)
    await playing.signer.submit(attempt.bytes)
    assert playing.chain.nonce(VALIDATOR.ss58_address) == 1
