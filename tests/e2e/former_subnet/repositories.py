"""The miniature repositories of the local hub: data with the columns of the real ones, and a tokenizer."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from tests.podium_evaluator.tiny import tokenizer_json

__all__ = ["REPOSITORIES", "fill"]

REPOSITORIES: Mapping[str, str] = {
    "Xenova/gpt-4": "miniature/gpt-4",
    "your-organisation/prompt-response-pairs": "miniature/pairs",
    "macrocosm-os/macrobench-bittensor-01": "miniature/macrobench",
    "HuggingFaceFW/fineweb-edu-score-2": "miniature/fineweb",
    "PrimeIntellect/SYNTHETIC-1-SFT-Data": "miniature/synthetic-1",
    "open-r1/codeforces-cots": "miniature/codeforces",
}
"""From the repositories that the examples name."""

_ROWS = 24
_LANDS = {
    "France": "the river Seine runs through Paris",
    "Egypt": "the river Nile runs through Cairo",
    "Austria": "the river Danube runs through Vienna",
    "Iraq": "the river Tigris runs through Baghdad",
}
_WORDS = ("stone", "river", "lamp", "garden", "window", "letter", "bridge", "summer")

Rows = list[dict[str, Any]]  # Any: the values of a parquet file


def fill(root: Path) -> None:
    """Write all of them under `root`."""
    tokenizer = root / "models/miniature/gpt-4"
    tokenizer.mkdir(parents=True)
    (tokenizer / "tokenizer.json").write_bytes(tokenizer_json())
    (tokenizer / "tokenizer_config.json").write_text(json.dumps({"eos_token": "<|im_end|>"}))
    data = root / "datasets/miniature"
    _write(data / "pairs/data/train-00000-of-00001.parquet", [_pair(number) for number in range(_ROWS)])
    for config in ("2025-01-04", "2025-01-05"):
        questions = [_question(config, number) for number in range(_ROWS)]
        _write(data / f"macrobench/{config}/{config}-00000-of-00001.parquet", questions)
    _describe(data / "macrobench", {one: f"{one}/{one}-*" for one in ("2025-01-04", "2025-01-05")})
    for crawl in ("CC-MAIN-2013-20", "CC-MAIN-2024-10"):
        texts = [{"text": _text(number), "id": f"{crawl}-{number}"} for number in range(_ROWS)]
        _write(data / f"fineweb/data/{crawl}/train-00000-of-00001.parquet", texts)
    crawls = {one: f"data/{one}/*" for one in ("CC-MAIN-2013-20", "CC-MAIN-2024-10")}
    _describe(data / "fineweb", {"default": "data/*/*", **crawls})
    traces = [_trace(number) for number in range(_ROWS)]
    _write(data / "synthetic-1/data/train-00000-of-00001.parquet", traces)
    solutions = ("solutions", "solutions_py", "solutions_w_editorials", "solutions_w_editorials_py")
    for config in solutions:
        _write(data / f"codeforces/{config}/train-00000-of-00001.parquet", _solutions(config))
    _describe(data / "codeforces", {one: f"{one}/train-*" for one in solutions})


def _write(path: Path, rows: Rows) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), path)


def _describe(folder: Path, configs: Mapping[str, str]) -> None:
    """The head of a dataset's card: which files belong to which config."""
    head = {
        "configs": [
            {"config_name": name, "data_files": [{"split": "train", "path": path}]}
            for name, path in configs.items()
        ]
    }
    (folder / "README.md").write_text(f"---\n{yaml.safe_dump(head)}---\n# Miniature\n", encoding="utf-8")


def _pair(number: int) -> dict[str, Any]:
    return {"prompt": f"Name {_WORDS[number % 8]} number {number}.", "response": f"It is {_text(number)}"}


def _question(config: str, number: int) -> dict[str, Any]:
    lands, turn = list(_LANDS), number % 4
    options = [_LANDS[lands[(turn + place) % 4]] for place in range(4)]
    lines = [f"{letter}. {option}" for letter, option in zip("ABCD", options, strict=True)]
    right = options.index(_LANDS[lands[number % 3]])
    return {
        "id": f"{config}-{number}",
        "challenge": f"What is true of {lands[number % 3]}, question {number}?\n" + "\n".join(lines),
        "reference": "ABCD"[right],
        "hotkey": "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY",
        "timestamp": datetime(2025, 1, 4, tzinfo=UTC).replace(tzinfo=None) + timedelta(minutes=number),
    }


def _text(number: int) -> str:
    words = [_WORDS[(number * step + step) % 8] for step in range(1, 14)]
    return f"{' '.join(words).capitalize()}, and so on {number} times."


def _trace(number: int) -> dict[str, Any]:
    is_math = number % 2 == 0
    answer = f"so \\boxed{{\\frac{{{number}}}{{2}}}}" if is_math else f'{{"output": "{number}"}}'
    return {
        "response_id": f"r{number}",
        "problem_id": f"p{number // 2 * 2 + number % 2}",
        "task_type": "verifiable_math" if is_math else "code_output_prediction",
        "score": 1.0,
        "messages": _messages(f"What is half of {number}?", f"<think>{_text(number)}</think> {answer}"),
    }


def _solutions(config: str) -> Rows:
    return [
        {"id": f"{number}/A", "messages": _messages(f"Solve {config} {number}.", _text(number))}
        for number in range(_ROWS)
    ]


def _messages(prompt: str, answer: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": prompt}, {"role": "assistant", "content": answer}]
