"""What is read from the packages: questions with reasoning, and a story in plain English."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_QUESTIONS = "lm_eval/tasks/mmlu/flan_cot_fewshot/_cot_prompts.json"
_STORY = "reasoning_gym/data/in_the_year_2889.txt"

_QUESTION = re.compile(
    r"(?P<question>.+?)\n?\s*\(A\)(?P<a>.+?)\(B\)(?P<b>.+?)\(C\)(?P<c>.+?)\(D\)(?P<d>.+?)\n"
    r"A: Let's think step by step\.\s*(?P<reasoning>.+?)\s*The answer is \((?P<answer>[A-D])\)",
    re.DOTALL,
)

_PIECE_CHARACTERS = 350
"""Long enough for a loss that says something; the story gives about 78 pieces of it."""


@dataclass(frozen=True)
class Question:
    """A question, its options, and why one of them is right; `answer` is that one's index."""

    subject: str
    question: str
    options: tuple[str, ...]
    reasoning: str
    answer: int


def read_questions(packages: Path) -> list[Question]:
    """All distinct questions, by subject."""
    subjects = json.loads((packages / _QUESTIONS).read_text(encoding="utf-8"))
    found = {
        question.question: question
        for subject, text in sorted(subjects.items())
        for question in _questions(subject, text)
    }
    return list(found.values())


def read_story(packages: Path) -> list[str]:
    """The story in pieces of whole paragraphs."""
    text = (packages / _STORY).read_text(encoding="utf-8")
    body = text.partition("THE YEAR 2889 ***")[2].partition("*** END OF")[0]
    paragraphs = [" ".join(paragraph.split()) for paragraph in body.split("\n\n")]
    pieces = [""]
    for paragraph in filter(None, paragraphs):
        if len(pieces[-1]) >= _PIECE_CHARACTERS:
            pieces.append("")
        pieces[-1] = f"{pieces[-1]} {paragraph}".strip()
    return [piece for piece in pieces if len(piece) >= _PIECE_CHARACTERS]


def _questions(subject: str, text: str) -> Iterator[Question]:
    for part in text.split("\n\nQ: ")[1:]:
        match = _QUESTION.match(part)
        if match:
            yield Question(
                subject=subject,
                question=match["question"].strip(),
                options=tuple(match[letter].strip() for letter in "abcd"),
                reasoning=" ".join(match["reasoning"].split()),
                answer="ABCD".index(match["answer"]),
            )
