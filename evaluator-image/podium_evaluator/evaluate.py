"""The evaluate command: one stored model on one set of stored samples, in isolation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from podium_evaluator.contract import (
    EvaluateRequest,
    Evidence,
    Reason,
    Summary,
    TaskEvidence,
    encode_evidence,
)
from podium_evaluator.errors import infrastructure, organizer
from podium_evaluator.isolation import reachable, targets_here
from podium_evaluator.progress import Progress, logged_progress
from podium_evaluator.scoring import score_tasks
from podium_evaluator.stored import open_folder

__all__ = ["evaluate"]


def evaluate(
    request: EvaluateRequest, model_folder: Path, samples_folder: Path, progress: Progress | None = None
) -> tuple[Summary, str]:
    """Score a model.

    Args:
        request: Digests, tasks, limits.
        model_folder: Mount of the model's folder of the store.
        samples_folder: Mount of the samples' folder of the store.
        progress: Told how far each task is; lines in the log when absent.

    Returns:
        The summary and the encoded evidence that it names.

    Raises:
        Failure: `NOT_ISOLATED` before anything was opened, `STORED_BYTES_CHANGED` and others.
    """
    answered = _refuse_company(request)
    samples = open_folder(samples_folder, request.samples_digest)
    model = open_folder(model_folder, request.manifest_digest)
    scored = score_tasks(request, model, samples, progress or logged_progress())
    line, digest = _encode(request, scored.evidence)
    summary = Summary(
        nonce=request.nonce,
        scores=scored.scores,
        samples_digest=request.samples_digest,
        manifest_digest=request.manifest_digest,
        evidence_digest=digest,
        environment=scored.environment,
        path=scored.path,
        reachable=tuple(answered) or None,
    )
    return summary, line


def _refuse_company(request: EvaluateRequest) -> Sequence[str]:
    """What can be reached from here, unless nothing may be."""
    answered = reachable(targets_here())
    if answered and request.isolation == "Required":
        raise infrastructure(
            Reason.NOT_ISOLATED, f"reached {', '.join(answered)}: nothing was opened; isolate evaluate pods"
        )
    return answered


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
