"""From shares of hotkeys to the numbers that a chain takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from podium.core.kinds import ChainView, WeightUpdate

__all__ = ["LARGEST", "Mapped", "map_weights"]

LARGEST: Final = 65535
"""The largest entry of a vector; the chain looks at proportions only."""


@dataclass(frozen=True)
class Mapped:
    """A vector and how it came about.

    Attributes:
        uids: Hotkeys that are paid and the uids that they have.
        vector: Uid and weight, in order of uid; empty when nobody can be paid.
        dropped: Hotkeys that left, or came back after the round that they were paid for.
        padding: Uids that get the smallest weight only because the chain asks for that many entries.
    """

    uids: tuple[tuple[str, int], ...]
    vector: tuple[tuple[int, int], ...]
    dropped: tuple[str, ...] = ()
    padding: tuple[int, ...] = ()


def map_weights(update: WeightUpdate, view: ChainView) -> Mapped:
    """The vector of an update, with the uids of one finalized block.

    What a dropped hotkey would have got goes to the others in proportion. The burnt share goes to
    the hotkey of the subnet's owner.
    """
    units: dict[str, int] = {}
    dropped = []
    for share in update.weights:
        if _may_be_paid(update, view, share.hotkey):
            units[share.hotkey] = units.get(share.hotkey, 0) + share.units
        else:
            dropped.append(share.hotkey)
    owner = view.owner_hotkey
    if update.burn_units and owner is not None and owner in view.by_hotkey:
        units[owner] = units.get(owner, 0) + update.burn_units
    top = max(units.values(), default=0)
    if not top:
        return Mapped((), (), tuple(dropped))
    weights = {hotkey: _rounded(value * LARGEST, top) for hotkey, value in units.items()}
    uids = {hotkey: view.by_hotkey[hotkey].uid for hotkey, weight in weights.items() if weight}
    entries = {uid: weights[hotkey] for hotkey, uid in uids.items()}
    padding = _padding(entries, view, update)
    entries.update(dict.fromkeys(padding, 1))
    return Mapped(tuple(sorted(uids.items())), tuple(sorted(entries.items())), tuple(dropped), padding)


def _may_be_paid(update: WeightUpdate, view: ChainView, hotkey: str) -> bool:
    """Whether the hotkey has held a place since before the newest round that it is paid for."""
    neuron = view.by_hotkey.get(hotkey)
    if neuron is None:
        return False
    rounds = [
        one.round_block
        for one in update.inputs
        if one.round_block is not None and any(share.hotkey == hotkey for share in one.payable)
    ]
    return not rounds or neuron.registered_block <= max(rounds)


def _rounded(numerator: int, denominator: int) -> int:
    """The nearest integer, ties to the even one, as the chain's SDK rounds."""
    quotient, rest = divmod(numerator, denominator)
    up = 2 * rest > denominator or (2 * rest == denominator and quotient % 2 == 1)
    return quotient + up


def _padding(entries: dict[int, int], view: ChainView, update: WeightUpdate) -> tuple[int, ...]:
    """The lowest uids that make the vector as long as the chain wants it, never the signer's own."""
    own = update.target.hotkey if update.target is not None else None
    free = [one.uid for one in view.neurons if one.uid not in entries and one.hotkey != own]
    return tuple(sorted(free)[: max(view.min_allowed - len(entries), 0)])
