"""What all datasets share: the kinds of samples, their lines in a file, the seeded generator."""

from __future__ import annotations

import dataclasses
import hashlib
import random
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from podium_evaluator.canonical import canonical_json, strict_json
from podium_evaluator.contract import Method

__all__ = [
    "ChoiceSample",
    "DatasetError",
    "Drawn",
    "InstructionSample",
    "ReferenceSample",
    "Rule",
    "Sample",
    "TextSample",
    "generator",
    "read_samples",
    "sample_lines",
    "samples_file",
]


class DatasetError(Exception):
    """A repository does not hold what a dataset expects: no files, other columns, broken parquet."""


@dataclass(frozen=True, slots=True)
class ChoiceSample:
    """A question with several answers; `answer` is the index of the right one.

    The `prompt` is the whole user turn. Answered by generation, the options are words such as A to D.
    """

    id: str
    prompt: str
    options: tuple[str, ...]
    answer: int


@dataclass(frozen=True, slots=True)
class ReferenceSample:
    """A prompt and the answer whose likelihood counts; `system` is empty where there is no such turn."""

    id: str
    prompt: str
    reference: str
    system: str = ""


@dataclass(frozen=True, slots=True)
class TextSample:
    """Plain text."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that the two answers of a sample must follow.

    Attributes:
        name: Which rule.
        arguments: What it is applied with: to the first answer, to the second.
    """

    name: str
    arguments: tuple[tuple[str | int, ...], tuple[str | int, ...]]


@dataclass(frozen=True, slots=True)
class InstructionSample:
    """Two prompts that ask for answers under the same rules."""

    id: str
    prompts: tuple[str, str]
    rules: tuple[Rule, ...]


Sample: TypeAlias = ChoiceSample | ReferenceSample | TextSample | InstructionSample


@dataclass(frozen=True, slots=True)
class Drawn:
    """The samples of a task.

    Attributes:
        samples: In the order in which they were drawn. Ids name rows, as in
            ``data/train-00000-of-00050.parquet#17``, or number what was made here.
        revision: Commit of the repository that they come from, if any.
        dropped: Rows that were drawn but are no samples: empty, too long, without a right answer.
    """

    samples: tuple[Sample, ...]
    revision: str | None = None
    dropped: int = 0


def generator(seed: str, task: str, revision: str = "") -> random.Random:
    """The task's own generator: nothing but these three decides what is drawn."""
    digest = hashlib.sha256(f"{seed}\n{task}\n{revision}".encode()).digest()
    return random.Random(digest)  # noqa: S311 - repeatable by intent


def samples_file(task: str) -> str:
    """Name of a task's file; tasks are named so that no other stored file can have it."""
    return f"{task}.jsonl"


def sample_lines(samples: Iterable[Sample]) -> bytes:
    """One canonical JSON object a line."""
    return b"".join(canonical_json(dataclasses.asdict(sample)) + b"\n" for sample in samples)


def read_samples(data: bytes, method: Method) -> tuple[Sample, ...]:
    """The samples of a file that `sample_lines` wrote.

    Raises:
        ValueError: A line is no sample of the method.
    """
    return tuple(_sample(strict_json(line), method) for line in data.splitlines())


def _sample(row: object, method: Method) -> Sample:
    match method, row:
        case Method.MULTIPLE_CHOICE, {
            "id": id_,
            "prompt": prompt,
            "options": list(options),
            "answer": int(answer),
        }:
            return ChoiceSample(str(id_), str(prompt), tuple(map(str, options)), answer)
        case Method.REFERENCE_LOSS, {
            "id": id_,
            "prompt": prompt,
            "reference": reference,
            "system": system,
        }:
            return ReferenceSample(str(id_), str(prompt), str(reference), str(system))
        case Method.TEXT_LOSS, {"id": id_, "text": text}:
            return TextSample(str(id_), str(text))
        case Method.INSTRUCTION_FOLLOWING, {"id": id_, "prompts": [first, second], "rules": list(rules)}:
            return InstructionSample(str(id_), (str(first), str(second)), tuple(map(_rule, rules)))
        case _:
            raise ValueError(f"a line is no sample for {method}")


def _rule(row: object) -> Rule:
    match row:
        case {"name": str(name), "arguments": [list(first), list(second)]}:
            return Rule(name, (tuple(map(_argument, first)), tuple(map(_argument, second))))
        case _:
            raise ValueError("a rule with a name and two lists of arguments expected")


def _argument(value: object) -> str | int:
    if isinstance(value, str) or type(value) is int:
        return value
    raise ValueError("an argument of a rule is a text or an integer")
