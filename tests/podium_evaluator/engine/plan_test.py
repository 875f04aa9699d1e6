"""Whatever sequences share, every loss is read off a token that sees exactly what came before."""

import random
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium_evaluator.engine import plan
from podium_evaluator.engine.packing import pack
from podium_evaluator.engine.plan import ROW_MULTIPLE, Row, plan_alone, plan_packed
from podium_evaluator.sequences import TokenSequence
from tests.podium_evaluator.engine.forests import FORESTS, forest

_ROOMS = st.sampled_from([64, 100, 256, 2048])
_WINDOWS = st.sampled_from([None, 1, 90, 400])
_SEEDS = st.integers(0, 2**32)


class Reader:
    """What each token of a plan sees, found the slow way: token by token, with its position."""

    def __init__(self) -> None:
        self.kept: dict[int, list[tuple[int, int]]] = {}

    def read(self, row: Row) -> dict[int, list[tuple[int, int]]]:
        """For each token of the row the pairs of position and id that it sees, itself included."""
        ids, positions = row.ids.reshape(-1), row.positions.reshape(-1)
        before = [] if row.sees is None else self.kept[row.sees]
        found: dict[int, list[tuple[int, int]]] = {}
        for placed in row.placed:
            start, segment = placed.start, placed.segment
            pairs = list(zip(positions[start : placed.end], ids[start : placed.end], strict=True))
            for at in range(segment.trunk):
                found[start + at] = before + pairs[: at + 1]
            for branch in segment.branches:
                earlier = before + pairs[: segment.trunk] + [pairs[at] for at in branch.sees]
                for at in range(branch.start, branch.end):
                    found[start + at] = earlier + pairs[branch.start : at + 1]
        if row.keeps is not None:
            assert len(row.placed) == 1
            self.kept[row.keeps] = found[row.placed[0].end - 1]
        for old in row.releases:
            del self.kept[old]
        return found


def alone(row: Row) -> dict[int, list[tuple[int, int]]]:
    """The same for rows in which nothing is packed."""
    length = row.ids.shape[1]
    return {
        number * length + at: list(enumerate(line[: at + 1]))
        for number, line in enumerate(row.ids)
        for at in range(length)
    }


def check(sequences: list[TokenSequence], rows: list[Row], *, packed: bool) -> None:
    reader = Reader()
    wanted = [
        (one.ids[: at + 1], one.ids[at + 1])
        for one in sequences
        for at in range(one.first - 1, len(one.ids) - 1)
    ]
    found: dict[int, tuple[tuple[int, ...], int]] = {}
    for row in rows:
        seen = reader.read(row) if packed else alone(row)
        assert (np.diff(row.states) > 0).all()
        assert set(row.losses.state.tolist()) == set(range(len(row.states)))
        for state, target, place in zip(row.losses.state, row.losses.target, row.losses.place, strict=True):
            pairs = seen[int(row.states[state])]
            assert [position for position, _ in pairs] == list(range(len(pairs)))
            assert int(place) not in found
            found[int(place)] = (tuple(int(token) for _, token in pairs), int(target))
    assert [found[place] for place in range(len(wanted))] == wanted
    assert sum(row.finishes for row in rows) == sum(one.scored > 0 for one in sequences)
    assert not reader.kept


@given(FORESTS, _ROOMS, _WINDOWS)
def test_every_token_sees_what_came_before_it_and_nothing_else(
    sequences: list[TokenSequence], room: int, window: int | None
) -> None:
    check(sequences, plan_packed(sequences, room, window), packed=True)


