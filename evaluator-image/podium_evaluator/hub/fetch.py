"""The fetch command: one submission, checked, into the store.

Cheap checks come first: what the listing, the configuration, the tokenizer and the headers of the weight
files already prove is not downloaded, and no weight is read before names, shapes and types are right.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from podium_evaluator.canonical import digest_of
from podium_evaluator.contract import Fault, FetchedModel, FetchRequest, HuggingFaceSource
from podium_evaluator.errors import Failure, quoted
from podium_evaluator.hub.client import Hub
from podium_evaluator.hub.commitment import Commitment
from podium_evaluator.hub.limits import check_model, check_size
from podium_evaluator.hub.progress import CopyProgress
from podium_evaluator.hub.repository import ModelRepository
from podium_evaluator.hub.source import CONFIG, TOKENIZER, SubmissionFiles, take
from podium_evaluator.hub.tokenizer import (
    OwnTokenizer,
    check_fixed_vocabulary,
    check_own_vocabulary,
    copy_fixed_tokenizer,
    read_own_tokenizer,
)
from podium_evaluator.hub.volume import VolumeFolder
from podium_evaluator.hub.weight_files import INDEX, INDEX_BYTES, read_entries, shards, weight_names
from podium_evaluator.models.config import CONFIG_BYTES, ModelConfig, reduce_config
from podium_evaluator.store import Manifest, ManifestFile, Store
from podium_evaluator.tokenizer_settings import SETTINGS
from podium_evaluator.weights.check import check_norms, check_tensors, check_tied_head, normed_rows
from podium_evaluator.weights.header import TensorEntry, read_header
from podium_evaluator.weights.scan import ScannedFile, scan_file, tensors_digest

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
    with _open(request, mount, hub) as files:
        total = check_size(files.listed, request.maximum_bytes)
        logger.info("%d files of %d bytes in all", len(files.listed), total)
        with _workspace(request, store, now) as workspace:
            return _fetch(_Fetch(request, files, hub, store), workspace)


@contextlib.contextmanager
def _open(request: FetchRequest, mount: Path, hub: Hub) -> Iterator[SubmissionFiles]:
    if isinstance(request.source, HuggingFaceSource):
        repository = ModelRepository(hub, request.source)
        yield SubmissionFiles(repository, repository.files())
    else:
        with contextlib.closing(VolumeFolder(mount, request.source.path)) as folder:
            yield SubmissionFiles(folder, folder.files())


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
    _check_headers(run, config, weights)
    commitment = Commitment.of(run.request, run.files, weights)
    hashed = commitment.check_early()
    _download(run, workspace, weights)
    scanned = _inspect(run, workspace, config, weights)
    hashed = hashed or commitment.check({name: file.sha256 for name, file in scanned.items()})
    manifest = _manifest(workspace, config, tokenizer, scanned)
    run.store.publish(workspace, "models", manifest)
    tensors = [tensor for file in scanned.values() for tensor in file.tensors]
    names = config.architecture.tensors(config.values).keys()
    return FetchedModel(
        manifest_digest=manifest.digest,
        tensors_digest=tensors_digest([tensor for tensor in tensors if tensor.entry.name in names]),
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


def _check_headers(run: _Fetch, config: ModelConfig, weights: Collection[str]) -> None:
    def check() -> None:
        check_tensors([entry for name in weights for entry in read_entries(run.files, name)], config)

    try:
        check()
    except Failure as failure:
        if failure.fault is not Fault.SUBMISSION:
            raise
        # The first bytes alone have no digest: to be believed against a submission they must be read twice.
        check()


def _download(run: _Fetch, workspace: Path, weights: Collection[str]) -> None:
    sizes = {name: take(run.files.listed, name).size for name in weights}
    progress, left = CopyProgress(sizes), run.request.maximum_bytes
    for name in weights:
        with (workspace / name).open("a+b") as target:
            run.files.source.copy(name, target, left, progress.file(name))
            left -= target.tell()


def _inspect(
    run: _Fetch, workspace: Path, config: ModelConfig, weights: Collection[str]
) -> dict[str, ScannedFile]:
    entries: list[TensorEntry] = []
    for name in weights:
        path = workspace / name
        with path.open("rb") as file:
            entries.extend(read_header(file, path.stat().st_size).tensors)
    # Once more: what was copied counts, and a volume may have changed since its headers were read.
    check_tensors(entries, config)
    checked = config.architecture.tensors(config.values).keys()
    normed = normed_rows(config) if run.request.norms else {}
    scanned: dict[str, ScannedFile] = {}
    for number, name in enumerate(weights, 1):
        logger.info("checking %s, file %d of %d", quoted(name), number, len(weights))
        scanned[name] = scan_file(workspace / name, checked, normed)
    tensors = [tensor for file in scanned.values() for tensor in file.tensors]
    check_tied_head(tensors, config)
    if run.request.norms:
        check_norms(tensors, config, run.request.norms)
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
