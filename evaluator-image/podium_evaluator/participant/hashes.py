"""Digests that name a model: of what the store keeps of it, and of what a hotkey commits to.

Nothing is copied and no constraint is checked; what a hub announces of its large files is not downloaded.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from podium_evaluator.contract import FetchRequest
from podium_evaluator.errors import Failure, quoted
from podium_evaluator.hub.client import Hub
from podium_evaluator.hub.secure_hash import OPTIONAL_FILES, content_hash, secure_hash
from podium_evaluator.hub.source import CONFIG, TOKENIZER, SubmissionFiles, take
from podium_evaluator.hub.submission import open_submission
from podium_evaluator.hub.tokenizer import read_own_tokenizer
from podium_evaluator.hub.weight_files import INDEX, INDEX_BYTES, WEIGHTS, shards, weight_names
from podium_evaluator.models.config import CONFIG_BYTES, reduce_config
from podium_evaluator.participant.model import NamedModel
from podium_evaluator.store import Manifest, ManifestFile
from podium_evaluator.tokenizer_settings import SETTINGS
from podium_evaluator.vocabulary import TOKENIZER_BYTES

__all__ = ["HashedFile", "Hashes", "hash_model"]

logger = logging.getLogger(__name__)

_CHUNK_BYTES: Final = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class HashedFile:
    """A file: its digest is bare hex."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Hashes:
    """What a model is known by.

    Attributes:
        files: What the content hash covers.
        content: Of those files.
        secure: Of the content hash and the hotkey, where one was given.
        manifest: What a store would keep, as the competition's tokenizer policy decides.
        failure: Why there is no manifest.
    """

    files: tuple[HashedFile, ...]
    content: str
    secure: str | None
    manifest: Manifest | None
    failure: Failure | None


def hash_model(model: NamedModel, request: FetchRequest, hotkey: str | None, hub: Hub) -> Hashes:
    """Digest a model's files.

    Args:
        model: Which.
        request: Says which architectures are known and whose tokenizer is used.
        hotkey: Who would commit.
        hub: Where repositories are.

    Raises:
        Failure: Files that are hashed are absent or cannot be read.
    """
    with open_submission(model.source, model.mount, hub) as files:
        weights = weight_names(files.listed) or shards(files.read(INDEX, INDEX_BYTES))
        hashed = {name: _weight_file(files, name) for name in weights}
        others = {name: _small_file(files, name, limit) for name, limit in _others(files, weights)}
        manifest = _manifest(files, request, hashed)
    covered = hashed | others
    content = content_hash({name: file.sha256 for name, file in covered.items()})
    return Hashes(
        files=tuple(covered[name] for name in sorted(covered)),
        content=content,
        secure=secure_hash(content, hotkey) if hotkey else None,
        manifest=manifest if isinstance(manifest, Manifest) else None,
        failure=manifest if isinstance(manifest, Failure) else None,
    )


def _others(files: SubmissionFiles, weights: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    """The files beside the weights that are hashed, and how long each may be."""
    yield CONFIG, CONFIG_BYTES
    if WEIGHTS not in weights:
        yield INDEX, INDEX_BYTES
    for name in OPTIONAL_FILES:
        listed = files.listed.get(name)
        if listed is not None and listed.regular and listed.size <= TOKENIZER_BYTES:
            yield name, TOKENIZER_BYTES


def _weight_file(files: SubmissionFiles, name: str) -> HashedFile:
    listed = take(files.listed, name)
    if listed.sha256 is not None:
        return HashedFile(name, listed.size, listed.sha256)
    logger.info("reading %s, %d bytes", quoted(name), listed.size)
    digest = hashlib.sha256()
    for start in range(0, listed.size, _CHUNK_BYTES):
        digest.update(files.source.part(name, range(start, min(start + _CHUNK_BYTES, listed.size))))
    return HashedFile(name, listed.size, digest.hexdigest())


def _small_file(files: SubmissionFiles, name: str, limit: int) -> HashedFile:
    size = take(files.listed, name).size
    return HashedFile(name, size, files.digest(name, limit))


def _manifest(
    files: SubmissionFiles, request: FetchRequest, weights: Mapping[str, HashedFile]
) -> Manifest | Failure:
    """What fetch would store: our configuration, the weights, and with policy Own the tokenizer."""
    try:
        config = reduce_config(files.read(CONFIG, CONFIG_BYTES), request.limits.architectures)
        documents = {CONFIG: config.document()}
        if request.tokenizer.policy == "Own":
            own = read_own_tokenizer(files, request.tokenizer)
            documents |= {TOKENIZER: own.document, SETTINGS: own.settings.document()}
    except Failure as failure:
        return failure
    rows = [ManifestFile(one.name, one.bytes, one.sha256) for one in weights.values()]
    rows += [
        ManifestFile(name, len(data), hashlib.sha256(data).hexdigest()) for name, data in documents.items()
    ]
    return Manifest(tuple(sorted(rows, key=lambda row: row.name)))
