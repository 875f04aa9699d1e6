"""The fetch command: one submission, checked, into the store.

Cheap checks come first: what the listing, the configuration, the tokenizer and the headers of the weight
files already prove is not downloaded, and no weight is read before names, shapes and types are right.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from podium_evaluator.canonical import digest_of
from podium_evaluator.contract import Fault, FetchedModel, FetchRequest, HuggingFaceSource
from podium_evaluator.errors import Failure
from podium_evaluator.hub.client import Hub
from podium_evaluator.hub.commitment import Commitment
from podium_evaluator.hub.limits import check_model, check_size
from podium_evaluator.hub.source import CONFIG, TOKENIZER, SubmissionFiles
from podium_evaluator.hub.submission import open_submission
from podium_evaluator.hub.tokenizer import (
    OwnTokenizer,
    check_fixed_vocabulary,
    check_own_vocabulary,
    copy_fixed_tokenizer,
    read_own_tokenizer,
)
from podium_evaluator.hub.weight_copy import Entries, copy_weights
from podium_evaluator.hub.weight_files import INDEX, INDEX_BYTES, read_entries, shards, weight_names
from podium_evaluator.models.config import CONFIG_BYTES, ModelConfig, reduce_config
from podium_evaluator.store import Manifest, ManifestFile, Store
from podium_evaluator.tokenizer_settings import SETTINGS
from podium_evaluator.weights.check import check_norms, check_tensors, check_tied_head
from podium_evaluator.weights.scan import ScannedFile, tensors_digest
from podium_evaluator.weights.sketch import sketch_of

__all__ = ["fetch"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Fetch:
    """One run: what was asked for, where from and where to."""

    request: FetchRequest
    files: SubmissionFiles
    hub: Hub
    store: Store


def fetch(request: FetchRequest, store: Store, mount: Path, hub: Hub, now: float) -> FetchedModel:
    """Copy a submission into the store.

    Args:
        request: What to fetch and the competition's limits.
        store: Where to.
        mount: Where the volume of a volume source is mounted.
        hub: Where repositories are.
        now: Seconds since the epoch.

    Raises:
        Failure: With the reason why the submission cannot enter, or why that cannot be told.
    """
    store.evict(request.evict)
    with open_submission(request.source, mount, hub) as files:
        total = check_size(files.listed, request.maximum_bytes)
        logger.info("%d files of %d bytes in all", len(files.listed), total)
        with _workspace(request, store, now) as workspace:
            return _fetch(_Fetch(request, files, hub, store), workspace)


def _workspace(request: FetchRequest, store: Store, now: float) -> contextlib.AbstractContextManager[Path]:
    """Where the files go: what a hub sent stays for the next run, a volume is as near as the store."""
    if isinstance(request.source, HuggingFaceSource):
        return store.partial(f"{request.source.repository}@{request.source.revision}", now)
    return store.workspace(now)


def _fetch(run: _Fetch, workspace: Path) -> FetchedModel:
    config = reduce_config(run.files.read(CONFIG, CONFIG_BYTES), run.request.limits.architectures)
    parameters = check_model(run.request.limits, config)
    weights = weight_names(run.files.listed) or shards(run.files.read(INDEX, INDEX_BYTES))
    tokenizer = _tokenizer(run, config)
    entries = _read_entries(run, config, weights)
    commitment = Commitment.of(run.request, run.files, weights)
    hashed = commitment.check_early()
    scanned = _copy(run, workspace, config, entries)
    hashed = hashed or commitment.check({name: file.sha256 for name, file in scanned.items()})
    manifest = _manifest(workspace, config, tokenizer, scanned)
    run.store.publish(workspace, "models", manifest)
    tensors = [tensor for file in scanned.values() for tensor in file.tensors]
    names = config.architecture.tensors(config.values).keys()
    weights_of = [tensor for tensor in tensors if tensor.entry.name in names]
    return FetchedModel(
        manifest_digest=manifest.digest,
        tensors_digest=tensors_digest(weights_of),
        sketch=sketch_of(block for tensor in weights_of for block in tensor.blocks),
        bytes=sum(file.bytes for file in manifest.files),
        files=len(manifest.files),
        parameters=parameters,
        architecture=config.architecture.name,
        chat_template=tokenizer.settings.chat_template if tokenizer else None,
        hashed_files=hashed,
    )


def _tokenizer(run: _Fetch, config: ModelConfig) -> OwnTokenizer | None:
    """The submission's own tokenizer, if it brings one; the embedding must cover the vocabulary."""
    if run.request.tokenizer.policy == "Own":
        own = read_own_tokenizer(run.files, run.request.tokenizer)
        check_own_vocabulary(own, config.vocabulary)
        return own
    check_fixed_vocabulary(copy_fixed_tokenizer(run.hub, run.request.tokenizer), config.vocabulary)
    return None


def _read_entries(run: _Fetch, config: ModelConfig, weights: Collection[str]) -> Entries:
    """The tensors of all weight files, which are those of the architecture."""

    def read() -> Entries:
        found = {name: read_entries(run.files, name) for name in weights}
        check_tensors([entry for entries in found.values() for entry in entries], config)
        return found

    try:
        return read()
    except Failure as failure:
        if failure.fault is not Fault.SUBMISSION:
            raise
        # The first bytes alone have no digest: to be believed against a submission they must be read twice.
        return read()


def _copy(run: _Fetch, workspace: Path, config: ModelConfig, entries: Entries) -> dict[str, ScannedFile]:
    request = run.request
    scanned = copy_weights(
        run.files, entries, workspace, request.maximum_bytes, config, normed=request.norms is not None
    )
    tensors = [tensor for file in scanned.values() for tensor in file.tensors]
    check_tied_head(tensors, config)
    if request.norms:
        check_norms(tensors, config, request.norms)
    return scanned


def _manifest(
    workspace: Path, config: ModelConfig, tokenizer: OwnTokenizer | None, scanned: Mapping[str, ScannedFile]
) -> Manifest:
    files = {name: ManifestFile(name, file.bytes, file.sha256) for name, file in scanned.items()}
    documents = {CONFIG: config.document()}
    if tokenizer is not None:
        documents |= {TOKENIZER: tokenizer.document, SETTINGS: tokenizer.settings.document()}
    for name, data in documents.items():
        (workspace / name).write_bytes(data)
        files[name] = ManifestFile(name, len(data), digest_of(data).removeprefix("sha256:"))
    return Manifest(tuple(files[name] for name in sorted(files)))
