"""A stored model and stored samples, evaluated as a pod evaluates them, beside what the oracle expects."""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch

from podium_evaluator.canonical import digest_of
from podium_evaluator.contract import EvaluateRequest, Task, TaskEvidence, TaskScore, decode_evidence
from podium_evaluator.datasets.base import ReferenceSample, Sample, sample_lines
from podium_evaluator.evaluate import evaluate
from podium_evaluator.models.config import reduce_config
from podium_evaluator.models.table import ARCHITECTURES
from podium_evaluator.store import Manifest, ManifestFile, Store
from podium_evaluator.tokenizer_settings import StoredSettings
from tests.podium_evaluator.oracle.encoding import Encoding
from tests.podium_evaluator.oracle.language_model import LanguageModel, load
from tests.podium_evaluator.oracle.materials import END, SAMPLES, tokenizer, tokenizer_json
from tests.podium_evaluator.oracle.oracle import Oracle
from tests.podium_evaluator.oracle.templates import WITH_SYSTEM
from tests.podium_evaluator.tiny import NONCE, Tensors, safetensors_bytes

TASKS: tuple[dict[str, Any], ...] = (
    {"name": "references", "method": "ReferenceLoss"},
    {"name": "texts", "method": "TextLoss"},
    {"name": "likely", "method": "MultipleChoice"},
    {"name": "chosen", "method": "MultipleChoice", "answerBy": "Generation"},
    {"name": "instructions", "method": "InstructionFollowing"},
)


@dataclass(frozen=True)
class World:
    """What a competition chooses."""

    policy: Literal["Own", "Fixed"] = "Own"
    begins: bool = True
    template: str = "ChatML"
    unit: Literal["Token", "Byte"] = "Token"
    sequence_length: int = 512
    end: str | None = END

    @property
    def encoding(self) -> Encoding:
        return Encoding(tokenizer(begins=self.begins), self.end)

    @property
    def tokenizer_files(self) -> dict[str, bytes]:
        return {
            "tokenizer.json": tokenizer_json(begins=self.begins),
            "tokenizer_settings.json": StoredSettings(self.end, self.template).document(),
        }

    @property
    def tasks(self) -> dict[str, Task]:
        found = {}
        for one in TASKS:
            unit = {"lossUnit": self.unit} if one["method"] in {"ReferenceLoss", "TextLoss"} else {}
            dataset = {"kind": "WordSorting", "samples": 6}
            found[one["name"]] = Task.model_validate({**one, **unit, "dataset": dataset})
        return found

    def samples(self, name: str) -> tuple[Sample, ...]:
        """Those of a task; no system turn where the template has none."""
        return tuple(
            dataclasses.replace(sample, system="")
            if isinstance(sample, ReferenceSample) and self.template not in WITH_SYSTEM
            else sample
            for sample in SAMPLES[name]
        )


@dataclass(frozen=True)
class Evaluated:
    """What the evaluator found, by task, and the oracle for the same model and world."""

    world: World
    oracle: Oracle
    scores: dict[str, TaskScore]
    evidence: dict[str, TaskEvidence]


def evaluated(
    folder: Path,
    document: dict[str, Any],
    tensors: Tensors,
    world: World,
    *,
    tasks: tuple[str, ...] = tuple(SAMPLES),
    dtype: Literal["Float32", "BFloat16"] = "Float32",
    model: LanguageModel | None = None,
) -> Evaluated:
    """Evaluate a model on the tasks of a world."""
    store = Store(folder)
    own = world.policy == "Own"
    model_files = {
        "config.json": reduce_config(json.dumps(document).encode(), ARCHITECTURES).document(),
        "model.safetensors": safetensors_bytes(tensors),
        **(world.tokenizer_files if own else {"tokenizer.json": b"{}"}),
    }
    sample_files = {f"{name}.jsonl": sample_lines(world.samples(name)) for name in tasks}
    model_folder, manifest_digest = _publish(store, "models", model_files)
    samples_folder, samples_digest = _publish(
        store, "samples", {**sample_files, **({} if own else world.tokenizer_files)}
    )
    fixed = {} if own else {"repository": "o/t", "revision": "main"}
    request = EvaluateRequest.model_validate(
        {
            "nonce": NONCE,
            "tasks": [world.tasks[name] for name in tasks],
            "tokenizer": {"policy": world.policy, "chatTemplate": world.template, **fixed},
            "sequence_length": world.sequence_length,
            "manifest_digest": manifest_digest,
            "samples_digest": samples_digest,
            "dtype": dtype,
            "threads": 1,
            "timeout_seconds": 60,
        }
    )
    summary, line = evaluate(request, model_folder, samples_folder)
    assert summary.scores is not None
    assert summary.evidence_digest is not None
    evidence = decode_evidence(line, summary.evidence_digest)
    language_model = model or load(
        document, tensors, torch.float32 if dtype == "Float32" else torch.bfloat16
    )
    return Evaluated(
        world,
        Oracle(language_model, world.encoding, world.template, world.sequence_length),
        {one.name: one for one in summary.scores},
        {one.name: one for one in evidence.tasks},
    )


def _publish(store: Store, kind: Literal["models", "samples"], files: Mapping[str, bytes]) -> tuple[Path, str]:
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
