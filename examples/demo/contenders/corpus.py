"""Training and held-out samples: what is trained on is never in a dataset that the competition draws from."""

import json
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from examples.demo.contenders.sources import Question, read_questions, read_story
from podium_evaluator.datasets.word_sorting import words

_SEED = 2889
_HELD_OUT_QUESTIONS = 100
_HELD_OUT_WORDS = 1 / 3
_SORTING_SAMPLES = 1500
_FEWEST_WORDS, _MOST_WORDS = 2, 14
_ROWS_OF_A_FILE = 50

TRAINING = "training.jsonl"
DATASETS = "datasets"
"""Folder of the dataset repositories: one folder each, with parquet files."""


@dataclass(frozen=True)
class Sample:
    """What a model is to answer to a prompt, and the task that it trains."""

    task: str
    prompt: str
    reference: str


def write_corpus(packages: Path, target: Path) -> None:
    """Write the training samples and the datasets."""
    source = random.Random(_SEED)  # noqa: S311 - repeatable by intent
    questions = read_questions(packages)
    source.shuffle(questions)
    held_out, trained = questions[:_HELD_OUT_QUESTIONS], questions[_HELD_OUT_QUESTIONS:]
    samples = [*_sorting(source), *map(_trace, trained), *map(_choice, trained)]
    lines = "".join(f"{json.dumps(asdict(sample))}\n" for sample in samples)
    (target / TRAINING).write_text(lines, encoding="utf-8")
    _write_dataset(target, "mmlu", [_choice_row(question) for question in held_out])
    _write_dataset(target, "traces", [_trace_row(question) for question in held_out])
    _write_dataset(target, "texts", [{"text": piece} for piece in read_story(packages)])


def read_training(corpus: Path) -> list[Sample]:
    """The training samples."""
    lines = (corpus / TRAINING).read_text(encoding="utf-8").splitlines()
    return [Sample(**json.loads(line)) for line in lines]


def _sorting(source: random.Random) -> list[Sample]:
    """Lists as the evaluator draws them, but a third of its words is never shown."""
    vocabulary = list(words())
    source.shuffle(vocabulary)
    shown = vocabulary[int(len(vocabulary) * _HELD_OUT_WORDS) :]
    samples = []
    for _ in range(_SORTING_SAMPLES):
        chosen = source.sample(shown, source.randint(_FEWEST_WORDS, _MOST_WORDS))
        prompt = f"Sort the following words alphabetically: {' '.join(chosen)}."
        samples.append(Sample("sorting", prompt, " ".join(sorted(chosen))))
    return samples


def _choice(question: Question) -> Sample:
    return Sample("choice", question.question, question.options[question.answer])


def _choice_row(question: Question) -> dict[str, Any]:  # a row of any column types
    return {
        "subject": question.subject,
        "prompt": question.question,
        "options": list(question.options),
        "answer": question.answer,
    }


def _trace(question: Question) -> Sample:
    options = "\n".join(
        f"{letter}. {option}" for letter, option in zip("ABCD", question.options, strict=True)
    )
    return Sample(
        "trace",
        f"{question.question}\n{options}\nThink step by step, then give the answer.",
        f"{question.reasoning} The answer is {'ABCD'[question.answer]}.",
    )


def _trace_row(question: Question) -> dict[str, Any]:  # a row of any column types
    sample = _trace(question)
    return {"prompt": sample.prompt, "reference": sample.reference}


def _write_dataset(target: Path, name: str, rows: Sequence[dict[str, Any]]) -> None:
    folder = target / DATASETS / name / "data"
    folder.mkdir(parents=True)
    parts = [rows[start : start + _ROWS_OF_A_FILE] for start in range(0, len(rows), _ROWS_OF_A_FILE)]
    for index, part in enumerate(parts):
        file = folder / f"test-{index:05d}-of-{len(parts):05d}.parquet"
        pq.write_table(pa.Table.from_pylist(list(part)), file)
