"""Questions with options A to D that are written anew all the time, with author and time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from podium_evaluator.contract import InstructionFollowingDataset, SyntheticMmluDataset
from podium_evaluator.datasets.base import ChoiceSample
from podium_evaluator.datasets.selection import Candidate, Drop

if TYPE_CHECKING:
    # Whoever only wants the question needs no pyarrow.
    from podium_evaluator.datasets.corpus import Corpus, Row

__all__ = ["LETTERS", "Question", "question_candidate", "questions"]

LETTERS: Final = ("A", "B", "C", "D")
"""Names of the options, as they stand in the question's text."""


@dataclass(frozen=True, slots=True)
class Question:
    """One row.

    Attributes:
        id: Of its row.
        challenge: The whole text with the four options.
        answer: Letter of the right one, A to D.
        key: What the data tells questions apart by.
    """

    id: str
    challenge: str
    answer: str
    key: str | int | None = None


def questions(
    dataset: SyntheticMmluDataset | InstructionFollowingDataset, corpus: Corpus
) -> Iterator[Question | Drop]:
    """The usable questions of some configs."""
    # Here, not above: pyarrow takes a second to import.
    from podium_evaluator.datasets.columns import ColumnKind  # noqa: PLC0415
    from podium_evaluator.datasets.configs import read_configs  # noqa: PLC0415
    from podium_evaluator.datasets.corpus import Reading  # noqa: PLC0415

    columns = {"id": ColumnKind.KEY, "challenge": ColumnKind.TEXT, "reference": ColumnKind.TEXT}
    authors = frozenset(dataset.hotkeys)
    if authors:
        columns["hotkey"] = ColumnKind.TEXT

    def parse(row: Row) -> Question | Drop:
        if authors and row.text("hotkey") not in authors:
            return Drop.OTHER_AUTHOR
        challenge, answer = row.text("challenge"), row.text("reference")
        if not challenge.strip() or answer not in LETTERS:
            return Drop.MALFORMED
        return Question(row.id, challenge, answer, row.key("id"))

    # The data's times are those of a clock in US Pacific time, as its first reader took them.
    strata = list(read_configs(corpus).values())
    reading = Reading(columns, strata, dataset.drawn_configs, "timestamp", ColumnKind.PACIFIC_TIME)
    return corpus.visit(reading, parse)


def question_candidate(question: Question | Drop) -> Candidate | Drop:
    """The question as a sample: whole, to be answered with a letter."""
    if isinstance(question, Drop):
        return question
    answer = LETTERS.index(question.answer)
    return Candidate(ChoiceSample(question.id, question.challenge, LETTERS, answer), question.key)
