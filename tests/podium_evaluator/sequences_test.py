"""Windows score every token exactly once within the limit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium_evaluator.sequences import TokenSequence, windows

_TOKENS = st.lists(st.integers(0, 9), max_size=40)
_BOS = 99


@given(_TOKENS, _TOKENS, st.integers(3, 50), st.sampled_from([(), (_BOS,)]))
def test_every_scored_token_is_scored_once_in_order_after_the_start(
    context: list[int], scored: list[int], limit: int, start: tuple[int, ...]
) -> None:
    context = context if context or start else [0]

    found = windows(context, scored, limit, start)

    assert [token for one in found for token in one.ids[one.first :]] == scored
    assert all(1 <= one.first < len(one.ids) <= limit for one in found)
    everything = [*context, *scored]
    end = len(context)
    for one in found:
        end += one.scored
        assert one.ids[: len(start)] == start
        piece = list(one.ids[len(start) :])
        assert piece == everything[end - len(piece) : end], "a window is a piece of the text"
        assert _BOS not in piece


@pytest.mark.parametrize(
    ("context", "scored", "limit", "start", "expected"),
    [
        ([1, 2], [3, 4], 4, (), [TokenSequence((1, 2, 3, 4), 2)]),
        ([1, 2], [3, 4], 5, (0,), [TokenSequence((0, 1, 2, 3, 4), 3)]),
        ([], [3, 4], 5, (0,), [TokenSequence((0, 3, 4), 1)]),
        ([1, 2], [], 5, (0,), []),
    ],
    ids=["no start token", "a start token", "nothing but a start token before", "nothing to score"],
)
def test_what_fits_is_one_sequence(
    context: list[int], scored: list[int], limit: int, start: tuple[int, ...], expected: list[TokenSequence]
) -> None:
    assert list(windows(context, scored, limit, start)) == expected


def test_a_context_that_is_too_long_loses_its_beginning_but_not_the_start() -> None:
    assert windows([1, 2, 3], [4, 5], 4) == (TokenSequence((2, 3, 4, 5), 2),)
    assert windows([1, 2, 3], [4, 5], 4, (0,)) == (TokenSequence((0, 3, 4, 5), 2),)


def test_scored_tokens_that_are_too_many_are_split_and_the_last_window_is_filled_up() -> None:
    assert windows([1, 2], [3, 4, 5], 3) == (TokenSequence((2, 3, 4), 1), TokenSequence((3, 4, 5), 2))
    assert windows([], [3, 4, 5, 6], 3, (0,)) == (
        TokenSequence((0, 3, 4), 1),
        TokenSequence((0, 4, 5), 2),
        TokenSequence((0, 5, 6), 2),
    )
