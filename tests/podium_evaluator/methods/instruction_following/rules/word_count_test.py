"""Words are what whitespace separates; nothing else does."""

import pytest

from podium_evaluator.methods.instruction_following.rules.word_count import (
    WORD_COUNT_AT_LEAST,
    WORD_COUNT_AT_MOST,
)

AT_MOST = [
    ("", 25, True),
    (" \n\t ", 25, True),
    ("word " * 25, 25, True),
    ("word " * 26, 25, False),
    ("word\n" * 45, 45, True),
    ("word\n\n" * 46, 45, False),
    ("well-known " * 25, 25, True),  # a hyphen joins
    ("one,two " * 25, 25, True),  # so does a comma without a space
    ("a , " * 13, 25, False),  # punctuation alone is a word: 26
    ("* " + "word " * 25, 25, False),  # so is the asterisk of a bullet point
    ("a\u00a0" * 26, 25, False),  # a no-break space separates
    ("a\u200b" * 26, 25, True),  # a zero-width space does not
    ("日本語。" * 26, 25, True),
    ("word " * 30 + "\n", 30, True),
]

AT_LEAST = [
    ("", 25, False),
    (" \n\t ", 25, False),
    ("word " * 25, 25, True),
    ("word " * 24, 25, False),
    ("word\n" * 45, 45, True),
    ("word\n\n" * 44, 45, False),
    ("well-known " * 24, 25, False),
    ("one,two " * 24, 25, False),
    ("a , " * 13, 25, True),
    ("* " + "word " * 24, 25, True),
    ("a\u00a0" * 25, 25, True),
    ("a\u200b" * 25, 25, False),
    ("日本語。" * 25, 25, False),
    ("\n" + "word " * 40, 40, True),
]


@pytest.mark.parametrize(("text", "limit", "verdict"), AT_MOST)
def test_at_most_so_many_words(text: str, limit: int, *, verdict: bool) -> None:
    assert WORD_COUNT_AT_MOST.holds(text, (limit,)) is verdict


@pytest.mark.parametrize(("text", "limit", "verdict"), AT_LEAST)
def test_at_least_so_many_words(text: str, limit: int, *, verdict: bool) -> None:
    assert WORD_COUNT_AT_LEAST.holds(text, (limit,)) is verdict


def test_the_prompts_name_the_limit() -> None:
    assert WORD_COUNT_AT_MOST.prompt((25,)) == "Write at most 25 words."
    assert WORD_COUNT_AT_LEAST.prompt((45,)) == "Write at least 45 words."
