"""A stored model and stored samples of every method, ready to evaluate inside one process."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from podium_evaluator.canonical import digest_of
from podium_evaluator.contract import SUMMARY_BYTES, EvaluateRequest, Evidence, Summary, decode_evidence
from podium_evaluator.datasets.base import (
    ChoiceSample,
    InstructionSample,
    ReferenceSample,
    Rule,
    Sample,
    TextSample,
    sample_lines,
)
from podium_evaluator.errors import Failure
from podium_evaluator.evaluate import evaluate
from podium_evaluator.models.config import reduce_config
from podium_evaluator.models.table import ARCHITECTURES
from podium_evaluator.store import Manifest, ManifestFile, Store
from podium_evaluator.tokenizer_settings import StoredSettings
from tests.podium_evaluator.tiny import (
    LLAMA,
    NONCE,
    Tensors,
    random_tensors,
    safetensors_bytes,
    tokenizer_json,
)

_SORTED = tuple(
    ReferenceSample(f"{index:05d}", f"sort {words}", " ".join(sorted(words.split())))
    for index, words in enumerate(("pear apple", "dog cat bird", "two one", "x b a", "sun moon", "up down"))
)
_SAMPLES: dict[str, tuple[Sample, ...]] = {
    "tokens": _SORTED,
    "bytes": _SORTED,
    "texts": tuple(TextSample(f"t{index}", text) for index, text in enumerate(("It rains.", "Snow falls!"))),
    "likely": (ChoiceSample("c0", "Which?", ("this", "that"), 0), ChoiceSample("c1", "Who?", ("he", "I"), 1)),
    "chosen": (ChoiceSample("c0", "Which? A or B", ("A", "B"), 0),),
    "rules": (
        InstructionSample("i0", ("Tell me.", "Say it."), (Rule("NoCommas", ((), ())),)),
        InstructionSample(
            "i1", ("Why?", "How?"), (Rule("NoCommas", ((), ())), Rule("AllLowerCase", ((), ())))
        ),
    ),
}


def task(name: str, method: str = "ReferenceLoss", **changes: Any) -> dict[str, Any]:
    dataset = {"kind": "WordSorting", "samples": 6}
    return {"name": name, "method": method, "dataset": dataset, **changes}


_TASKS = [task("tokens"), task("bytes", lossUnit="Byte")]


def publish(store: Store, kind: Any, files: Mapping[str, bytes]) -> tuple[Path, str]:
    """A folder of the store with these files, and the digest of its manifest."""
    manifest = Manifest(
        tuple(
            ManifestFile(name, len(data), digest_of(data).removeprefix("sha256:"))
            for name, data in sorted(files.items())
        )
    )
    with store.workspace(0.0) as workspace:
        for name, data in files.items():
            (workspace / name).write_bytes(data)
        return store.publish(workspace, kind, manifest), manifest.digest


class Stage:
    """A stored model and stored samples, ready to evaluate."""

    def __init__(
        self,
        folder: Path,
        tensors: Tensors | None = None,
        beside_model: Mapping[str, bytes] | None = None,
        beside_samples: Mapping[str, bytes] | None = None,
    ) -> None:
        store = Store(folder / "store")
        model = {
            "config.json": reduce_config(json.dumps(LLAMA).encode(), ARCHITECTURES).document(),
            "model.safetensors": safetensors_bytes(random_tensors(LLAMA) if tensors is None else tensors),
            "tokenizer.json": tokenizer_json(),
        }
        self.model, self.manifest_digest = publish(store, "models", {**model, **(beside_model or {})})
        samples = {f"{name}.jsonl": sample_lines(found) for name, found in _SAMPLES.items()}
        self.samples, self.samples_digest = publish(store, "samples", {**samples, **(beside_samples or {})})

    def run(self, **changes: Any) -> tuple[Summary, Evidence]:
        request: dict[str, Any] = {
            "nonce": NONCE,
            "tasks": _TASKS,
            "tokenizer": {"policy": "Own"},
            "sequence_length": 512,
            "manifest_digest": self.manifest_digest,
            "samples_digest": self.samples_digest,
            "threads": 1,
            "timeout_seconds": 60,
        }
        parsed = EvaluateRequest.model_validate({**request, **changes})
        summary, line = evaluate(parsed, self.model, self.samples)
        assert summary.evidence_digest is not None
        assert len(summary.to_json().encode()) < SUMMARY_BYTES
        return summary, decode_evidence(line, summary.evidence_digest)

    def scores(self, **changes: Any) -> list[float | None]:
        summary, _ = self.run(**changes)
        assert summary.scores is not None
        return [one.score for one in summary.scores]

    def failure(self, **changes: Any) -> Failure:
        with pytest.raises(Failure) as caught:
            self.run(**changes)
        return caught.value


def settings(template: str = "ChatML") -> dict[str, bytes]:
    return {"tokenizer_settings.json": StoredSettings("<|im_end|>", template).document()}
