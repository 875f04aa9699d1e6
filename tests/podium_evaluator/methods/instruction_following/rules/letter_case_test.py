"""A text is in one case where it has letters that know case and all of them are in that case."""

import pytest

from podium_evaluator.methods.instruction_following.rules.letter_case import ALL_LOWER_CASE, ALL_UPPER_CASE

UPPER = [
    ("", False),
    ("123, 456!", False),  # no letter
    ("HELLO WORLD.", True),
    ("HELLO World", False),
    ("I'M 42.\n", True),
    ("ÉTÉ À LA PLAGE", True),
    ("STRAßE", False),  # sharp s is a small letter
    ("STRAẞE", True),
    ("ǅ", False),  # title case is neither
    ("日本", False),  # no case
    ("日本 A", True),
    ("Ⅷ", True),  # a capital Roman numeral
    ("ΑΒΓ", True),
    ("* ONE\n* TWO\n* three", False),
]

LOWER = [
    ("", False),
    ("123, 456!", False),
    ("hello world.", True),
    ("Hello world", False),
    ("i'm 42.\n", True),
    ("été à la plage", True),
    ("straße", True),
    ("ǆ", True),
    ("ǅ", False),
    ("日本", False),
    ("日本 a", True),
    ("ⅷ", True),
    ("αβγ", True),
    ("* one\n* two\n* Three", False),
]


@pytest.mark.parametrize(("text", "verdict"), UPPER)
def test_all_letters_are_capital(text: str, *, verdict: bool) -> None:
    assert ALL_UPPER_CASE.holds(text, ()) is verdict


@pytest.mark.parametrize(("text", "verdict"), LOWER)
def test_all_letters_are_small(text: str, *, verdict: bool) -> None:
    assert ALL_LOWER_CASE.holds(text, ()) is verdict
