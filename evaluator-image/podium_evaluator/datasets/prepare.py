"""The prepare command: the samples of a round, written once and named by their digest."""

from __future__ import annotations

import io
import logging
from pathlib import Path
from typing import Final

from podium_evaluator.canonical import digest_of
from podium_evaluator.contract import PreparedSamples, PreparedTask, PrepareRequest, Reason, Task
from podium_evaluator.datasets.base import Sample, sample_lines, samples_file
from podium_evaluator.datasets.draw import draw
from podium_evaluator.errors import organizer
from podium_evaluator.hub.client import Hub
from podium_evaluator.hub.repository import copy_fixed_tokenizer
from podium_evaluator.hub.source import TOKENIZER
from podium_evaluator.methods.table import token_count
from podium_evaluator.store import Manifest, ManifestFile, Store
from podium_evaluator.tokenizers import Encoder, load_encoder

__all__ = ["prepare"]

logger = logging.getLogger(__name__)

_ANY_VOCABULARY: Final = 2**31
_MAXIMUM_SAMPLES: Final = 12_000
"""Of all tasks: the evidence of more would not fit into its line, some 8 bytes a sample."""


def prepare(request: PrepareRequest, store: Store, hub: Hub, now: float) -> PreparedSamples:
    """Draw and store the samples.

    Args:
        request: Seed, tasks and the tokenizer that measures lengths.
        store: Where to.
        hub: Where datasets and the tokenizer are.
        now: Seconds since the epoch.

    Raises:
        Failure: A dataset cannot be had, or what the organiser asks for does not exist.
    """
    if len({task.name for task in request.tasks}) != len(request.tasks):
        raise organizer(Reason.REQUEST_INVALID, "two tasks have one name")
    if (asked := sum(task.dataset.samples for task in request.tasks)) > _MAXIMUM_SAMPLES:
        raise organizer(
            Reason.REQUEST_INVALID,
            f"the tasks ask for {asked} samples, at most {_MAXIMUM_SAMPLES} can be scored",
        )
    with store.workspace(now) as workspace:
        encoder = _fixed_encoder(request, hub, workspace)
        prepared = tuple(_prepare_task(request, task, hub, encoder, workspace) for task in request.tasks)
        manifest = Manifest(
            tuple(
                ManifestFile(
                    path.name, len(data := path.read_bytes()), digest_of(data).removeprefix("sha256:")
                )
                for path in sorted(workspace.iterdir())
            )
        )
        store.publish(workspace, "samples", manifest)
    return PreparedSamples(digest=manifest.digest, tasks=prepared)


def _fixed_encoder(request: PrepareRequest, hub: Hub, workspace: Path) -> Encoder | None:
    if request.tokenizer.policy == "Own":
        return None
    buffer = io.BytesIO()
    copy_fixed_tokenizer(hub, request.tokenizer, buffer)
    encoder = load_encoder(buffer.getvalue(), _ANY_VOCABULARY, organizer, own=False)
    (workspace / TOKENIZER).write_bytes(buffer.getvalue())
    return encoder


def _prepare_task(
    request: PrepareRequest, task: Task, hub: Hub, encoder: Encoder | None, workspace: Path
) -> PreparedTask:
    drawn = draw(task, request.seed, hub)

    def fits(sample: Sample) -> bool:
        if encoder is None:
            return True
        return token_count(sample, encoder, request.tokenizer.chat_template) <= request.sequence_length

    kept = [sample for sample in drawn.samples if fits(sample)]
    dropped = drawn.dropped + len(drawn.samples) - len(kept)
    logger.info("task %s: %d samples, %d dropped", task.name, len(kept), dropped)
    if not kept:
        raise organizer(
            Reason.DATASET_INVALID,
            f"task {task.name}: none of {dropped} drawn rows is a sample of at most"
            f" {request.sequence_length} tokens",
        )
    lines = sample_lines(kept)
    (workspace / samples_file(task.name)).write_bytes(lines)
    return PreparedTask(
        name=task.name, samples=len(kept), dropped=dropped, revision=drawn.revision, digest=digest_of(lines)
    )
