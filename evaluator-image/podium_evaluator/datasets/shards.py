"""Which row groups of a repository are drawn: a bounded number, by the seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from podium_evaluator.datasets.parquet import GROUP_BYTES, Group, Shard, groups, span

__all__ = ["Period", "draw_groups"]

_GROUPS: Final = 16
"""Row groups of a draw, and files that they are in; more only where more strata must have one each."""
_DATED_FILES: Final = 64
"""Footers that are read to find row groups of a period."""
_FOOTER_BYTES: Final = 16 * 1024 * 1024
"""Once so much was fetched for footers no other is opened."""

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Period:
    """The times that a row may have.

    Attributes:
        column: Where rows have their time.
        after: Seconds since the epoch, not included.
        until: The same, included.
    """

    column: str
    after: int
    until: int

    def contains(self, time: object) -> bool:
        """Whether a row of that time may be used."""
        return isinstance(time, float) and self.after < time <= self.until

    def meets(self, group: Group) -> bool:
        """Whether a row group may have rows of the period, by its statistics if it has any."""
        found = span(group, self.column)
        return found is None or (found[1] > self.after and found[0] <= self.until)


def draw_groups(
    strata: Sequence[Sequence[str]],
    drawn: int,
    open_file: Callable[[str], Shard],
    period: Period | None,
    source: random.Random,
) -> list[Group]:
    """Row groups in the order in which their rows are to be visited.

    Strata take turns, first for files, then for row groups of the opened files, so that each of them has
    the same share. Their needed columns have at most `GROUP_BYTES` in all, unless one alone has more.

    Args:
        strata: The files of each, such as those of one config.
        drawn: How many strata are drawn; of a period, among those that have row groups of it.
        open_file: Reads a footer.
        period: When rows must have been made.
        source: Decides.
    """
    order = [source.sample(one, len(one)) for one in source.sample(strata, len(strata))]
    # Which strata have something of a period only their footers tell.
    chosen = order[:drawn] if period is None else order
    found = _groups_of_files(chosen, drawn, open_file, period)
    shuffled = [source.sample(one, len(one)) for one in found]
    return list(_within_bytes([group for _, group in _by_turns(shuffled)][: max(_GROUPS, len(found))]))


def _groups_of_files(
    strata: Sequence[Sequence[str]], drawn: int, open_file: Callable[[str], Shard], period: Period | None
) -> list[list[Group]]:
    found: dict[int, list[Group]] = {}
    opened: list[Shard] = []
    useful = 0
    for number, path in _by_turns(strata):
        if number not in found and len(found) == drawn:
            continue
        opened.append(shard := open_file(path))
        eligible = [group for group in groups(shard) if period is None or period.meets(group)]
        if eligible:
            found.setdefault(number, []).extend(eligible)
            useful += 1
        if (
            useful >= max(_GROUPS, min(drawn, len(strata)))
            or len(opened) >= (_DATED_FILES if period else max(_GROUPS, drawn))
            or sum(one.file.fetched for one in opened) > _FOOTER_BYTES
        ):
            break
    return list(found.values())


def _within_bytes(drawn: Sequence[Group]) -> Iterator[Group]:
    total = 0
    for number, group in enumerate(drawn):
        total += group.bytes
        if number and total > GROUP_BYTES:
            return
        yield group


def _by_turns(lists: Sequence[Sequence[Item]]) -> Iterator[tuple[int, Item]]:
    """The first of each list, then the second of each, with the list's number."""
    for place in range(max(map(len, lists), default=0)):
        for number, one in enumerate(lists):
            if place < len(one):
                yield number, one[place]
