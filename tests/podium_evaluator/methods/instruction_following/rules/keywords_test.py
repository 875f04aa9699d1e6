"""A keyword is a whole word in any case; ASCII punctuation is removed before words are told apart."""

import pytest

from podium_evaluator.datasets.base import generator
from podium_evaluator.methods.instruction_following.rules.keywords import (
    KEYWORD_FORBIDDEN,
    KEYWORD_FREQUENCY,
    KEYWORD_INCLUSION,
    words,
)

INCLUDED = [
    ("", "fox", False),
    ("The fox ran.", "fox", True),
    ("FOX!", "fox", True),
    ("the fox", "Fox", True),
    ("Two foxes ran.", "fox", False),
    ("fox-like", "fox", False),  # becomes "foxlike"
    ("fox's", "fox", False),  # becomes "foxs"
    ("(fox)", "fox", True),
    ("f.o_x", "fox", True),  # becomes "fox"
    ("f o x", "fox", False),
    ("dog\nfox\tcat", "fox", True),
    ("“fox”", "fox", False),  # curly quotation marks stay
    ("dog—fox", "fox", False),  # so does a dash
    ("NAÏVE", "naïve", True),
    ("In 1066.", "1066", True),
    ("STRASSE", "straße", False),  # lower case, not folded
]

COUNTED = [
    ("", "fox", 1, False),
    ("fox", "fox", 1, True),
    ("fox fox", "fox", 1, False),
    ("fox Fox FOX", "fox", 3, True),
    ("fox, fox; (fox) and fox.", "fox", 4, True),
    ("foxes and a fox", "fox", 1, True),
    ("fox-fox fox", "fox", 1, True),
    ("fox/fox", "fox", 2, False),  # becomes "foxfox"
    ("fox\nfox\n", "fox", 2, True),
    ("“fox” fox", "fox", 2, False),
    ("fox\u00a0fox", "fox", 2, True),
    ("The Fox.", "fOX", 1, True),
    ("no animal here", "fox", 1, False),
]


@pytest.mark.parametrize(("text", "keyword", "verdict"), INCLUDED)
def test_the_keyword_is_included(text: str, keyword: str, *, verdict: bool) -> None:
    assert KEYWORD_INCLUSION.holds(text, (keyword,)) is verdict


@pytest.mark.parametrize(("text", "keyword", "included"), INCLUDED)
def test_the_keyword_is_avoided(text: str, keyword: str, *, included: bool) -> None:
    assert KEYWORD_FORBIDDEN.holds(text, (keyword,)) is not included


@pytest.mark.parametrize(("text", "keyword", "count", "verdict"), COUNTED)
def test_the_keyword_occurs_exactly_so_often(text: str, keyword: str, count: int, *, verdict: bool) -> None:
    assert KEYWORD_FREQUENCY.holds(text, (keyword, count)) is verdict


def test_each_answer_has_its_own_keyword_and_its_own_count() -> None:
    drawn = [
        KEYWORD_FREQUENCY.draw(generator(str(seed), "frequency"), lambda answer: f"word{answer}")
        for seed in range(40)
    ]

    assert {(first[0], second[0]) for first, second in drawn} == {("word0", "word1")}
    assert {count for pair in drawn for _, count in pair} == {1, 2, 3, 4}
    assert any(first[1] != second[1] for first, second in drawn)


def test_the_prompts_name_the_keyword() -> None:
    assert KEYWORD_INCLUSION.prompt(("fox",)) == 'Use the word "fox".'
    assert KEYWORD_FORBIDDEN.prompt(("fox",)) == 'Never use the word "fox".'
    assert KEYWORD_FREQUENCY.prompt(("fox", 1)) == 'Use the word "fox" exactly 1 time.'
    assert KEYWORD_FREQUENCY.prompt(("fox", 3)) == 'Use the word "fox" exactly 3 times.'


def test_a_words_own_punctuation_goes_as_well() -> None:
    assert words("Don't ask: well-known, (really)!") == ["Dont", "ask", "wellknown", "really"]
