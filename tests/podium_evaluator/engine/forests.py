"""Sequences that share beginnings, from a seed."""

import random

from hypothesis import strategies as st

from podium_evaluator.sequences import TokenSequence

_LENGTHS = (1, 2, 5, 30, 64, 130, 300)


def random_forest(seed: int, vocabulary: int = 5, largest: int = 14) -> list[TokenSequence]:
    """Sequences each of which continues a random part of an earlier one; some are equal, some begin others.

    Args:
        seed: Decides everything.
        vocabulary: Few tokens share by chance.
        largest: Most sequences.
    """
    source = random.Random(seed)  # noqa: S311 - repeatable by intent
    found: list[TokenSequence] = []
    for _ in range(source.randint(0, largest)):
        before = source.choice(found).ids if found and source.random() < 0.8 else ()
        kept = source.choice((len(before), source.randint(0, len(before))))
        ids = before[:kept] + tuple(source.choices(range(vocabulary), k=source.choice(_LENGTHS)))
        ids = ids if len(ids) > 1 else (*ids, 0)
        first = source.choice((1, len(ids) - 1, source.randint(1, len(ids) - 1), len(ids)))
        found.append(TokenSequence(ids, first))
    return found


FORESTS = st.integers(0, 2**32).map(random_forest)


def forest(
    source: random.Random,
    header: int,
    questions: int,
    question: int,
    options: int,
    option: int,
    vocabulary: int = 1000,
) -> tuple[tuple[int, ...], list[TokenSequence], int]:
    """A header, questions behind it and options behind each; all else random.

    Returns:
        The header, the sequences, and how many tokens must be read at least.
    """

    def tokens(count: int) -> tuple[int, ...]:
        return tuple(source.choices(range(vocabulary), k=count))

    start = tokens(header)
    found = []
    for number in range(questions):
        # No two questions begin alike, nor two options.
        asked = (number, *tokens(question - 1))
        found += [
            TokenSequence((*start, *asked, choice, *tokens(option - 1)), header + question)
            for choice in range(options)
        ]
    return start, found, header + questions * (question + options * (option - 1))