@given(FORESTS, _ROOMS, _WINDOWS)
def test_nor_where_nearly_everything_is_kept(
    sequences: list[TokenSequence], room: int, window: int | None
) -> None:
    """The usual limits are so large that few random forests keep beginnings inside of kept ones."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("_TREE_TOKENS", 6), ("_KEPT_TOKENS", 1), ("_WORTH", 10**6)):
            patch.setattr(plan, name, value)
        check(sequences, plan_packed(sequences, room, window), packed=True)


@given(FORESTS, _ROOMS, st.sampled_from([None, 3000]))
def test_without_packing_too(sequences: list[TokenSequence], room: int, longest: int | None) -> None:
    rows = plan_alone(sequences, room, longest)

    check(sequences, rows, packed=False)
    for row in rows:
        assert row.ids.shape[0] == 1 or row.ids.size <= room
        assert row.ids.shape[1] % ROW_MULTIPLE == 0


def test_no_row_is_padded_beyond_what_the_model_can_read() -> None:
    (row,) = plan_alone([TokenSequence(tuple(range(101)), 1)], 4096, 100)

    assert row.ids.shape == (1, 100)


@given(FORESTS, _ROOMS, _SEEDS)
def test_the_order_of_the_input_does_not_matter(sequences: list[TokenSequence], room: int, seed: int) -> None:
    order = list(range(len(sequences)))
    random.Random(seed).shuffle(order)  # noqa: S311 - repeatable by intent

    straight = plan_packed(sequences, room)
    shuffled = plan_packed([sequences[index] for index in order], room)

    assert len(straight) == len(shuffled)
    for one, other in zip(straight, shuffled, strict=True):
        assert (one.ids == other.ids).all()
        assert (one.positions == other.positions).all()
        assert (one.sees, one.keeps, one.releases) == (other.sees, other.keeps, other.releases)


@given(FORESTS)
def test_what_is_shared_does_not_depend_on_the_length_of_rows(sequences: list[TokenSequence]) -> None:
    def segments(room: int) -> list[tuple[int | None, int | None, list[int], int]]:
        return sorted(
            (row.sees or 0, row.keeps or 0, placed.segment.ids.tolist(), placed.segment.trunk)
            for row in plan_packed(sequences, room)
            for placed in row.placed
        )

    assert segments(64) == segments(4096)


@given(FORESTS, _ROOMS)
def test_rows_have_few_lengths_and_only_what_does_not_fit_is_longer(
    sequences: list[TokenSequence], room: int
) -> None:
    for row in plan_packed(sequences, room):
        assert row.ids.shape[0] == 1
        assert row.ids.size % ROW_MULTIPLE == 0
        assert row.ids.size - row.placed[-1].end < ROW_MULTIPLE
        assert len(row.placed) == 1 or row.placed[-1].end <= room
        assert row.placed[0].start == 0
        assert all(one.end == other.start for one, other in pairwise(row.placed))


def read(rows: list[Row]) -> int:
    return sum(placed.segment.length for row in rows for placed in row.placed)


def test_a_header_its_questions_and_their_options_are_read_once() -> None:
    source = random.Random(3)  # noqa: S311 - repeatable by intent
    header, sequences, distinct = forest(source, header=300, questions=20, question=40, options=4, option=6)

    rows = plan_packed(sequences, 512)

    assert [row.keeps for row in rows].count(1) == 1
    assert rows[0].placed[0].segment.ids.tolist() == list(header)
    assert read(rows) == distinct
    assert all(row.sees == 1 for row in rows[1:])


def test_options_of_one_token_need_none() -> None:
    question = tuple(range(50))

    (row,) = plan_packed([TokenSequence((*question, option), 50) for option in (60, 61, 62, 63)], 512)

    assert read([row]) == 50
    assert row.states.tolist() == [49]
    assert sorted(row.losses.target.tolist()) == [60, 61, 62, 63]


@pytest.mark.parametrize("opening", [1, 20, 63])
def test_a_short_opening_of_long_texts_is_read_again(opening: int) -> None:
    source = random.Random(3)  # noqa: S311 - repeatable by intent
    shared = tuple(range(opening))
    texts = [TokenSequence((*shared, *(source.randrange(99) for _ in range(400))), 1) for _ in range(9)]

    rows = plan_packed(texts, 2048)

    assert all(row.sees is None and not placed.segment.branches for row in rows for placed in row.placed)


def test_beginnings_are_kept_inside_of_kept_ones() -> None:
    source = random.Random(3)  # noqa: S311 - repeatable by intent
    top = tuple(source.randrange(99) for _ in range(600))
    sequences = []
    for _ in range(3):
        middle = tuple(source.randrange(99) for _ in range(200))
        sequences += [
            TokenSequence((*top, *middle, *(source.randrange(99) for _ in range(300))), 820) for _ in range(4)
        ]

    rows = plan_packed(sequences, 512)

    check(sequences, rows, packed=True)
    assert [(row.keeps, row.sees) for row in rows if row.keeps] == [(1, None), (2, 1), (3, 1), (4, 1)]
    assert read(rows) == 600 + 3 * 200 + 12 * 299


def test_many_beginnings_of_each_other_are_one() -> None:
    text = tuple(random.Random(3).choices(range(9), k=3000))  # noqa: S311 - repeatable by intent

    (row,) = plan_packed([TokenSequence(text[:end], 1) for end in range(2, 3000)], 512)

    assert read([row]) == 2998


def test_a_sequence_that_the_window_cuts_shares_nothing() -> None:
    shared = tuple(range(100))
    asked = [TokenSequence((*shared, end, 1), 100) for end in range(3)]

    assert read(plan_packed(asked, 512, 102)) == 103
    assert read(plan_packed(asked, 512, 101)) == 303


def test_sequences_of_which_nothing_is_scored_need_no_row() -> None:
    assert plan_packed([TokenSequence((1, 2), 2)], 64) == []
    assert plan_alone([TokenSequence((1, 2), 2)], 64) == []


@given(st.lists(st.integers(1, 120), max_size=40))
def test_packing_fills_all_rows_but_one_to_half(lengths: list[int]) -> None:
    rows = pack(lengths, 100)

    assert sorted(index for row in rows for index in row) == list(range(len(lengths)))
    totals = sorted(sum(lengths[index] for index in row) for row in rows)
    assert all(total > 50 for total in totals[1:])
    for row in rows:
        assert len(row) == 1 or sum(lengths[index] for index in row) <= 100
