"""Segments: tokens that lie side by side in a row, and the losses that are read off them.

A segment is a chain, in which each token sees those before it, or a tree: a trunk that is a chain and
branches, whose tokens see the trunk, the part of other branches that their sequence runs through, and
those before them in their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from podium_evaluator.engine.trie import Integers, Leaf, Trie
from podium_evaluator.sequences import TokenSequence

__all__ = ["Branch", "Losses", "Segment", "Source", "chain", "joined", "tree"]


@dataclass(frozen=True, slots=True)
class Losses:
    """Losses that are wanted, each at the same index of all arrays.

    Attributes:
        state: Which hidden state predicts.
        target: Token that is predicted.
        place: Where the loss belongs among those of all sequences, one sequence after the other.
    """

    state: Integers
    target: Integers
    place: Integers


@dataclass(frozen=True, slots=True)
class Branch:
    """A part of a tree beside its trunk.

    Attributes:
        start: Its first token, counted in the segment.
        end: Behind its last one.
        sees: The tokens of earlier branches that it continues, counted in the segment, ascending.
    """

    start: int
    end: int
    sees: Integers


@dataclass(frozen=True, slots=True)
class Segment:
    """Tokens that lie side by side.

    Attributes:
        ids: Token ids.
        positions: Of each in its sequence.
        trunk: How many of the first are a chain.
        branches: Of the others, in their order.
        losses: What is predicted; `state` counts in the segment.
        finishes: How many sequences have their last loss here.
    """

    ids: Integers
    positions: Integers
    trunk: int
    branches: tuple[Branch, ...]
    losses: Losses
    finishes: int

    @property
    def length(self) -> int:
        """Tokens."""
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Source:
    """Sequences, and where each one's losses begin among those of all.

    Attributes:
        sequences: In the order of the input.
        places: One more than there are sequences; the last is the number of losses.
    """

    sequences: Sequence[TokenSequence]
    places: NDArray[np.int64]

    @classmethod
    def of(cls, sequences: Sequence[TokenSequence]) -> Source:
        """Count the losses."""
        return cls(sequences, np.cumsum([0, *(one.scored for one in sequences)]))

    def losses(self, leaf: Leaf, low: int, at: Integers) -> Iterator[tuple[Losses, bool]]:
        """What the owners of a leaf want of the tokens at depths `low`, `low` + 1 and on.

        Args:
            leaf: A path.
            low: Depth of the first token.
            at: The states of these tokens.

        Yields:
            For each owner that wants any its losses, and whether they are its last.
        """
        for index in leaf.owners:
            sequence = self.sequences[index]
            first, last = max(low, sequence.first - 1), min(low + len(at), len(sequence.ids) - 1)
            if first < last:
                depths = np.arange(first, last)
                yield (
                    Losses(
                        at[depths - low],
                        np.array(sequence.ids[first + 1 : last + 1], np.int64),
                        self.places[index] + depths - (sequence.first - 1),
                    ),
                    last == len(sequence.ids) - 1,
                )


def joined(parts: Sequence[Losses]) -> Losses:
    """All of them, one after the other."""
    none = [np.empty(0, np.int64)]
    return Losses(
        np.concatenate([part.state for part in parts] or none),
        np.concatenate([part.target for part in parts] or none),
        np.concatenate([part.place for part in parts] or none),
    )


def chain(source: Source, leaves: Sequence[Leaf], low: int, high: int) -> Segment:
    """The tokens from depth `low` up to `high`, which all these leaves share."""
    depths = np.arange(low, high)
    found = [one for leaf in leaves for one in source.losses(leaf, low, depths - low)]
    losses, finishes = joined([part for part, _ in found]), sum(last for _, last in found)
    return Segment(leaves[0].path[low:high], depths, len(depths), (), losses, finishes)


def tree(source: Source, trie: Trie, low: int, high: int, known: int) -> Segment:
    """All tokens from depth `known` on of the leaves from `low` up to `high`."""
    trunk = trie.common(low, high) - known
    ids: list[Integers] = []
    positions: list[Integers] = []
    branches: list[Branch] = []
    losses: list[tuple[Losses, bool]] = []
    at, length = np.empty(0, np.int64), 0
    for number in range(low, high):
        leaf = trie.leaves[number]
        shared = int(trie.shared[number]) - known if number > low else 0
        new = np.arange(length, length + len(leaf.path) - known - shared)
        at, length = np.concatenate([at[:shared], new]), length + len(new)
        ids.append(leaf.path[known + shared :])
        positions.append(np.arange(known + shared, len(leaf.path)))
        start = trunk if number == low else int(new[0])
        branches.append(Branch(start, length, at[trunk:shared]))
        losses += source.losses(leaf, known, at)
    return Segment(
        np.concatenate(ids),
        np.concatenate(positions),
        trunk,
        tuple(branches),
        joined([part for part, _ in losses]),
        sum(last for _, last in losses),
    )
