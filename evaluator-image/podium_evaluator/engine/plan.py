"""From sequences to rows that a model reads: what is shared once, packed, in shapes that repeat.

Three rules decide what is shared. They look at the sequences alone, so that the same sequences share the
same whatever their order and the length of a row:

- A beginning that sequences with few further tokens share is the trunk of a tree: all lie in one row and
  each token sees only its own branch.
- A beginning that many further tokens share is kept: it has a row of its own, whose keys and values the
  rows after it see.
- What is shorter than that, or saves little, is computed again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Final

import numpy as np
from numpy.typing import NDArray

from podium_evaluator.engine.packing import pack
from podium_evaluator.engine.segments import Branch, Losses, Segment, Source, chain, joined, tree
from podium_evaluator.engine.trie import Leaf, Trie, read_trie
from podium_evaluator.sequences import TokenSequence

__all__ = ["ROW_MULTIPLE", "Branch", "Losses", "Placed", "Row", "plan_alone", "plan_packed"]

ROW_MULTIPLE: Final = 64
"""Row lengths are rounded up to it. The products of matrices whose number of rows is a multiple of 16 gave
each row the same bits in every test; fewer shapes than that also keep the kernels' caches small."""

_TREE_TOKENS: Final = 512
"""Most tokens of a tree beside its trunk: its mask has so many rows."""

_KEPT_TOKENS: Final = 64
"""Fewest tokens that are worth a row of their own and a second look from every later token."""

_WORTH: Final = 8
"""Sharing must save one token in so many."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A segment in a row.

    Attributes:
        start: Its first token's place.
        segment: Lengths and branches.
    """

    start: int
    segment: Segment

    @property
    def end(self) -> int:
        """The place behind its last token."""
        return self.start + self.segment.length


@dataclass(frozen=True, slots=True)
class Row:
    """What the model reads at once.

    Attributes:
        ids: Token ids, 1 × length; where nothing is packed rows of one length, each a sequence.
        positions: Of the tokens in their sequences, of the same shape.
        placed: Segments; none where nothing is packed.
        sees: The kept beginning that every segment continues.
        keeps: The number under which the keys and values of the row's only segment are kept, behind
            those that it sees.
        releases: Kept beginnings that no later row sees.
        states: Indices into the flattened row of the tokens whose hidden states are needed, ascending.
        losses: What is predicted from them; `state` counts in `states`.
        finishes: How many sequences have their last loss here.
    """

    ids: NDArray[np.int64]
    positions: NDArray[np.int64]
    placed: tuple[Placed, ...]
    sees: int | None
    keeps: int | None
    releases: tuple[int, ...]
    states: NDArray[np.int64]
    losses: Losses
    finishes: int = 0


@dataclass(slots=True)
class _Kept:
    """A kept beginning, or the place of what continues none, while a plan is made."""

    parent: int | None
    beginning: Segment | None
    segments: list[Segment] = field(default_factory=list)


def plan_packed(
    sequences: Sequence[TokenSequence],
    row_tokens: int,
    window: int | None = None,
    least: int = ROW_MULTIPLE,
) -> list[Row]:
    """Rows that hold every sequence, packed, in the order in which they must be read.

    Args:
        sequences: In any order; it does not matter.
        row_tokens: Length of a full row; a longer segment has a row of its own.
        window: How far attention sees at most in some layer. Longer sequences share nothing.
        least: No row is shorter; a multiple of `ROW_MULTIPLE`.
    """
    source = Source.of(sequences)
    scored = [index for index, one in enumerate(sequences) if one.scored]
    short = [index for index in scored if window is None or len(sequences[index].ids) <= window]
    kept = _share(source, read_trie(sequences, short))
    if len(short) < len(scored):
        long = read_trie(sequences, sorted({*scored} - {*short}))
        kept[0].segments += [chain(source, [leaf], 0, len(leaf.path)) for leaf in long.leaves]
    return _rows(kept, row_tokens, least)


