"""Seeded random samples with the lengths of the tasks they stand for."""

import math
import random
from dataclasses import dataclass
from typing import Final

from tests.bench.shapes import LETTERS

__all__ = [
    "Question",
    "Reference",
    "evenly",
    "prompts",
    "questions",
    "references",
    "zero_shot_questions",
]

Ids = tuple[int, ...]

_FIRST_WORD: Final = LETTERS[-1] + 1
_OPTIONS: Final = len(LETTERS)


@dataclass(frozen=True, slots=True)
class Reference:
    """A prompt and the answer whose loss is wanted."""

    prompt: Ids
    reference: Ids

    @property
    def ids(self) -> Ids:
        """Both."""
        return (*self.prompt, *self.reference)


@dataclass(frozen=True, slots=True)
class Question:
    """A question, header included, and its options."""

    prompt: Ids
    options: tuple[Ids, ...]


def references(
    count: int, vocabulary: int, shortest: int, longest: int, *, whole: bool = False
) -> list[Reference]:
    """Lengths are log-uniform; prompts are 10 to 35 % of a sample, or one token where it counts `whole`."""
    source = _source(1)
    found = []
    for _ in range(count):
        length = round(math.exp(source.uniform(math.log(shortest), math.log(longest))))
        share = source.uniform(0.1, 0.35)
        ids = _words(source, length, vocabulary)
        cut = 1 if whole else max(1, int(length * share))
        found.append(Reference(ids[:cut], ids[cut:]))
    return found


def questions(
    count: int, vocabulary: int, header: int, *, letters: bool, lengths: tuple[int, int] = (64, 160)
) -> list[Question]:
    """Questions behind one header, with four options of 4 to 16 tokens or the letters A to D."""
    source = _source(5)
    shared = _words(source, header, vocabulary)
    found = []
    for _ in range(count):
        question = _words(source, source.randint(*lengths), vocabulary)
        texts = tuple(_words(source, source.randint(4, 16), vocabulary) for _ in range(_OPTIONS))
        options = tuple((letter,) for letter in LETTERS) if letters else texts
        found.append(Question((*shared, *question), options))
    return found


def zero_shot_questions(count: int, vocabulary: int) -> list[Question]:
    """Questions without a header that show four options behind their letters, to be answered by a letter."""
    source = _source(7)
    found = []
    for _ in range(count):
        shown = list(_words(source, source.randint(48, 128), vocabulary))
        for letter in LETTERS:
            shown += [letter, *_words(source, source.randint(4, 16), vocabulary)]
        found.append(Question(tuple(shown), tuple((letter,) for letter in LETTERS)))
    return found


def prompts(count: int, vocabulary: int, shortest: int = 32, longest: int = 256) -> list[Ids]:
    """Prompts to continue."""
    source = _source(9)
    return [_words(source, source.randint(shortest, longest), vocabulary) for _ in range(count)]


def evenly(total: int, count: int) -> list[int]:
    """`count` of the indices below `total`, at equal distances."""
    count = min(count, total)
    return [index * total // count for index in range(count)]


def _words(source: random.Random, count: int, vocabulary: int) -> Ids:
    return tuple(source.randrange(_FIRST_WORD, vocabulary) for _ in range(count))


def _source(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - repeatable by intent
