"""Only the ASCII comma is one."""

import pytest

from podium_evaluator.methods.instruction_following.rules.commas import NO_COMMAS

TEXTS = [
    ("", True),
    ("No comma here.", True),
    ("One, two", False),
    (",", False),
    ("1,000 people", False),
    ("first;\nsecond\n,", False),
    ("semicolon; colon: dash -", True),
    ("一，二", True),  # full width
    ("一、二", True),  # ideographic
    ("واحد، اثنان", True),  # Arabic
    ("‚low quotes‘", True),
    ('"quoted," he said', False),
    ("apostrophe's", True),
]


@pytest.mark.parametrize(("text", "verdict"), TEXTS)
def test_there_are_no_commas(text: str, *, verdict: bool) -> None:
    assert NO_COMMAS.holds(text, ()) is verdict