def plan_alone(
    sequences: Sequence[TokenSequence],
    row_tokens: int,
    longest: int | None = None,
    least: int = ROW_MULTIPLE,
) -> list[Row]:
    """Padded rows, each one sequence; only what begins another is not read by itself.

    Args:
        sequences: In any order; it does not matter.
        row_tokens: As many tokens are read at once, padding included, or one row.
        longest: Rows are never padded beyond it; no sequence is longer.
        least: As many tokens are read at once at least, of rows that hold nothing if need be.
    """
    source = Source.of(sequences)
    trie = read_trie(sequences, [index for index, one in enumerate(sequences) if one.scored])

    def padded(leaf: Leaf) -> int:
        rounded = _rounded(len(leaf.path))
        return rounded if longest is None else max(len(leaf.path), min(rounded, longest))

    found: list[Row] = []
    for length, group in groupby(sorted(trie.leaves, key=padded), key=padded):
        rows, size = list(group), max(1, row_tokens // length)
        for start in range(0, len(rows), size):
            segments = [chain(source, [leaf], 0, len(leaf.path)) for leaf in rows[start : start + size]]
            starts = [number * length for number in range(len(segments))]
            found.append(_row(segments, starts, (max(len(segments), -(-least // length)), length)))
    return found


def _share(source: Source, trie: Trie) -> list[_Kept]:
    kept = [_Kept(None, None)]
    # Low and high leaf, how many of their tokens are kept already, and where.
    waiting = [(0, len(trie.leaves), 0, 0)] if trie.leaves else []
    while waiting:
        low, high, known, under = waiting.pop()
        common = trie.common(low, high)
        if high - low == 1:
            kept[under].segments.append(chain(source, trie.leaves[low:high], known, common))
        elif _is_tree(trie, low, high, known):
            kept[under].segments.append(tree(source, trie, low, high, known))
        else:
            children = trie.children(low, high)
            if _is_kept(trie, low, high, known, len(children)):
                beginning = chain(source, trie.leaves[low:high], known, common)
                kept.append(_Kept(under or None, beginning))
                known, under = common, len(kept) - 1
            # What comes last is taken first: a kept beginning is followed by all that continue it.
            waiting += [(first, last, known, under) for first, last in reversed(children)]
    return kept


def _is_tree(trie: Trie, low: int, high: int, known: int) -> bool:
    trunk, distinct = trie.common(low, high) - known, trie.distinct(low, high) - known
    alone = trie.alone(low, high) - known * (high - low)
    return trunk > 0 and distinct - trunk <= _TREE_TOKENS and (alone - distinct) * _WORTH >= alone


def _is_kept(trie: Trie, low: int, high: int, known: int, children: int) -> bool:
    trunk, distinct = trie.common(low, high) - known, trie.distinct(low, high) - known
    return trunk >= _KEPT_TOKENS and trunk * (children - 1) * _WORTH >= distinct


def _rows(kept: Sequence[_Kept], row_tokens: int, least: int) -> list[Row]:
    last = list(range(len(kept)))
    for number, one in enumerate(kept):
        if one.parent is not None:
            last[one.parent] = number
    rows: list[Row] = []
    for number, one in enumerate(kept):
        if one.beginning is not None:
            row = _packed([one.beginning], least)
            rows.append(replace(row, sees=one.parent, keeps=number))
        segments = sorted(one.segments, key=lambda segment: (segment.length, segment.ids.tolist()))
        for indices in pack([segment.length for segment in segments], row_tokens):
            row = _packed([segments[index] for index in indices], least)
            rows.append(replace(row, sees=number or None))
        released = tuple(old for old in range(1, len(kept)) if last[old] == number)
        if released:
            rows[-1] = replace(rows[-1], releases=released)
    return rows


def _packed(segments: Sequence[Segment], least: int) -> Row:
    ends = np.cumsum([segment.length for segment in segments])
    starts = [0, *ends[:-1].tolist()]
    row = _row(segments, starts, (1, max(_rounded(int(ends[-1])), least)))
    return replace(row, placed=tuple(map(Placed, starts, segments)))


def _row(segments: Sequence[Segment], starts: Sequence[int], shape: tuple[int, int]) -> Row:
    ids, positions = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for start, segment in zip(starts, segments, strict=True):
        ids.reshape(-1)[start : start + segment.length] = segment.ids
        positions.reshape(-1)[start : start + segment.length] = segment.positions
    parts = [
        replace(segment.losses, state=segment.losses.state + start)
        for start, segment in zip(starts, segments, strict=True)
    ]
    losses = joined(parts)
    states, which = np.unique(losses.state, return_inverse=True)
    finishes = sum(segment.finishes for segment in segments)
    return Row(ids, positions, (), None, None, (), states, replace(losses, state=which), finishes)


def _rounded(length: int) -> int:
    return -(-length // ROW_MULTIPLE) * ROW_MULTIPLE
