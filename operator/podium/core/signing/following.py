"""The decision about an update of a chain: begin, follow what was sent, verify what the chain holds.

Nothing is remembered but what is stored: killed anywhere, the next signer goes on from the object and the
chain. Two things make a second payment impossible. An attempt is stored before its bytes leave, and all
attempts that could still land have one nonce, of which the chain accepts one. A nonce is given up only when
a finalized block shows that it is spent, or that the era of all its bytes has passed.
"""

from __future__ import annotations

from dataclasses import replace

from podium.core.kinds import (
    Attempt,
    ChainView,
    Inclusion,
    SpentNonce,
    UpdatePhase,
    Verification,
    WeightUpdate,
    WeightUpdateStatus,
)
from podium.core.signing.beginning import begin
from podium.core.signing.verdicts import held, with_verdict
from podium.core.signing.verifying import verify
from podium.core.signing.world import ChainSide, Record, SignerWorld, Step, Submit, Wait

__all__ = ["decide_chain_update", "open_attempts"]


def decide_chain_update(world: SignerWorld) -> Step:
    """The next step of an update, given what the chain holds at a finalized block."""
    status, chain = world.update.status, world.chain
    if status.phase.terminal or chain is None:
        return Wait()
    if chain.view.block < _floor(status):
        text = f"the node does not know block {_floor(status)}, which was final already"
        return held(world, "ChainBehind", text)
    if status.phase is UpdatePhase.FINALIZED:
        return verify(world, chain)
    attempts = open_attempts(status)
    return _follow(world, chain, attempts) if attempts else begin(world, chain)


def open_attempts(status: WeightUpdateStatus) -> tuple[Attempt, ...]:
    """Attempts whose nonce has not been given up, oldest first; all have the same one."""
    spent = {one.nonce for one in status.spent}
    return tuple(one for one in status.attempts if one.nonce not in spent)


def _floor(status: WeightUpdateStatus) -> int:
    """The newest block that was known to be final; a node that is behind it tells the past."""
    known = [one.signed_block for one in status.attempts] + [one.block for one in status.spent]
    known += [block for block in (status.uids_block, status.finalized_block) if block is not None]
    return max(known, default=0)


def _follow(world: SignerWorld, chain: ChainSide, attempts: tuple[Attempt, ...]) -> Step:
    view, nonce = chain.view, attempts[0].nonce
    if chain.inclusion is not None:
        return _included(world, chain, nonce)
    if view.nonce > nonce:
        # The chain was read for our own bytes first: it was somebody else's extrinsic.
        text = f"nonce {nonce} was used by an extrinsic that this update did not make: who has the key?"
        return Record(_spend(world, nonce, view.block, "ForeignExtrinsic", text, foreign=True))
    if view.block < max(one.death_block for one in attempts):
        newest = attempts[-1]
        sent = chain.sent_block is not None and chain.sent_block >= view.block
        return Wait() if sent else Submit(newest)
    if view.nonce < nonce:
        text = f"nonce {nonce} was never reached: the chain is at {view.nonce}"
        return Record(_spend(world, nonce, view.block, "NonceTooHigh", text))
    return begin(world, chain, nonce, len(attempts))


def _included(world: SignerWorld, chain: ChainSide, nonce: int) -> Step:
    update, found = world.update, chain.inclusion
    if found is None:
        return Wait()
    error = found.error or _not_applied(update, chain.view, found)
    if error is not None:
        text = f"the chain refused the weights in block {found.block}: {error}"
        return Record(_spend(world, nonce, chain.view.block, error, text))
    status = replace(
        update.status,
        phase=UpdatePhase.FINALIZED,
        included_block=found.block,
        included_hash=found.block_hash,
        finalized_block=chain.view.block,
        verification=_misplaced(update.status, chain.view, found),
    )
    text = f"included in block {found.block}"
    return Record(with_verdict(world, status, "Preflight", "Included", text, holds=True))


def _not_applied(update: WeightUpdate, view: ChainView, found: Inclusion) -> str | None:
    """Whether an extrinsic failed whose block no longer tells: all that take effect leave a later update.

    The row cannot tell, since weights that do not change leave it as it was.
    """
    neuron = view.by_hotkey.get(update.target.hotkey) if update.target is not None else None
    if found.known or (neuron is not None and neuron.last_update >= found.block):
        return None
    return "NotApplied"


def _misplaced(status: WeightUpdateStatus, view: ChainView, found: Inclusion) -> Verification | None:
    """Whether a paid uid belonged to somebody else in the block that includes the weights.

    Where that block's state is gone, a uid that has changed hands since cannot be called paid.
    """
    holders = found.holders
    when = "when the weights were included"
    if holders is None:
        holders = {one.uid: one.hotkey for one in view.neurons}
        when = f"by block {view.block}, and who had it in block {found.block} cannot be read any more"
    for hotkey, uid in status.uids:
        if holders.get(uid) != hotkey:
            text = f"uid {uid} had gone from {hotkey} to {holders.get(uid, 'nobody')} {when}"
            return Verification(found.block, matches=False, message=text)
    return None


def _spend(
    world: SignerWorld, nonce: int, block: int, reason: str, text: str, *, foreign: bool = False
) -> WeightUpdateStatus:
    status = world.update.status
    spent = (*status.spent, SpentNonce(nonce, block, reason))
    status = replace(status, phase=UpdatePhase.PENDING, spent=spent)
    if foreign:
        status = with_verdict(world, status, "KeyExclusive", reason, text, holds=False)
    return with_verdict(world, status, "Preflight", reason, text, holds=False)
