"""Scores of a stored model on stored samples: what pods and the participants' command share."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from podium_evaluator.contract import EvaluateRequest, Reason, Task, TaskEvidence, TaskScore
from podium_evaluator.conversation import Conversation, open_conversation
from podium_evaluator.datasets.base import Sample, read_samples, samples_file
from podium_evaluator.errors import evaluator
from podium_evaluator.hub.source import CONFIG
from podium_evaluator.methods.base import Context, TaskPlan
from podium_evaluator.methods.outcome import Outcome, score_task
from podium_evaluator.methods.table import plan_task
from podium_evaluator.models.config import ModelConfig, reduce_config
from podium_evaluator.models.table import ARCHITECTURES
from podium_evaluator.progress import Progress
from podium_evaluator.stored import StoredFolder

__all__ = ["Scored", "score_tasks"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Scored:
    """What an evaluation found.

    Attributes:
        scores: One for each task of the request, in its order.
        evidence: What they were computed from, in the same order.
        environment: What must be equal for scores to be compared.
        path: How this model ran.
    """

    scores: tuple[TaskScore, ...]
    evidence: tuple[TaskEvidence, ...]
    environment: dict[str, str]
    path: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Planned:
    name: str
    sample_ids: tuple[str, ...]
    plan: TaskPlan


def score_tasks(
    request: EvaluateRequest,
    model: StoredFolder,
    samples: StoredFolder,
    progress: Progress,
    device: Literal["auto", "cpu", "cuda"] = "auto",
) -> Scored:
    """Score exactly the tasks that the request names.

    Isolation is the caller's business.

    Args:
        request: Tasks, tokenizer, limits, type and threads.
        model: The model's folder.
        samples: The samples' folder.
        progress: Told how far each task is.
        device: What to compute on; ``auto`` is the GPU where there is one.

    Raises:
        Failure: Stored bytes changed, the tokenizer is malformed, memory is too small and others. A model
            that computes no numbers is no failure: its tasks have reasons in place of scores.
    """
    config = reduce_config(model.read(CONFIG), ARCHITECTURES)
    conversation = open_conversation(request.tokenizer, model, samples, config.vocabulary)
    planned = [_plan(request, task, conversation, _samples_of(samples, task)) for task in request.tasks]
    return _score(request, model, config, conversation, planned, progress, device)


def _samples_of(samples: StoredFolder, task: Task) -> tuple[Sample, ...]:
    try:
        found = read_samples(samples.read(samples_file(task.name)), task.method)
    except ValueError as error:
        raise evaluator(Reason.REQUEST_INVALID, f"task {task.name}: {error}") from error
    if not found:
        raise evaluator(Reason.REQUEST_INVALID, f"task {task.name}: no samples, one or more expected")
    return found


def _plan(
    request: EvaluateRequest, task: Task, conversation: Conversation, samples: Sequence[Sample]
) -> _Planned:
    context = Context(
        encoder=conversation.encoder,
        template=conversation.template,
        sequence_length=request.sequence_length,
        unit=task.loss_unit,
        own=conversation.own,
    )
    return _Planned(task.name, tuple(sample.id for sample in samples), plan_task(task, samples, context))


def _score(
    request: EvaluateRequest,
    stored: StoredFolder,
    config: ModelConfig,
    conversation: Conversation,
    planned: Sequence[_Planned],
    progress: Progress,
    wanted: Literal["auto", "cpu", "cuda"],
) -> Scored:
    # Importing torch takes seconds and hundreds of megabytes: only once all else is in order.
    import torch  # noqa: PLC0415

    from podium_evaluator.engine.answering import ModelEngine  # noqa: PLC0415
    from podium_evaluator.engine.environment import (  # noqa: PLC0415
        describe_environment,
        memory_class,
        pin_environment,
    )
    from podium_evaluator.engine.memory import plan_sizes  # noqa: PLC0415
    from podium_evaluator.engine.model import load_model  # noqa: PLC0415
    from podium_evaluator.engine.shape import model_shape  # noqa: PLC0415

    dtype = {"BFloat16": torch.bfloat16, "Float32": torch.float32}[request.dtype]
    device = pin_environment(request.threads, wanted)
    shape = model_shape(config.values, config.architecture.parameters(config.values), dtype.itemsize)
    sizes = plan_sizes(memory_class(device), shape, request.sequence_length)
    logger.info("loading a model of %d parameters on %s", shape.parameters, device)
    model = load_model(stored.folder, stored.manifest, config, device, dtype)
    logger.info("the model is loaded")
    engine = ModelEngine(model, conversation.encoder, sizes)
    outcomes = [score_task(one.name, one.sample_ids, one.plan, engine, progress) for one in planned]
    for outcome in outcomes:
        logger.info("%s", _told(outcome))
    return Scored(
        scores=tuple(one.score for one in outcomes),
        evidence=tuple(one.evidence for one in outcomes),
        environment=describe_environment(device, dtype, request.threads),
        path=engine.path(),
    )


def _told(outcome: Outcome) -> str:
    found = outcome.score
    verdict = f"scored {found.score:.6f}" if found.score is not None else f"has no score ({found.reason})"
    return f"task {found.name} {verdict}{f': {found.message}' if found.message else ''}"
