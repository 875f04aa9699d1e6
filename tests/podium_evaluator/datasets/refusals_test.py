"""Responses in which an assistant refuses or speaks of itself."""

import pytest

from podium_evaluator.datasets.refusals import is_refusal, refusal_phrases


@pytest.mark.parametrize(
    "response",
    [
        "I'm sorry, but I can't help with that.",
        "I\u2019m sorry, but I can\u2019t help with that.",
        "I AM SORRY, BUT I cannot do this.",
        "As an AI language model, I do not have feelings.",
        "as  a\nlarge   language model I think",
        "Ask ChatGPT.",
        "Unfortunately, I cannot provide medical advice.",
        "I don't have personal opinions.",
        "My knowledge cutoff is September 2021.",
        "It's important to respect everyone.",
        "It is against my programming.",
        "This violates our ethical guidelines.",
        "I am not able to provide that.",
        "Before.<|endoftext|>After.",
    ],
)
def test_refusals_are_recognised(response: str) -> None:
    assert is_refusal(response, refusal_phrases())


@pytest.mark.parametrize(
    "response",
    [
        "It is 7.",
        "Use a for loop: `for x in y:`",
        "The capital of France is Paris, which lies on the Seine.",
        "She said that she was sorry and that they could not come.",
        "Language models predict the next token.",
        "",
    ],
)
def test_answers_are_not(response: str) -> None:
    assert not is_refusal(response, refusal_phrases())


def test_the_phrases_are_many_plain_and_distinct() -> None:
    phrases = refusal_phrases()

    assert len(phrases) > 137, "as many as the former subnet's distinct ones"
    assert len(set(phrases)) == len(phrases)
    assert all(phrase == phrase.casefold() and "\u2019" not in phrase for phrase in phrases)


def test_without_phrases_nothing_is_a_refusal() -> None:
    assert not is_refusal("As an AI", ())
