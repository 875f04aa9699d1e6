"""Sentences are counted as untrained Punkt does: it knows no abbreviations but initials."""

import pytest

from podium_evaluator.methods.instruction_following.rules.sentence_count import (
    SENTENCE_COUNT_AT_LEAST,
    SENTENCE_COUNT_AT_MOST,
)

AT_MOST = [
    ("", 1, True),  # no sentence
    (" \n", 1, True),
    ("A sentence without an end", 1, True),
    ("One. Two.", 1, False),
    ("One! Two? Three.", 3, True),
    ("One. two. three. four.", 3, False),  # small letters begin sentences too
    ("Dr. Smith came.", 1, False),  # abbreviations are unknown
    ("J. Smith came.", 1, True),  # initials are known
    ("It is 3.14 exactly.", 1, True),
    ("1. first point\n2. second point", 1, True),  # numbers before small letters are ordinals
    ("1. First point\n2. Second point", 2, False),  # before others they end a sentence: three
    ("Wait... what", 1, True),  # an ellipsis ends nothing
    ("* one\n* two\n* three", 1, True),  # lines end nothing
    ("One.Two.Three.", 1, True),  # no whitespace, no end
    ('"One." he said', 1, False),
    ("第一。第二。", 1, True),  # other scripts' marks end nothing
    ("One.\n", 1, True),
]

AT_LEAST = [
    ("", 2, False),
    ("One. Two.", 2, True),
    ("One. Two.", 3, False),
    ("One? Two! Three", 3, True),
    ("One.\nTwo.\n\n", 2, True),
    ("One.\n\nTwo.\n\nThree.", 3, True),
    ("One.Two.", 2, False),
    ("Really?! Yes.", 2, True),  # counts as three: each mark of "?!" ends one
    ("Mr. Brown and Mrs. Green.", 3, True),
    ("A. B. C.", 2, False),
    ("Wait... What", 2, False),
    ("(One.) Two.", 2, True),
    ("No. 5 is alive. Yes.", 3, True),
    ("U.S. troops left", 2, True),
]


@pytest.mark.parametrize(("text", "limit", "verdict"), AT_MOST)
def test_at_most_so_many_sentences(text: str, limit: int, *, verdict: bool) -> None:
    assert SENTENCE_COUNT_AT_MOST.holds(text, (limit,)) is verdict


@pytest.mark.parametrize(("text", "limit", "verdict"), AT_LEAST)
def test_at_least_so_many_sentences(text: str, limit: int, *, verdict: bool) -> None:
    assert SENTENCE_COUNT_AT_LEAST.holds(text, (limit,)) is verdict


def test_the_prompts_name_the_limit() -> None:
    assert SENTENCE_COUNT_AT_MOST.prompt((1,)) == "Write at most 1 sentence."
    assert SENTENCE_COUNT_AT_LEAST.prompt((3,)) == "Write at least 3 sentences."
