"""Signing weights, when nothing of an update can land any more or anything has been sent yet."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from podium.core.conditions import find_condition
from podium.core.kinds import UpdatePhase, Verification
from podium.core.shares import UNIT
from podium.core.signing.objections import objection_of_content
from podium.core.signing.preflight import objection_of_chain
from podium.core.signing.vector import Mapped, map_weights
from podium.core.signing.verdicts import held, over, with_verdict
from podium.core.signing.world import ChainSide, Sign, SignerWorld, Step

__all__ = ["ATTEMPTS", "LONGEST_ERA", "MOST_ATTEMPTS", "SHORTEST_ERA", "begin"]

LONGEST_ERA: Final = 32
"""Blocks, about six minutes: how long lost bytes may come back."""

SHORTEST_ERA: Final = 8
"""It begins at a finalized block, which is some blocks old; less would never land."""

ATTEMPTS: Final = 3
"""With one nonce. They are spread over the epoch, so that one is left for its last third."""

MOST_ATTEMPTS: Final = 8
"""With any nonce; a key that others use all the time is not fought over for ever."""


def begin(world: SignerWorld, chain: ChainSide, nonce: int | None = None, tried: int = 0) -> Step:
    """Nothing of this update can land any more: sign, or say why not.

    Args:
        world: The update and its surroundings.
        chain: What the chain holds.
        nonce: Of attempts whose era has passed; they are repeated with it.
        tried: How many there were.
    """
    update, view = world.update, chain.view
    ended = _ended(world, chain)
    if ended is not None:
        return ended
    if chain.busy is not None:
        return held(world, "EarlierUpdateInFlight", f"{chain.busy} may still land")
    mapped = map_weights(update, view)
    objection = objection_of_chain(update, view, mapped) or _too_early(world, view.block, tried)
    if objection is not None:
        return held(world, *objection)
    period = _era(update.valid_until_block + 1 - view.block)
    if period is None:
        return held(world, "EpochEnds", "too few blocks are left of the epoch")
    if len(update.status.attempts) >= MOST_ATTEMPTS or tried >= ATTEMPTS:
        return held(world, "TooManyAttempts", f"{len(update.status.attempts)} attempts did not land")
    return _sign(world, chain, mapped, view.nonce if nonce is None else nonce, period)


def _sign(world: SignerWorld, chain: ChainSide, mapped: Mapped, nonce: int, period: int) -> Step:
    view, update = chain.view, world.update
    text = f"signed for blocks {view.block} to {view.block + period - 1}"
    if mapped.dropped:
        text += f"; left out, since they hold no place that is old enough: {', '.join(mapped.dropped[:5])}"
    if mapped.padding:
        text += f"; padded with {len(mapped.padding)} smallest weights, as the subnet asks for"
    status = replace(
        update.status,
        observed_generation=update.generation,
        phase=UpdatePhase.SIGNED,
        uids_block=view.block,
        uids=mapped.uids,
        vector=mapped.vector,
    )
    return Sign(
        nonce=nonce,
        birth_block=view.block,
        birth_hash=view.hash,
        period=period,
        vector=mapped.vector,
        version_key=update.version_key,
        commit=view.commit_reveal,
        status=with_verdict(world, status, "Preflight", "Passed", text, holds=True),
    )


def _ended(world: SignerWorld, chain: ChainSide) -> Step | None:
    """What ends an update of which nothing can land any more."""
    update, subnet, view = world.update, world.subnet, chain.view
    if subnet is None or subnet.uid != update.subnet_uid:
        text = f"there is no Subnet {update.subnet!r} with UID {update.subnet_uid}"
        return over(world, UpdatePhase.REFUSED, "SubnetNotFound", text)
    objection = objection_of_content(world, subnet) or _share_objection(world, chain)
    if objection is not None:
        return over(world, UpdatePhase.REFUSED, "Inconsistent", objection)
    if view.block < update.epoch_start_block:
        return held(world, "ChainBehind", f"block {update.epoch_start_block} is not final yet")
    return _already_set(world, chain) or _too_late(world, view.block) or _switched_off(world, chain)


def _too_late(world: SignerWorld, block: int) -> Step | None:
    update = world.update
    if block <= update.valid_until_block:
        return None
    text = f"valid until block {update.valid_until_block}"
    before = find_condition(update.status.conditions, "Preflight")
    if before is not None and not before.status:
        text += f"; until then {before.reason}: {before.message}"
    if world.newer and not update.status.attempts:
        return over(world, UpdatePhase.SKIPPED, "Superseded", text)
    return over(world, UpdatePhase.EXPIRED, "Expired", text)


def _switched_off(world: SignerWorld, chain: ChainSide) -> Step | None:
    """The mode is the one of now: an update of a pause is skipped, and never signed after it."""
    mode = world.subnet.mode if world.subnet is not None else "Paused"
    if mode == "Set":
        return None
    mapped = map_weights(world.update, chain.view)
    status = replace(world.update.status, uids_block=chain.view.block, uids=mapped.uids, vector=mapped.vector)
    text = f"spec.weights.mode of the Subnet is {mode}: nothing was sent"
    return over(world, UpdatePhase.SKIPPED, mode, text, status)


def _share_objection(world: SignerWorld, chain: ChainSide) -> str | None:
    """The signer's own limit of what one hotkey may get."""
    top = max((share.units for share in world.update.weights), default=0)
    if top > chain.most_share * UNIT:
        return f"a hotkey would get {top / UNIT:.4f}, this signer allows {float(chain.most_share):.4f}"
    return None


def _already_set(world: SignerWorld, chain: ChainSide) -> Step | None:
    """Weights of this epoch that no attempt of this object explains.

    The object may have been deleted and made anew after its bytes had left: a second payment is
    worse than none.
    """
    update, view = world.update, chain.view
    neuron = view.by_hotkey.get(update.target.hotkey) if update.target is not None else None
    if neuron is None or neuron.last_update <= max(neuron.registered_block, update.epoch_start_block - 1):
        return None
    if neuron.last_update > update.valid_until_block:
        return None
    mapped = map_weights(update, view)
    text = f"weights were set at block {neuron.last_update} by an extrinsic that is not stored here"
    if not view.commit_reveal and dict(view.row) == dict(mapped.vector):
        status = replace(
            update.status,
            uids_block=view.block,
            uids=mapped.uids,
            vector=mapped.vector,
            verification=Verification(view.block, True, "the row is the one that is meant"),
        )
        return over(world, UpdatePhase.VERIFIED, "AlreadySet", f"{text}; they are the same", status)
    return over(world, UpdatePhase.REFUSED, "AlreadySet", f"{text}: who else has the key?")


def _too_early(world: SignerWorld, block: int, tried: int) -> tuple[str, str] | None:
    """Repeated attempts are spread: the last one is for the last third of the epoch."""
    update = world.update
    length = update.epoch_end_block - update.epoch_start_block + 1
    at = update.epoch_start_block + tried * length // ATTEMPTS
    if tried and block < at:
        return "NotIncluded", f"attempt {tried} did not land; the next one follows at block {at}"
    return None


def _era(blocks: int) -> int | None:
    """The longest era that ends with the epoch, a power of two; None when there is none."""
    if blocks < SHORTEST_ERA:
        return None
    return min(LONGEST_ERA, 1 << (blocks.bit_length() - 1))
