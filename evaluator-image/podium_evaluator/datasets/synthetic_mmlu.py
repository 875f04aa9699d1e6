"""Questions with options A to D that are written anew all the time, with author and time."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LETTERS", "Question"]

LETTERS = ("A", "B", "C", "D")
"""Names of the options, as they stand in the question's text."""


@dataclass(frozen=True, slots=True)
class Question:
    """One row.

    Attributes:
        id: Of its row.
        challenge: The whole text with the four options.
        answer: Letter of the right one, A to D.
    """

    id: str
    challenge: str
    answer: str
