"""The fetch command: one submission, checked, into the store.

Cheap checks come first: what the configuration already proves is not downloaded, and no weight is
read before names, shapes and types are right.
"""

from __future__ import annotations

import contextlib
import io
import logging
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from podium_evaluator.canonical import digest_of
from podium_evaluator.contract import FetchedModel, FetchRequest, HuggingFaceSource, Reason
from podium_evaluator.errors import organizer, quoted, submission
from podium_evaluator.hub.client import Hub
from podium_evaluator.hub.repository import TOKENIZER_BYTES, ModelRepository, copy_fixed_tokenizer
from podium_evaluator.hub.source import (
    CONFIG,
    INDEX,
    INDEX_BYTES,
    TOKENIZER,
    Listed,
    Source,
    shards,
    take,
    weight_names,
)
from podium_evaluator.hub.volume import VolumeFolder
from podium_evaluator.models.config import CONFIG_BYTES, ModelConfig, reduce_config
from podium_evaluator.store import Manifest, ManifestFile, Store
from podium_evaluator.vocabulary import vocabulary_size
from podium_evaluator.weights.check import check_norms, check_tensors, check_tied_head, projection_names
from podium_evaluator.weights.header import TensorEntry, read_header
from podium_evaluator.weights.scan import ScannedFile, scan_file, tensors_digest

__all__ = ["fetch"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Fetch:
    """One run: where from, where to, and what was asked for."""

    request: FetchRequest
    source: Source
    hub: Hub
    workspace: Path
    files: Mapping[str, Listed]

    def small_file(self, name: str, limit: int) -> bytes:
        """A file that fits in memory."""
        take(self.files, name)
        buffer = io.BytesIO()
        self.source.copy(name, buffer, limit)
        return buffer.getvalue()


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
    with _open(request, mount, hub) as source, store.workspace(now) as workspace:
        return _fetch(_Fetch(request, source, hub, workspace, source.files()), store)


@contextlib.contextmanager
def _open(request: FetchRequest, mount: Path, hub: Hub) -> Iterator[Source]:
    if isinstance(request.source, HuggingFaceSource):
        yield ModelRepository(hub, request.source)
    else:
        with contextlib.closing(VolumeFolder(mount, request.source.path)) as folder:
            yield folder


def _fetch(run: _Fetch, store: Store) -> FetchedModel:
    config = reduce_config(run.small_file(CONFIG, CONFIG_BYTES), run.request.limits.architectures)
    parameters = _check_limits(run.request, config)
    weights = weight_names(run.files) or shards(run.small_file(INDEX, INDEX_BYTES))
    kept = (*weights, TOKENIZER) if run.request.tokenizer.policy == "Own" else weights
    _check_sizes(run, kept)
    tokenizer = _tokenizer(run, config)
    _download(run, weights)
    scanned = _inspect(run, config, weights)
    tensors = [tensor for file in scanned.values() for tensor in file.tensors]
    names = config.architecture.tensors(config.values).keys()
    digest = tensors_digest([tensor for tensor in tensors if tensor.entry.name in names])
    manifest = _manifest(run, config, tokenizer, scanned)
    store.publish(run.workspace, "models", manifest)
    return FetchedModel(
        manifest_digest=manifest.digest,
        tensors_digest=digest,
        bytes=sum(file.bytes for file in manifest.files),
        files=len(manifest.files),
        parameters=parameters,
        architecture=config.architecture.name,
    )


def _check_limits(request: FetchRequest, config: ModelConfig) -> int:
    limits = request.limits
    parameters = config.architecture.parameters(config.values)
    if not limits.minimum_parameters <= parameters <= limits.maximum_parameters:
        raise submission(
            Reason.PARAMETERS_OUT_OF_RANGE,
            f"{parameters} parameters, expected {limits.minimum_parameters} to {limits.maximum_parameters}",
        )
    if config.positions < limits.sequence_length:
        raise submission(
            Reason.SEQUENCE_TOO_SHORT,
            f"max_position_embeddings is {config.positions}, the competition needs {limits.sequence_length}",
        )
    return parameters


def _check_sizes(run: _Fetch, names: Collection[str]) -> None:
    announced = sum(take(run.files, name).size for name in names)
    if announced > run.request.maximum_bytes:
        raise submission(
            Reason.TOO_LARGE,
            f"{announced} bytes in {len(names)} files, at most {run.request.maximum_bytes} may enter",
        )
    logger.info("%d files of %d bytes in all", len(names), announced)


def _tokenizer(run: _Fetch, config: ModelConfig) -> bytes | None:
    """The submission's own tokenizer, if it brings one; the embedding must cover the vocabulary."""
    own = run.request.tokenizer.policy == "Own"
    if own:
        document = run.small_file(TOKENIZER, min(TOKENIZER_BYTES, run.request.maximum_bytes))
    else:
        buffer = io.BytesIO()
        copy_fixed_tokenizer(run.hub, run.request.tokenizer, buffer)
        document = buffer.getvalue()
    try:
        size = vocabulary_size(document)
    except ValueError as error:
        message = f"tokenizer.json: {quoted(str(error), 200)}"
        raise (submission if own else organizer)(Reason.TOKENIZER_MALFORMED, message) from error
    if size > config.vocabulary:
        raise submission(
            Reason.VOCABULARY_TOO_SMALL,
            f"vocab_size is {config.vocabulary}, the tokenizer has ids up to {size - 1}",
        )
    return document if own else None


def _download(run: _Fetch, weights: Collection[str]) -> None:
    left = run.request.maximum_bytes
    for name in weights:
        logger.info("copying %s", quoted(name))
        path = run.workspace / name
        with path.open("wb") as target:
            run.source.copy(name, target, left)
            left -= target.tell()


def _inspect(run: _Fetch, config: ModelConfig, weights: Collection[str]) -> dict[str, ScannedFile]:
    entries: list[TensorEntry] = []
    for name in weights:
        path = run.workspace / name
        with path.open("rb") as file:
            entries.extend(read_header(file, path.stat().st_size).tensors)
    check_tensors(entries, config)
    kinds = projection_names(config)
    limits = run.request.norms
    normed = {name for names in kinds.values() for name in names} if limits else set()
    checked = config.architecture.tensors(config.values).keys()
    scanned = {name: scan_file(run.workspace / name, checked, normed) for name in weights}
    tensors = [tensor for file in scanned.values() for tensor in file.tensors]
    check_tied_head(tensors, config)
    if limits:
        norms = {tensor.entry.name: tensor.norm for tensor in tensors if tensor.norm is not None}
        check_norms(norms, kinds, limits)
    return scanned


def _manifest(
    run: _Fetch, config: ModelConfig, tokenizer: bytes | None, scanned: Mapping[str, ScannedFile]
) -> Manifest:
    files = {name: ManifestFile(name, file.bytes, file.sha256) for name, file in scanned.items()}
    documents = {CONFIG: config.document()} | ({TOKENIZER: tokenizer} if tokenizer is not None else {})
    for name, data in documents.items():
        (run.workspace / name).write_bytes(data)
        files[name] = ManifestFile(name, len(data), digest_of(data).removeprefix("sha256:"))
    return Manifest(tuple(files[name] for name in sorted(files)))
