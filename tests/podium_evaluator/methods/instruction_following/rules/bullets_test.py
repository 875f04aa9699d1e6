"""A bullet point is a line whose first visible character is an asterisk."""

import pytest

from podium_evaluator.methods.instruction_following.rules.bullets import BULLET_COUNT_FREQUENCY

TEXTS = [
    ("", 1, False),
    ("* one", 1, True),
    ("* one\n* two", 2, True),
    ("* one\n* two", 1, False),
    ("  * one\n\t* two\n*three", 3, True),
    ("- one", 1, False),
    ("• one", 1, False),
    ("＊ one", 1, False),  # full width
    ("2 * 3 = 6", 1, False),
    ("**Bold** text", 1, True),
    ("***", 1, True),
    ("Intro:\n\n* one\n\n* two\n\nEnd.", 2, True),
    ("* one\r\n* two\r* three", 3, True),
    ("* one\x0b* two\u2028* three", 3, True),  # these end lines too
    ("\u00a0* one", 1, True),  # a no-break space is whitespace
    ("\u200b* one", 1, False),  # a zero-width space is not
    ("1. * one", 1, False),
]


@pytest.mark.parametrize(("text", "count", "verdict"), TEXTS)
def test_there_are_exactly_so_many_bullet_points(text: str, count: int, *, verdict: bool) -> None:
    assert BULLET_COUNT_FREQUENCY.holds(text, (count,)) is verdict


def test_the_prompt_says_how_many_and_what_they_look_like() -> None:
    assert BULLET_COUNT_FREQUENCY.prompt((1,)) == 'Write exactly 1 bullet point, in Markdown with "*".'
    assert BULLET_COUNT_FREQUENCY.prompt((3,)) == 'Write exactly 3 bullet points, in Markdown with "*".'
