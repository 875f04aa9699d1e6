"""The evaluate command: one stored model on one set of stored samples, in isolation."""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from podium_evaluator.canonical import digest_of
from podium_evaluator.contract import (
    EvaluateRequest,
    Evidence,
    Reason,
    Summary,
    Task,
    TaskEvidence,
    TaskScore,
    encode_evidence,
)
from podium_evaluator.datasets.base import Sample, read_samples, samples_file
from podium_evaluator.errors import infrastructure, organizer, submission
from podium_evaluator.hub.source import CONFIG, TOKENIZER
from podium_evaluator.isolation import reachable, targets_here
from podium_evaluator.methods.base import Answers, Context
from podium_evaluator.methods.table import plan
from podium_evaluator.models.config import ModelConfig, reduce_config
from podium_evaluator.models.table import ARCHITECTURES
from podium_evaluator.store import Manifest, open_manifest
from podium_evaluator.tokenizers import Encoder, load_encoder

if TYPE_CHECKING:
    from podium_evaluator.engine.model import LanguageModel

__all__ = ["evaluate"]

logger = logging.getLogger(__name__)

_DECIMALS: Final = 6
"""Of per-sample scores: far below what separates models, and evidence stays small."""


@dataclass(frozen=True, slots=True)
class _Stored:
    """A mounted folder of the store whose manifest was checked."""

    folder: Path
    manifest: Manifest

    def read(self, name: str) -> bytes:
        """A file's bytes, checked before use."""
        entry = self.manifest.file(name)
        try:
            data = (self.folder / name).read_bytes()
        except OSError:
            data = b""
        if entry is None or digest_of(data) != f"sha256:{entry.sha256}":
            raise infrastructure(Reason.STORED_BYTES_CHANGED, f"{name} is not what the manifest says")
        return data


def evaluate(request: EvaluateRequest, model_folder: Path, samples_folder: Path) -> tuple[Summary, str]:
    """Score a model.

    Args:
        request: Digests, tasks, limits.
        model_folder: Mount of the model's folder of the store.
        samples_folder: Mount of the samples' folder of the store.

    Returns:
        The summary and the encoded evidence that it names.

    Raises:
        Failure: `NOT_ISOLATED` before anything was opened, `STORED_BYTES_CHANGED`,
            `NON_FINITE_SCORE` and others.
    """
    answered = reachable(targets_here())
    if answered and request.isolation == "Required":
        raise infrastructure(
            Reason.NOT_ISOLATED, f"reached {', '.join(answered)}: nothing was opened; isolate evaluate pods"
        )
    samples = _Stored(samples_folder, open_manifest(samples_folder, request.samples_digest))
    model = _Stored(model_folder, open_manifest(model_folder, request.manifest_digest))
    config = reduce_config(model.read(CONFIG), ARCHITECTURES)
    encoder = _encoder(request, model, samples, config)
    tasks = [
        (task, read_samples(samples.read(samples_file(task.name)), task.method)) for task in request.tasks
    ]
    return _score(request, model, config, encoder, tasks, answered)


def _encoder(request: EvaluateRequest, model: _Stored, samples: _Stored, config: ModelConfig) -> Encoder:
    if request.tokenizer.policy == "Own":
        return load_encoder(model.read(TOKENIZER), config.vocabulary, submission, own=True)
    return load_encoder(samples.read(TOKENIZER), config.vocabulary, organizer, own=False)


def _score(
    request: EvaluateRequest,
    stored: _Stored,
    config: ModelConfig,
    encoder: Encoder,
    tasks: Sequence[tuple[Task, tuple[Sample, ...]]],
    answered: Sequence[str],
) -> tuple[Summary, str]:
    # Importing torch takes seconds and hundreds of megabytes: only once all else is in order.
    import torch  # noqa: PLC0415

    from podium_evaluator.engine.environment import describe_environment, pin_environment  # noqa: PLC0415
    from podium_evaluator.engine.model import load_model  # noqa: PLC0415

    dtype = torch.bfloat16
    device = pin_environment(request.threads)
    model = load_model(stored.folder, stored.manifest, config, device, dtype)
    logger.info("model loaded on %s", device)
    evidence = tuple(_score_task(request, model, encoder, task, samples) for task, samples in tasks)
    line, digest = _encode(request, evidence)
    summary = Summary(
        nonce=request.nonce,
        scores=tuple(
            TaskScore(name=one.name, score=math.fsum(one.scores) / len(one.scores), samples=len(one.scores))
            for one in evidence
        ),
        samples_digest=request.samples_digest,
        manifest_digest=request.manifest_digest,
        evidence_digest=digest,
        environment=describe_environment(device, dtype, request.threads),
        path={"attention": "sdpa"},
        reachable=tuple(answered) or None,
    )
    return summary, line


def _score_task(
    request: EvaluateRequest, model: LanguageModel, encoder: Encoder, task: Task, samples: Sequence[Sample]
) -> TaskEvidence:
    from podium_evaluator.engine.score import score  # noqa: PLC0415 - torch

    context = Context(
        encoder=encoder,
        template=request.tokenizer.chat_template,
        sequence_length=request.sequence_length,
        unit=task.loss_unit,
        own=request.tokenizer.policy == "Own",
    )
    plans = [plan(sample, context) for sample in samples]
    losses = score(model, [sequence for one in plans for sequence in one.sequences])
    sums = iter([float(part.sum(dtype="float64")) for part in losses])
    scores: list[float] = []
    for sample, one in zip(samples, plans, strict=True):
        own = [next(sums) for _ in one.sequences]
        value = one.score(Answers(own, ()))
        # Checked on the losses too: a comparison of options hides a NaN.
        if not all(map(math.isfinite, (*own, value))):
            raise submission(
                Reason.NON_FINITE_SCORE, f"task {task.name}: the loss of sample {sample.id} is not finite"
            )
        scores.append(round(value, _DECIMALS))
    logger.info("task %s: %d samples scored", task.name, len(scores))
    return TaskEvidence(
        name=task.name, sample_ids=tuple(sample.id for sample in samples), scores=tuple(scores)
    )


def _encode(request: EvaluateRequest, tasks: tuple[TaskEvidence, ...]) -> tuple[str, str]:
    evidence = Evidence(
        nonce=request.nonce,
        samples_digest=request.samples_digest,
        manifest_digest=request.manifest_digest,
        tasks=tasks,
    )
    try:
        return encode_evidence(evidence)
    except ValueError as error:
        raise organizer(Reason.REQUEST_INVALID, str(error)) from error
