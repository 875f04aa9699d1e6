"""Bracket sequences to be completed: endless fresh samples, no network."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Final

from podium_evaluator.contract import DyckDataset
from podium_evaluator.datasets.base import DatasetError, ReferenceSample
from podium_evaluator.datasets.selection import Candidate

__all__ = ["brackets", "dyck"]

_PAIRS: Final = ("<>", "[]", "{}", "()")
_LONGEST_REFERENCE: Final = 3
_PROMPT: Final = (
    "Complete the sequence of brackets so that each bracket is closed by its partner in the right order."
    " Write the missing brackets only. Sequence: "
)


def dyck(dataset: DyckDataset, source: random.Random) -> Iterator[Candidate]:
    """Sequences without their last one to three brackets, which are the reference.

    Raises:
        DatasetError: The bounds are crossed.
    """
    if dataset.minimum_pairs > dataset.maximum_pairs:
        raise DatasetError("minimumPairs exceeds maximumPairs")
    return _candidates(dataset, source)


def brackets(pairs: int, closing: int, source: random.Random) -> str:
    """A correct sequence of `pairs` pairs that ends with at least `closing` closing brackets.

    At each place a bracket is opened or closed with equal chances, unless only one of the two still leads
    to such an end.
    """
    text, waiting, opened = "", "", 0
    for _ in range(2 * pairs):
        closed = opened - len(waiting)
        must_open = not waiting or pairs - closed == closing
        if opened < pairs and (must_open or source.random() < 0.5):  # noqa: PLR2004 - equal chances
            opening, partner = source.choice(_PAIRS)
            text, waiting, opened = text + opening, waiting + partner, opened + 1
        else:
            text, waiting = text + waiting[-1], waiting[:-1]
    return text


def _candidates(dataset: DyckDataset, source: random.Random) -> Iterator[Candidate]:
    number = 0
    while True:
        length = source.randint(1, min(_LONGEST_REFERENCE, dataset.maximum_pairs))
        pairs = source.randint(max(length, dataset.minimum_pairs), dataset.maximum_pairs)
        text = brackets(pairs, length, source)
        prompt, reference = _PROMPT + " ".join(text[:-length]), " ".join(text[-length:])
        yield Candidate(ReferenceSample(f"{number:05d}", prompt, reference))
        number += 1
