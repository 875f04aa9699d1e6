"""Pieces of different lengths into rows of one length, as few as best-fit decreasing makes them."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence

__all__ = ["pack"]


def pack(lengths: Sequence[int], room: int) -> list[list[int]]:
    """Indices of the pieces of each row, in the order in which they lie there.

    Each piece goes where the least room stays free (Johnson 1973, "Near-optimal bin packing algorithms":
    never over 11/9 of the fewest rows and a constant). One that is longer than a row gets its own.

    Args:
        lengths: Of the pieces; of equal ones the earlier goes first.
        room: Of a row.
    """
    rows: list[list[int]] = []
    free: list[tuple[int, int]] = []
    for index in sorted(range(len(lengths)), key=lambda index: -lengths[index]):
        place = bisect_left(free, (lengths[index], 0))
        if place == len(free):
            rows.append([index])
            left, row = room - lengths[index], len(rows) - 1
        else:
            left, row = free.pop(place)
            rows[row].append(index)
            left -= lengths[index]
        if left > 0:
            insort(free, (left, row))
    return rows
