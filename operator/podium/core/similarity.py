"""Which earlier model a model's tensors are most alike: shown with evidence, and punished by nobody."""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Sequence
from dataclasses import replace
from operator import eq
from typing import Final

from podium.core.entries import Entry
from podium.core.kinds import Similar

__all__ = ["nearest", "slots_of", "with_similar"]

_LEAST: Final = 8
"""Slots of 64: with fewer in common two models are not said to be alike."""

_EMPTY: Final = 0xFFFF


def nearest(sketch: str, earlier: Sequence[tuple[str, Sequence[int]]]) -> Similar | None:
    """The earlier model that is most alike; of equally alike ones the first.

    Args:
        sketch: Of the model.
        earlier: Names, and what `slots_of` their sketches gives, by seniority.
    """
    # An empty slot is like nothing, not even like another empty one.
    mine = [one if one != _EMPTY else -1 for one in slots_of(sketch)]
    best: tuple[int, str] | None = None
    for name, theirs in earlier:
        equal = sum(map(eq, mine, theirs))
        if equal >= _LEAST and (best is None or equal > best[0]):
            best = (equal, name)
    known = sum(one >= 0 for one in mine)
    return Similar(best[1], best[0], known) if best is not None else None


def with_similar(entries: list[Entry]) -> list[Entry]:
    """Entries that were fetched just now, told which earlier one they are most alike.

    Args:
        entries: By seniority.
    """
    if not any(_is_new(entry) for entry in entries):
        return entries
    earlier: list[tuple[str, Sequence[int]]] = []
    found = []
    for entry in entries:
        sketch = entry.status.sketch
        told = entry
        if sketch is not None and _is_new(entry):
            told = replace(entry, status=replace(entry.status, similar=nearest(sketch, earlier)))
        found.append(told)
        if sketch is not None and not entry.excluded:
            earlier.append((entry.submission.name, slots_of(sketch)))
    return found


def _is_new(entry: Entry) -> bool:
    return entry.status.sketch is not None and entry.status.sketch != entry.submission.status.sketch


def slots_of(sketch: str) -> Sequence[int]:
    """A sketch's values; none of text that is no sketch: a pod wrote it."""
    try:
        values = base64.b64decode(sketch, validate=True)
    except binascii.Error:
        return ()
    return struct.unpack(f">{len(values) // 2}H", values[: len(values) // 2 * 2])
