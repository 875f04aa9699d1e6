"""What must hold of any history of weights: nothing twice, nothing missing, nobody wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from podium.core.kinds import UpdatePhase, WeightUpdate
from podium.core.shares import Share
from tests.podium.signing.memory_chain import Effect
from tests.podium.signing.simulation import EPOCH, OWNER, Simulation

__all__ = ["violations"]


def violations(run: Simulation) -> list[str]:
    """Every way in which a finished simulation went wrong; empty when it did not."""
    effects = [one for one in run.chain.effects() if one.error is None]
    ours = [one for one in effects if not one.extrinsic.foreign]
    return [
        *(f"bytes were sent that nobody had stored: {data[:40]}" for data in run.chain.unstored),
        *_twice(run, ours),
        *_missing(run, effects),
        *(text for effect in ours for text in _wrong(run, effect)),
        *_claims(run),
        *(f"signed at block {block} in mode {mode}" for block, mode in run.signed if mode != "Set"),
    ]


def _twice(run: Simulation, ours: list[Effect]) -> Iterator[str]:
    per_epoch: dict[int, list[int]] = defaultdict(list)
    for effect in ours:
        update = run.server.bytes.get(effect.extrinsic.data)
        if update is None:
            continue  # told already: nobody had stored it
        if not update.epoch_start_block <= effect.block <= update.epoch_end_block:
            yield f"weights of the epoch at {update.epoch_start_block} took effect at block {effect.block}"
        per_epoch[effect.block // EPOCH].append(effect.block)
    yield from (f"epoch {epoch}: set at {blocks}" for epoch, blocks in per_epoch.items() if len(blocks) > 1)


def _missing(run: Simulation, effects: list[Effect]) -> Iterator[str]:
    """Epochs that had something to pay and a quiet last third, and no weights."""
    set_in = {effect.block // EPOCH for effect in effects}
    due = {update.epoch_start_block // EPOCH for update in run.server.bytes.values()}
    due |= {update.epoch_start_block // EPOCH for update in run.updates}
    for epoch in sorted(due - set_in):
        first, last = epoch * EPOCH + 2 * EPOCH // 3, (epoch + 1) * EPOCH
        paused = any(run.modes.get(block) != "Set" for block in range(epoch * EPOCH, last))
        quiet = all(block in run.clean for block in range(first, last))
        recent = any(first - EPOCH // 6 <= effect.block < last for effect in effects)
        fought = sum(one.extrinsic.foreign for one in run.chain.effects() if one.block // EPOCH == epoch)
        if quiet and not paused and not recent and fought < 2:  # each costs attempts
            states = [
                (one.status.phase.value, *_said(one))
                for one in run.updates
                if one.epoch_start_block // EPOCH == epoch
            ]
            yield f"epoch {epoch}: nothing was set: {states}"


def _states(run: Simulation, epoch: int) -> list[object]:
    return [
        (one.status.phase.value, *_said(one))
        for one in run.updates
        if one.epoch_start_block // EPOCH == epoch
    ]


def _said(update: WeightUpdate) -> list[str]:
    return [f"{one.reason}: {one.message}" for one in update.status.conditions]


def _wrong(run: Simulation, effect: Effect) -> Iterator[str]:
    """Uids that belonged to somebody else than was meant, or entries in a wrong proportion."""
    update = run.server.bytes.get(effect.extrinsic.data)
    if update is None:
        return
    meant = _units(update)
    state = run.chain.blocks[effect.block].state
    neurons = {one.uid: one for one in state.neurons}
    swapped = [
        uid
        for uid, _ in effect.extrinsic.vector
        if effect.extrinsic.birth < neurons[uid].registered_block <= effect.block
    ]
    if swapped:
        # Nobody can prevent it; it must not be called a success.
        now = next((one for one in run.updates if one.uid == update.uid), None)
        if now is not None and now.status.phase is UpdatePhase.VERIFIED:
            yield f"block {effect.block}: uids {swapped} changed hands and the update says Verified"
        return
    paid = {effect.holders[uid]: weight for uid, weight in effect.extrinsic.vector}
    if set(paid) - set(meant):
        yield f"block {effect.block}: paid {sorted(set(paid) - set(meant))}, who earned nothing"
        return
    late = max((one.round_block or 0 for one in update.inputs), default=0)
    for one in state.neurons:
        if one.hotkey in paid and one.hotkey != OWNER and one.registered_block > late:
            yield f"block {effect.block}: {one.hotkey} came at {one.registered_block}, after its round"
        stayed = one.registered_block <= min(late, effect.extrinsic.birth)
        if one.hotkey in meant and one.hotkey not in paid and stayed:
            yield f"block {effect.block}: {one.hotkey} was left out"
    top = max(meant[name] for name in paid)
    for name, weight in paid.items():
        if abs(weight - meant[name] * 65535 / top) > 1:
            yield f"block {effect.block}: {name} got {weight} of {meant[name]} for {top}"


def _units(update: WeightUpdate) -> dict[str, int]:
    units = {share.hotkey: share.units for share in (*update.weights, Share(OWNER, update.burn_units))}
    return {name: value for name, value in units.items() if value}


def _claims(run: Simulation) -> Iterator[str]:
    """An epoch has one update; Verified needs an effect in it; none stays open for ever."""
    epochs = [update.epoch_start_block // EPOCH for update in run.updates]
    yield from (
        f"epoch {one} has {epochs.count(one)} updates" for one in set(epochs) if epochs.count(one) > 1
    )
    blocks = {effect.block for effect in run.chain.effects() if effect.error is None}
    for update in run.updates:
        epoch = range(update.epoch_start_block, update.epoch_end_block + 1)
        if update.status.phase is UpdatePhase.VERIFIED and not any(block in blocks for block in epoch):
            yield f"{update.name} says Verified, and nothing was set in its epoch"
        over = run.chain.final - update.epoch_end_block > EPOCH // 2
        if over and not update.status.phase.terminal:
            said = f"{update.status.phase}: {_said(update)}"
            yield f"{update.name} of epoch {update.epoch_start_block} is still {said}"
