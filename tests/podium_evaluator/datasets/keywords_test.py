"""Keywords are telling words of an answer, each used once a sample."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium_evaluator.datasets.base import generator
from podium_evaluator.datasets.keywords import choose_keyword


def choices(answer: str, *taken: str) -> set[str]:
    """All words that come up."""
    return {choose_keyword(answer, frozenset(taken), generator(str(seed), "keyword")) for seed in range(60)}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("The old fox and the river", {"old", "fox", "river"}),
        ("It was quickly forgotten by the king", {"was", "quickly", "forgotten", "king"}),
        ("He is in it, of 12 or so", {"He", "is", "in", "it", "of", "12", "or", "so"}),  # else any word
        ("George Washington, in 1789", {"George", "Washington"}),
        ("Well-known: the fox!", {"Wellknown", "fox"}),
        ("The “fox” or the river", {"river"}),  # nobody would repeat a word with a curly mark
        ("?! --", {"answer", "question", "response"}),
        ("", {"answer", "question", "response"}),
    ],
)
def test_nouns_verbs_adjectives_and_adverbs_come_first(answer: str, expected: set[str]) -> None:
    assert choices(answer) == expected


def test_taken_words_are_not_chosen_whatever_their_case() -> None:
    assert choices("The old Fox and the river", "fox", "old") == {"river"}
    assert choices("The old Fox and the river", "fox", "old", "river") == {"The", "and", "the"}
    assert choices("The Fox", "fox", "the") == {"answer", "question", "response"}
    assert choices("The Fox", "fox", "the", "answer", "response") == {"question"}
    assert choices("The Fox", "fox", "answer", "question", "response", "the") <= {"reply", "topic"}


@given(
    st.text(max_size=40), st.sets(st.sampled_from(["answer", "question", "response", "reply", "fox", "a"]))
)
def test_four_taken_words_leave_one_and_the_generator_decides_which(answer: str, taken: set[str]) -> None:
    kept = frozenset(sorted(taken)[:4])

    word = choose_keyword(answer, kept, generator("seed", answer))

    assert word == choose_keyword(answer, kept, generator("seed", answer))
    assert word.lower() not in kept
    assert word == "".join(word.split())


def test_where_no_word_is_left_the_error_says_so() -> None:
    taken = frozenset({"answer", "question", "response", "reply", "topic"})

    with pytest.raises(ValueError, match="no keyword is left for an answer of 0 words: 5 are taken"):
        choose_keyword("", taken, generator("seed", "keyword"))
