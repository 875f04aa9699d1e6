"""Beginning and end are taken as they are: a newline after them is part of the answer."""

import pytest

from podium_evaluator.datasets.base import generator
from podium_evaluator.methods.instruction_following.rules.edges import (
    CLOSING_SENTENCES,
    ENDS_WITH,
    QUOTATION,
)
from podium_evaluator.methods.instruction_following.rules.keywords import words

CLOSING = "Please ask again if anything is still unclear."

ENDS = [
    ("", False),
    (CLOSING, True),
    (f"It is so. {CLOSING}", True),
    (f"It is so.{CLOSING}", True),
    (f"IT IS SO. {CLOSING.upper()}", True),
    (f"it is so. {CLOSING.lower()}", True),
    (f"It is so. {CLOSING}\n", False),
    (f"It is so. {CLOSING} ", False),
    (f'"It is so. {CLOSING}"', False),
    (f"It is so. {CLOSING.removesuffix('.')}", False),
    (f"{CLOSING} It is so.", False),
    (f"It is so. {CLOSING.replace(' ', '  ')}", False),
    (f"* {CLOSING}", True),
    (CLOSING_SENTENCES[1], False),
]

QUOTED = [
    ("", False),
    ('"It is so."', True),
    ('"', True),  # one mark begins and ends it
    ('""', True),
    ('"It is so."\n', False),
    (' "It is so."', False),
    ("“It is so.”", False),
    ("'It is so.'", False),
    ('"It" is "so"', True),
    ('"It is so.', False),
    ('It is so."', False),
    ('"It is so".', False),
    ('"It is\n\nso."', True),
]


@pytest.mark.parametrize(("text", "verdict"), ENDS)
def test_the_answer_ends_with_the_sentence(text: str, *, verdict: bool) -> None:
    assert ENDS_WITH.holds(text, (CLOSING,)) is verdict


@pytest.mark.parametrize(("text", "verdict"), QUOTED)
def test_the_answer_is_in_quotation_marks(text: str, *, verdict: bool) -> None:
    assert QUOTATION.holds(text, ()) is verdict


def test_both_answers_end_with_the_same_of_three_sentences() -> None:
    drawn = {ENDS_WITH.draw(generator(str(seed), "closing"), str) for seed in range(40)}

    assert drawn == {((sentence,), (sentence,)) for sentence in CLOSING_SENTENCES}
    assert len(CLOSING_SENTENCES) == 3


@pytest.mark.parametrize("sentence", CLOSING_SENTENCES)
def test_a_closing_sentence_breaks_no_other_rule(sentence: str) -> None:
    assert "," not in sentence
    assert '"' not in sentence
    assert not {"answer", "question", "response", "reply", "topic"} & {
        word.lower() for word in words(sentence)
    }


def test_the_prompt_quotes_the_sentence() -> None:
    assert ENDS_WITH.prompt((CLOSING,)).endswith(f'"{CLOSING}"')
