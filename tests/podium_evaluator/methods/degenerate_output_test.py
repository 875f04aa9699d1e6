"""A model must not write the same whatever it reads, nor one token for ever."""

from typing import Any

import pytest

from podium_evaluator.datasets.base import TextSample
from podium_evaluator.methods.base import Gate
from podium_evaluator.methods.degenerate_output import degenerate_output_gate
from podium_evaluator.sequences import Generated, Generation
from tests.podium_evaluator.methods.worlds import BOS, context

_SAMPLES = [TextSample("1", "x" * 300), TextSample("2", "y" * 50), TextSample("3", "z")]


def gate(**changes: Any) -> Gate:
    found = degenerate_output_gate(_SAMPLES, context(**changes))
    assert found is not None
    return found


def verdict(first: list[int], second: list[int]) -> str | None:
    return gate().verdict([Generated(tuple(first), ""), Generated(tuple(second), "")])


def test_the_first_hundred_tokens_of_the_first_two_texts_are_continued_by_exactly_twenty() -> None:
    encode = context().encoder.encode

    assert gate().generations == (
        Generation(encode("x" * 100), 20, repetition_penalty=1.0, finished=None, stops_at_end=False),
        Generation(encode("y" * 50), 20, repetition_penalty=1.0, finished=None, stops_at_end=False),
    )


def test_the_start_token_is_one_of_the_hundred() -> None:
    assert gate(bos=True).generations[0].prompt == (BOS, *context().encoder.encode("x" * 99))


def test_a_short_sequence_leaves_room_for_the_output() -> None:
    assert len(gate(sequence_length=60).generations[0].prompt) == 40


@pytest.mark.parametrize(
    ("samples", "length"),
    [(_SAMPLES[:1], 512), ([], 512), ([_SAMPLES[0], TextSample("2", "")], 512), (_SAMPLES, 20)],
    ids=["one text", "no text", "a text without tokens", "no room"],
)
def test_without_two_prompts_there_is_no_gate(samples: list[TextSample], length: int) -> None:
    assert degenerate_output_gate(samples, context(sequence_length=length)) is None


_DIFFERENT = (list(range(20)), list(range(100, 120)))


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (*_DIFFERENT, None),
        ([*range(9), *range(50, 61)], [*range(9), *range(80, 91)], None),
        ([*range(10), *range(50, 60)], [*range(10), *range(80, 90)], "agree at 10 of 20 positions"),
        ([7] * 11 + _DIFFERENT[0][8:17], [8] * 10 + _DIFFERENT[1][:10], None),
        ([7] * 11 + _DIFFERENT[0][8:17], [8] * 12 + _DIFFERENT[1][:8], "11 and 12 times in 20"),
        ([7] * 20, _DIFFERENT[1], None),
        ([7] * 20, [7] * 20, "agree at 20 of 20 positions"),
        ([7] * 20, [8] * 20, "20 and 20 times in 20"),
        (list(range(20)), list(range(1, 21)), None),
    ],
    ids=[
        "nothing in common",
        "nine positions agree",
        "ten positions agree",
        "only the first repeats a token eleven times",
        "both repeat a token more than ten times",
        "only the first is one token",
        "the same for both",
        "one token each",
        "the same tokens at other positions",
    ],
)
def test_the_verdict(first: list[int], second: list[int], told: str | None) -> None:
    found = verdict(first, second)

    assert (told is None) is (found is None)
    assert told is None or told in str(found)
