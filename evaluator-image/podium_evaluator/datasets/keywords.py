"""Words of an answer that a model can be asked to use, to count or to avoid."""

from __future__ import annotations

import random
import warnings
from typing import Final

from textblob.taggers import PatternTagger

from podium_evaluator.methods.instruction_following.rules.keywords import words

__all__ = ["choose_keyword"]

# Penn Treebank: adjectives, nouns, adverbs and verbs in all their forms.
_CONTENT_TAGS: Final = frozenset({"JJ", "NN", "RB", "VB"})

_SHORTEST_CONTENT_WORD: Final = 3

_STOCK: Final = ("answer", "question", "response")

# At most four words are keywords before the last keyword rule of a sample: these cannot all be taken.
_RESERVE: Final = ("reply", "topic")

# Answers are options of a question. Tagging takes time for each word.
_MAXIMUM_WORDS: Final = 1_000


def choose_keyword(answer: str, taken: frozenset[str], source: random.Random) -> str:
    """A word of `answer`: noun, verb, adjective or adverb of at least 3 letters, else any, else a stock word.

    Parts of speech are those of the lexicon and rules that TextBlob took from Pattern (De Smedt and
    Daelemans 2012).

    Args:
        answer: Text of a right option.
        taken: Words in lower case that are no longer to be had.
        source: Chooses among the words that are left, as often as they occur.
    """
    there = words(answer)[:_MAXIMUM_WORDS]
    for candidates in (_content_words(there), there, _STOCK, _RESERVE):
        free = [word for word in candidates if word.lower() not in taken]
        if free:
            return source.choice(free)
    raise ValueError(f"no keyword is left for an answer of {len(there)} words: {len(taken)} are taken")


def _content_words(there: list[str]) -> list[str]:
    if not there:
        return []
    with warnings.catch_warnings():
        # The package leaves its lexicon's files to the garbage collector.
        warnings.simplefilter("ignore", ResourceWarning)
        tagged: list[tuple[str, str]] = PatternTagger().tag(" ".join(there), tokenize=False)
    return [
        word
        for word, tag in tagged
        # Dashes and curly quotation marks stick to words: nobody would repeat them.
        if tag[:2] in _CONTENT_TAGS and len(word) >= _SHORTEST_CONTENT_WORD and word.isalnum()
    ]
