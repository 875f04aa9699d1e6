"""Sentences are counted exactly as NLTK's untrained Punkt counts them, in linear time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nltk.tokenize.punkt import PunktSentenceTokenizer

from podium_evaluator.methods.instruction_following.punkt import sentence_count

# The installed NLTK reads curly quotation marks and guillemets otherwise than 3.9.1 did: see the table below.
PIECES = (
    *("Hi", "hello", "Dr.", "U.S.", "e.g.", "3.14", "1.", "-2,5.", "J.", "_.", "ß.", "É", "ǅ", "日本", "。"),
    *(".", "?", "!", "..", "...", ". . .", ",", ";", ":", "(", ")", "[", "]", "{", "}", '"', "'", "`", "#"),
    *("&", "@", "*", "-", "--", "a,b", " ", "  ", "\t", "\n", "\n\n", "\r\n", "\u00a0", "\u2003"),
)


@given(st.lists(st.sampled_from(PIECES), max_size=24).map("".join))
def test_it_agrees_with_nltk(text: str) -> None:
    assert sentence_count(text) == len(PunktSentenceTokenizer().tokenize(text))


@given(st.text(st.sampled_from(" .?!\n'\"()-,aA1é日"), max_size=24))
def test_it_agrees_with_nltk_on_single_characters(text: str) -> None:
    assert sentence_count(text) == len(PunktSentenceTokenizer().tokenize(text))


CURLY = [
    ("“One.” Two.", 1),  # no whitespace after the full stop
    ("“One. ” Two.", 2),
    ("One. ”", 2),
    ("‘One!’ ‘Two?’", 1),
    ("«One.» «Two.»", 1),
    ("Stop! ” Go.", 2),
]


@pytest.mark.parametrize(("text", "count"), CURLY)
def test_curly_quotation_marks_are_letters_like_any_other(text: str, count: int) -> None:
    assert sentence_count(text) == count


@pytest.mark.parametrize("unit", ["a. ", ". ", ".", "!", "'.", "a.' ", "( ", ". . ", "1.", "--a", "\n.", "a"])
def test_long_texts_of_any_shape_are_counted(unit: str) -> None:
    repeated = unit * (20_000 // len(unit))

    assert sentence_count(repeated) >= sentence_count(unit * 20) > 0
