"""The prepare command: the samples of a round, written once and named by their digest."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

from podium_evaluator.canonical import digest_of
from podium_evaluator.contract import Fault, PreparedSamples, PreparedTask, PrepareRequest, Reason, Task
from podium_evaluator.datasets.base import Drawn, sample_lines, samples_file
from podium_evaluator.datasets.draw import draw
from podium_evaluator.datasets.evidence_room import check_evidence_room
from podium_evaluator.datasets.lengths import fits_by_characters, fits_by_tokens
from podium_evaluator.datasets.selection import Fits
from podium_evaluator.errors import Failure, organizer
from podium_evaluator.hub.client import Hub
from podium_evaluator.hub.source import TOKENIZER
from podium_evaluator.hub.tokenizer import copy_fixed_tokenizer
from podium_evaluator.store import Manifest, ManifestFile, Store
from podium_evaluator.store_sweep import sweep
from podium_evaluator.templates import accepted_templates
from podium_evaluator.tokenizer_settings import SETTINGS, StoredSettings
from podium_evaluator.tokenizers import load_encoder

__all__ = ["prepare"]

logger = logging.getLogger(__name__)

_ANY_VOCABULARY: Final = 2**31
_MAXIMUM_SAMPLES: Final = 6_000
"""Of all tasks: with ids as long as they may be, the evidence of more does not fit into its line."""
_UNAVAILABLE: Final = frozenset({Reason.DATASET_INVALID, Reason.TOO_FEW_SAMPLES})
"""What a competition may do without. A hub that does not answer is another matter: it is asked again."""
_MESSAGE_CHARACTERS: Final = 1000


def prepare(request: PrepareRequest, store: Store, hub: Hub, now: float) -> PreparedSamples:
    """Draw and store the samples.

    Args:
        request: Seed, tasks and the tokenizer that measures lengths.
        store: Where to.
        hub: Where datasets and the tokenizer are.
        now: Seconds since the epoch.

    Raises:
        Failure: A dataset cannot be had, or what the organiser asks for does not exist. Where the
            competition may do without, only if no task is left.
    """
    _check(request)
    if request.sweep is not None:
        sweep(store, request.sweep)
    with store.workspace(now) as workspace:
        fits = _prepare_tokenizer(request, hub, workspace)
        outcomes = [(task, _drawn(request, task, hub, fits)) for task in request.tasks]
        failures = [found for _, found in outcomes if isinstance(found, Failure)]
        if len(failures) == len(outcomes):
            raise failures[0]
        drawn = {task.name: found for task, found in outcomes if isinstance(found, Drawn)}
        check_evidence_room({name: one.samples for name, one in drawn.items()})
        prepared = tuple(_written(task, found, workspace) for task, found in outcomes)
        manifest = _manifest(workspace)
        store.publish(workspace, "samples", manifest)
    return PreparedSamples(digest=manifest.digest, tasks=prepared)


def _check(request: PrepareRequest) -> None:
    if len({task.name for task in request.tasks}) != len(request.tasks):
        raise organizer(Reason.REQUEST_INVALID, "two tasks have one name")
    if (asked := sum(task.dataset.samples for task in request.tasks)) > _MAXIMUM_SAMPLES:
        raise organizer(
            Reason.REQUEST_INVALID,
            f"the tasks ask for {asked} samples, at most {_MAXIMUM_SAMPLES} can be scored",
        )


def _prepare_tokenizer(request: PrepareRequest, hub: Hub, workspace: Path) -> Fits:
    """Store the fixed tokenizer, if there is one; it then decides what fits."""
    templates = accepted_templates(request.tokenizer)
    if request.tokenizer.policy == "Own":
        return fits_by_characters(request.sequence_length)
    fixed = copy_fixed_tokenizer(hub, request.tokenizer, request.window.until)
    settings = StoredSettings(fixed.settings.eos_token, request.tokenizer.chat_template)
    encoder = load_encoder(
        fixed.document, _ANY_VOCABULARY, organizer, own=False, end_token=settings.end_token
    )
    (workspace / TOKENIZER).write_bytes(fixed.document)
    (workspace / SETTINGS).write_bytes(settings.document())
    logger.info("tokenizer at %s: %d bytes", fixed.revision, len(fixed.document))
    # As evaluations render it: a template may end turns with the tokenizer's own end token.
    template = templates[settings.chat_template].with_end_token(settings.end_token)
    return fits_by_tokens(encoder, template, request.sequence_length)


def _drawn(request: PrepareRequest, task: Task, hub: Hub, fits: Fits) -> Drawn | Failure:
    try:
        return draw(task, request.seed, hub, request.window, fits)
    except Failure as failure:
        may_be_left_out = request.when_unavailable == "Renormalize" and failure.reason in _UNAVAILABLE
        if not (may_be_left_out and failure.fault is Fault.ORGANIZER):
            raise
        logger.warning("task %s is left out: %s", task.name, failure.message)
        return failure


def _written(task: Task, found: Drawn | Failure, workspace: Path) -> PreparedTask:
    if isinstance(found, Failure):
        message = found.message[:_MESSAGE_CHARACTERS]
        return PreparedTask(name=task.name, samples=0, reason=found.reason, message=message)
    lines = sample_lines(found.samples)
    (workspace / samples_file(task.name)).write_bytes(lines)
    return PreparedTask(
        name=task.name,
        samples=len(found.samples),
        dropped=found.dropped,
        revision=found.revision,
        digest=digest_of(lines),
    )


def _manifest(workspace: Path) -> Manifest:
    return Manifest(
        tuple(
            ManifestFile(path.name, len(data := path.read_bytes()), digest_of(data).removeprefix("sha256:"))
            for path in sorted(workspace.iterdir())
        )
    )
