"""Pairs of questions to be answered under drawn rules; the options of the questions are taken off."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Final

from podium_evaluator.datasets.base import InstructionSample, Rule
from podium_evaluator.datasets.keywords import choose_keyword
from podium_evaluator.datasets.synthetic_mmlu import LETTERS, Question
from podium_evaluator.methods.instruction_following.selection import RuleSet, draw_rules
from podium_evaluator.methods.instruction_following.table import rule_prompt

__all__ = ["OpenQuestion", "instruction_samples", "open_question"]


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question without its options.

    Attributes:
        id: Of its row.
        question: What is asked.
        answer: Text of the right option, two words or more: keywords are chosen from it.
    """

    id: str
    question: str
    answer: str


# What some rows begin with: an example of a question with its answer.
_AFTER_EXAMPLE: Final = "[Input Question]"

_OPTION_LINE: Final = re.compile(r"^[ \t]*([A-D])\. ", re.MULTILINE)

_OPTION_ANYWHERE: Final = re.compile(r"(?<!\S)([A-D])\. ")

_FEWEST_ANSWER_WORDS: Final = 2

_LONGEST_ID: Final = 128


def instruction_samples(
    questions: Iterable[Question], source: random.Random, rules: RuleSet
) -> Iterator[InstructionSample]:
    """A sample of each two usable questions that follow each other; every question but the ends is in two.

    Questions that `open_question` finds nothing in are left out, and one that repeats the question before
    it: the same question twice would make honest answers duplicates.

    Args:
        questions: Read as samples are asked for, one ahead.
        source: Draws rules, arguments and keywords.
        rules: The set that rules are drawn from.
    """
    for first, second in pairwise(_without_repetitions(filter(None, map(open_question, questions)))):
        answers = (first.answer, second.answer)
        drawn = draw_rules(rules, source, partial(_keyword, answers, source))
        prompts = (_prompt(first.question, drawn, 0), _prompt(second.question, drawn, 1))
        yield InstructionSample(_pair_id(first.id, second.id), prompts, drawn)


def open_question(row: Question) -> OpenQuestion | None:
    """The question and the right option's text, or None where the row has no such parts.

    Options stand on lines that begin with ``A. `` to ``D. ``, or else somewhere in the text with whitespace
    before each letter; the last such four count. The last option ends with its line. Nothing is returned
    for an answer of one word: a rule could take its only keyword away.
    """
    text = row.challenge.rpartition(_AFTER_EXAMPLE)[2]
    marks = _options(text, _OPTION_LINE) or _options(text, _OPTION_ANYWHERE)
    if not marks or row.answer not in LETTERS:
        return None
    index = LETTERS.index(row.answer)
    rest = text[marks[index].end() :]
    answer = text[marks[index].end() : marks[index + 1].start()] if marks[index + 1 :] else _line(rest)
    question, answer = text[: marks[0].start()].strip(), answer.strip()
    if not question or len(answer.split()) < _FEWEST_ANSWER_WORDS:
        return None
    return OpenQuestion(row.id, question, answer)


def _options(text: str, pattern: re.Pattern[str]) -> list[re.Match[str]]:
    """Marks of the last options A to D in this order, or none."""
    wanted = list(LETTERS)
    found: list[re.Match[str]] = []
    for mark in reversed(list(pattern.finditer(text))):
        if wanted and mark[1] == wanted[-1]:
            wanted.pop()
            found.append(mark)
    return [] if wanted else found[::-1]


def _line(text: str) -> str:
    return text.split("\n", 1)[0]


def _without_repetitions(questions: Iterable[OpenQuestion]) -> Iterator[OpenQuestion]:
    before = ""
    for one in questions:
        if one.question != before:
            yield one
        before = one.question


def _keyword(answers: tuple[str, str], source: random.Random, taken: frozenset[str], answer: int) -> str:
    return choose_keyword(answers[answer], taken, source)


def _prompt(question: str, rules: tuple[Rule, ...], answer: int) -> str:
    numbered = (f"{number}. {rule_prompt(rule, answer)}" for number, rule in enumerate(rules, 1))
    listed = "\n".join(numbered)
    return f'Obey all of these rules as you answer the quoted question below them:\n{listed}\n\n"{question}"'


def _pair_id(first: str, second: str) -> str:
    """Both ids, or where they are too long their beginning and a digest."""
    pair = f"{first}+{second}"
    if len(pair) <= _LONGEST_ID:
        return pair
    digest = hashlib.sha256(pair.encode()).hexdigest()[:32]
    return f"{pair[: _LONGEST_ID - len(digest) - 1]}~{digest}"
