"""Comparing what a finalized block holds with what was meant: included is not paid."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from podium.core.kinds import ChainView, UpdatePhase, Verification, WeightUpdate
from podium.core.signing.verdicts import over
from podium.core.signing.world import ChainSide, SignerWorld, Step, Wait

__all__ = ["verify"]

_LATE_EPOCHS: Final = 3
"""Of the chain, after the one in which a commit should have been revealed."""


def verify(world: SignerWorld, chain: ChainSide) -> Step:
    """Whether the row on the chain is the one that was signed, once the chain has one.

    A commit is revealed by the chain, and one that cannot be revealed is dropped without a word:
    what counts is the row after it has gone.
    """
    update, view = world.update, chain.view
    if update.status.reveal_round is not None and update.status.reveal_round in view.pending:
        if not _late(update, view):
            return Wait()
        return _ends(world, view, "NotRevealed", "the commit is still there: nothing was paid by it")
    stranger = _reassigned(update, view)
    if stranger is not None:
        return _ends(world, view, "UidReassigned", stranger)
    if dict(view.row) == dict(update.status.vector):
        block = update.status.included_block
        return _ends(world, view, "RowMatches", f"included in block {block}; the row is the one meant")
    if any(dict(view.row) == dict(row) for row in chain.newer_rows):
        return _ends(world, view, "Replaced", "a later update had replaced the row before it was compared")
    text = "the row on the chain is another one"
    if update.status.reveal_round is not None:
        text = "the commit is gone and the row is another one: the chain refused it when it was revealed"
    return _ends(world, view, "RowDiffers", text)


def _late(update: WeightUpdate, view: ChainView) -> bool:
    included = update.status.included_block or 0
    return view.block > included + (view.reveal_period + _LATE_EPOCHS) * (view.tempo + 1)


def _reassigned(update: WeightUpdate, view: ChainView) -> str | None:
    """Who held a paid uid at the inclusion instead of the hotkey that was meant.

    Nobody can prevent it: a place can change hands between the finalized block that was read and
    the block that includes the weights. What that block says counts, where it could be read.
    """
    status = update.status
    if status.verification is not None and not status.verification.matches:
        return status.verification.message
    read, included = status.uids_block or 0, status.included_block or 0
    neurons = {one.uid: one for one in view.neurons}
    for hotkey, uid in status.uids:
        neuron = neurons.get(uid)
        if neuron is not None and read < neuron.registered_block <= included:
            return f"uid {uid} went from {hotkey} to {neuron.hotkey} at block {neuron.registered_block}"
    return None


def _ends(world: SignerWorld, view: ChainView, reason: str, message: str) -> Step:
    phase = {
        "RowMatches": UpdatePhase.VERIFIED,
        "Replaced": UpdatePhase.SKIPPED,
    }.get(reason, UpdatePhase.REFUSED)
    verification = Verification(view.block, phase is UpdatePhase.VERIFIED, message)
    return over(world, phase, reason, message, replace(world.update.status, verification=verification))
