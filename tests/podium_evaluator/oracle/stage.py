"""A stored model and stored samples, evaluated as a pod evaluates them, beside what the oracle expects."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch

from podium_evaluator.canonical import digest_of
from podium_evaluator.contract import TaskEvidence, TaskScore, decode_evidence
from podium_evaluator.datasets.base import Sample, sample_lines
from podium_evaluator.engine.answering import ModelEngine
from podium_evaluator.engine.model import load_model
from podium_evaluator.errors import submission
from podium_evaluator.evaluate import evaluate
from podium_evaluator.models.config import reduce_config
from podium_evaluator.models.table import ARCHITECTURES
from podium_evaluator.store import Manifest, ManifestFile, Store
from podium_evaluator.tokenizers import Encoder, load_encoder
from tests.podium_evaluator.oracle.language_model import load
from tests.podium_evaluator.oracle.oracle import Oracle
from tests.podium_evaluator.oracle.samples import SAMPLES
from tests.podium_evaluator.oracle.world import World
from tests.podium_evaluator.tiny import Tensors, safetensors_bytes


@dataclass(frozen=True)
class Evaluated:
    """What the evaluator found and what it found it with, and the oracle for the same model and world.

    Attributes:
        world: The competition.
        oracle: Has loaded the model in its own way.
        scores: By task.
        evidence: By task.
        engine: The evaluator's own model and tokenizer, for what the evidence does not tell.
    """

    world: World
    oracle: Oracle
    scores: dict[str, TaskScore]
    evidence: dict[str, TaskEvidence]
    engine: ModelEngine


def evaluated(
    folder: Path,
    document: dict[str, Any],
    tensors: Tensors,
    world: World,
    *,
    tasks: tuple[str, ...] = tuple(SAMPLES),
    dtype: Literal["Float32", "BFloat16"] = "Float32",
    samples: Mapping[str, tuple[Sample, ...]] = SAMPLES,
) -> Evaluated:
    """Evaluate a model on some tasks of a world."""
    store = Store(folder)
    config = reduce_config(json.dumps(document).encode(), ARCHITECTURES)
    own = world.policy == "Own"
    tokenizer_files = world.tokenizer_files
    beside_model = tokenizer_files if own else {"tokenizer.json": b"{}"}
    model_folder, manifest = _publish(
        store,
        "models",
        {"config.json": config.document(), "model.safetensors": safetensors_bytes(tensors), **beside_model},
    )
    sample_files = {f"{name}.jsonl": sample_lines(samples[name]) for name in tasks}
    samples_folder, samples_manifest = _publish(
        store, "samples", sample_files if own else {**sample_files, **tokenizer_files}
    )
    request = world.request(tasks, manifest.digest, samples_manifest.digest, dtype)
    summary, line = evaluate(request, model_folder, samples_folder)
    assert summary.scores is not None
    assert summary.evidence_digest is not None
    evidence = decode_evidence(line, summary.evidence_digest)
    as_type = {"Float32": torch.float32, "BFloat16": torch.bfloat16}[dtype]
    model = load_model(model_folder, manifest, config, torch.device("cpu"), as_type)
    return Evaluated(
        world,
        Oracle(load(document, tensors, as_type), world.encoding, world.template, world.sequence_length),
        {one.name: one for one in summary.scores},
        {one.name: one for one in evidence.tasks},
        ModelEngine(model, _encoder(world, config.vocabulary)),
    )


def _encoder(world: World, vocabulary: int) -> Encoder:
    document, own = world.tokenizer_files["tokenizer.json"], world.policy == "Own"
    return load_encoder(document, vocabulary, submission, own=own, end_token=world.end)


def _publish(
    store: Store, kind: Literal["models", "samples"], files: Mapping[str, bytes]
) -> tuple[Path, Manifest]:
    manifest = Manifest(
        tuple(
            ManifestFile(name, len(data), digest_of(data).removeprefix("sha256:"))
            for name, data in sorted(files.items())
        )
    )
    with store.workspace(0.0) as workspace:
        for name, data in files.items():
            (workspace / name).write_bytes(data)
        return store.publish(workspace, kind, manifest), manifest
