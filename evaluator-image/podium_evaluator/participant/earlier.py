"""Results of earlier runs: what the same code found for the same request is not done again.

The store names bytes by their digests and cannot tell what led to them. A record is a shortcut and never
proof: whatever it leads to is checked when it is read, and records may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import shutil
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeVar

from pydantic import ValidationError

import podium_evaluator
from podium_evaluator.canonical import canonical_json, folder_name
from podium_evaluator.contract import (
    FetchedModel,
    FetchRequest,
    HuggingFaceSource,
    PreparedSamples,
    PrepareRequest,
)
from podium_evaluator.hub.client import Hub, HubError
from podium_evaluator.hub.revisions import resolve_revision
from podium_evaluator.store import MANIFEST, Store

__all__ = ["EarlierResults"]

logger = logging.getLogger(__name__)

_RECORD_BYTES: Final = 64 * 1024
_COMMIT: Final = re.compile(r"[0-9a-f]{40}")

Result = TypeVar("Result", FetchedModel, PreparedSamples)


@dataclass(frozen=True, slots=True)
class EarlierResults:
    """Records beside a store.

    Attributes:
        store: Holds what the results name.
    """

    store: Store

    def fetched(self, request: FetchRequest, hub: Hub, fetch: Callable[[], FetchedModel]) -> FetchedModel:
        """The result of a fetch, done now unless it is known.

        Only what is at a commit stays as it is: a folder is always read again.
        """
        pinned = self._pinned(request, hub)
        if pinned is None:
            return fetch()
        return self._known_or_new(
            pinned, "models", FetchedModel, lambda result: result.manifest_digest, fetch
        )

    def prepared(self, request: PrepareRequest, prepare: Callable[[], PreparedSamples]) -> PreparedSamples:
        """The same of samples: seed, tasks and times decide them."""
        return self._known_or_new(request, "samples", PreparedSamples, lambda result: result.digest, prepare)

    def forget(self) -> None:
        """Delete all records, so that what they lead to is made anew."""
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def _folder(self) -> Path:
        return self.store.root / "results"

    def _pinned(self, request: FetchRequest, hub: Hub) -> FetchRequest | None:
        """The request with commits alone, None where it cannot have them."""
        if not isinstance(request.source, HuggingFaceSource):
            return None
        tokenizer = request.tokenizer
        if (
            tokenizer.repository is None
            or tokenizer.revision is None
            or _COMMIT.fullmatch(tokenizer.revision)
        ):
            return request
        try:
            commit = resolve_revision(hub, tokenizer.repository, tokenizer.revision, "model", None)
        except HubError:
            # Whoever fetches meets the same and says so.
            return None
        return request.model_copy(update={"tokenizer": tokenizer.model_copy(update={"revision": commit})})

    def _known_or_new(
        self,
        request: FetchRequest | PrepareRequest,
        kind: Literal["models", "samples"],
        result_class: type[Result],
        digest: Callable[[Result], str],
        make: Callable[[], Result],
    ) -> Result:
        record = self._folder / f"{_key(request)}.json"
        known = _read(record, result_class)
        if known is not None and (self.store.root / kind / folder_name(digest(known)) / MANIFEST).exists():
            logger.info("%s are there from an earlier run", kind)
            return known
        result = make()
        if _is_whole(result):
            _write(record, result.to_json())
        return result


def _is_whole(result: FetchedModel | PreparedSamples) -> bool:
    """Whether nothing is missing that may be there the next time."""
    return isinstance(result, FetchedModel) or all(task.digest is not None for task in result.tasks)


def _key(request: FetchRequest | PrepareRequest) -> str:
    document = {"code": _code_digest(), "request": json.loads(request.to_json())}
    return hashlib.sha256(canonical_json(document)).hexdigest()


def _code_digest() -> str:
    """Digest of this package's files: other code may find something else."""
    folder, digest = Path(podium_evaluator.__file__).parent, hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(f"{path.relative_to(folder)}\n".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _read(record: Path, result_class: type[Result]) -> Result | None:
    try:
        with record.open("rb") as file:
            return result_class.model_validate_json(file.read(_RECORD_BYTES), strict=True)
    except (OSError, ValidationError):
        return None


def _write(record: Path, text: str) -> None:
    record.parent.mkdir(parents=True, exist_ok=True)
    temporary = record.with_name(f"{uuid.uuid4().hex}.tmp")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(record)
