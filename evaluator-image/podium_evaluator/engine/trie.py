"""Which tokens sequences share: distinct paths in lexicographic order and the prefixes of neighbours.

A path is what the model reads of a sequence: all but its last token, which is only ever predicted. In
lexicographic order the sequences below a node of the trie are neighbours, so that the trie needs no
nodes of its own: a range of paths stands for one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from podium_evaluator.sequences import TokenSequence

__all__ = ["Leaf", "Trie", "read_trie"]

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A path that is no beginning of another.

    Attributes:
        path: Token ids, at least one.
        owners: Indices of the sequences whose path it is or begins with, ascending in length.
    """

    path: Integers
    owners: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Trie:
    """Paths and what neighbours share.

    Attributes:
        leaves: In lexicographic order.
        shared: How many tokens each leaf shares with the one before it; 0 for the first.
        added: Running sum of the tokens that each leaf adds to those before it, 0 first.
        lengths: Running sum of the leaves' lengths, 0 first.
    """

    leaves: tuple[Leaf, ...]
    shared: Integers
    added: Integers
    lengths: Integers

    def common(self, low: int, high: int) -> int:
        """How many tokens all leaves from `low` up to `high` begin with."""
        if high - low == 1:
            return len(self.leaves[low].path)
        return int(self.shared[low + 1 : high].min())

    def distinct(self, low: int, high: int) -> int:
        """How many tokens these leaves have when what they share counts once."""
        return len(self.leaves[low].path) + int(self.added[high] - self.added[low + 1])

    def alone(self, low: int, high: int) -> int:
        """How many tokens these leaves have when each is read by itself."""
        return int(self.lengths[high] - self.lengths[low])

    def children(self, low: int, high: int) -> list[tuple[int, int]]:
        """The ranges that part where the leaves' common beginning ends."""
        common = self.common(low, high)
        cuts = (low + 1 + np.flatnonzero(self.shared[low + 1 : high] == common)).tolist()
        return list(zip((low, *cuts), (*cuts, high), strict=True))


def read_trie(sequences: Sequence[TokenSequence], indices: Sequence[int]) -> Trie:
    """The trie of some of the sequences, the same for every order of theirs.

    Args:
        sequences: All of them.
        indices: Those meant; each scores at least one token.
    """
    order = sorted(indices, key=lambda index: (sequences[index].ids[:-1], sequences[index].ids[-1:]))
    paths = [np.array(sequences[index].ids[:-1], np.int64) for index in order]
    shared = [_shared(first, second) for first, second in pairwise(paths)]
    leaves: list[Leaf] = []
    between: list[int] = []
    owners: list[int] = []
    low = 0
    for place, index in enumerate(order):
        owners.append(index)
        # A path that begins the next one is computed with it: no token sees what follows.
        if place + 1 < len(order) and shared[place] == len(paths[place]):
            continue
        leaves.append(Leaf(paths[place], tuple(owners)))
        between.append(shared[low - 1] if low else 0)
        owners, low = [], place + 1
    added = [len(leaf.path) - known for leaf, known in zip(leaves, between, strict=True)]
    lengths = [len(leaf.path) for leaf in leaves]
    return Trie(tuple(leaves), np.array(between, np.int64), np.cumsum([0, *added]), np.cumsum([0, *lengths]))


def _shared(first: Integers, second: Integers) -> int:
    length = min(len(first), len(second))
    differences = first[:length] != second[:length]
    return int(differences.argmax()) if differences.any() else length
