"""Windows score every token exactly once within the limit."""

from hypothesis import given
from hypothesis import strategies as st

from podium_evaluator.sequences import TokenSequence, windows

_TOKENS = st.lists(st.integers(0, 9), max_size=40)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=40), _TOKENS, st.integers(2, 50))
def test_every_scored_token_is_scored_once_in_order(
    context: list[int], scored: list[int], limit: int
) -> None:
    found = windows(context, scored, limit)

    assert [token for one in found for token in one.ids[one.first :]] == scored
    assert all(1 <= one.first < len(one.ids) <= limit for one in found)
    everything = [*context, *scored]
    end = len(context)
    for one in found:
        end += one.scored
        assert list(one.ids) == everything[end - len(one.ids) : end], "a window is a piece of the text"


def test_what_fits_is_one_sequence() -> None:
    assert windows([1, 2], [3, 4], 4) == (TokenSequence((1, 2, 3, 4), 2),)


def test_a_context_that_is_too_long_loses_its_beginning() -> None:
    assert windows([1, 2, 3], [4, 5], 4) == (TokenSequence((2, 3, 4, 5), 2),)


def test_scored_tokens_that_are_too_many_are_split() -> None:
    assert windows([1, 2], [3, 4, 5], 3) == (TokenSequence((2, 3, 4), 1), TokenSequence((4, 5), 1))
