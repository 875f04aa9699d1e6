"""The secure hash that a submission's hotkey committed to, against the files that are there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from podium_evaluator.contract import FetchRequest, Reason
from podium_evaluator.errors import evaluator
from podium_evaluator.hub.secure_hash import OPTIONAL_FILES, check_secure_hash
from podium_evaluator.hub.source import CONFIG, SubmissionFiles
from podium_evaluator.hub.weight_files import INDEX, INDEX_BYTES, WEIGHTS
from podium_evaluator.models.config import CONFIG_BYTES
from podium_evaluator.vocabulary import TOKENIZER_BYTES

__all__ = ["Commitment"]

_NAMED_WEIGHTS: Final = 8
"""A result has little room, and the names of further shards say nothing."""
_NAME_CHARACTERS: Final = 100


@dataclass(frozen=True, slots=True)
class Commitment:
    """What must be proved.

    Attributes:
        hotkey: Who committed.
        secure_hash: To what; None when nothing was committed to.
        files: Of the submission.
        weights: Names of its weight files.
    """

    hotkey: str
    secure_hash: str | None
    files: SubmissionFiles
    weights: Collection[str]

    @classmethod
    def of(cls, request: FetchRequest, files: SubmissionFiles, weights: Collection[str]) -> Commitment:
        """The one that a request names, if it does.

        Raises:
            Failure: `REQUEST_INVALID`.
        """
        if request.secure_hash is not None and request.hotkey is None:
            raise evaluator(Reason.REQUEST_INVALID, "a secure hash can only be checked with its hotkey")
        return cls(request.hotkey or "", request.secure_hash, files, weights)

    def check_early(self) -> tuple[str, ...]:
        """The proof before the weights are downloaded, where the hub announces their digests.

        What is downloaded afterwards has those digests or does not count.

        Returns:
            The hashed files; none when they cannot be told yet.

        Raises:
            Failure: `SECURE_HASH_MISMATCH`.
        """
        known = {name: self.files.listed[name].sha256 for name in self.weights}
        digests = {name: digest for name, digest in known.items() if digest is not None}
        return self.check(digests) if len(digests) == len(self.weights) else ()

    def check(self, weights: Mapping[str, str]) -> tuple[str, ...]:
        """The hashed files.

        Args:
            weights: Hex SHA-256 of the weight files.

        Raises:
            Failure: `SECURE_HASH_MISMATCH`.
        """
        if self.secure_hash is None:
            return ()
        required = {**weights, CONFIG: self.files.digest(CONFIG, CONFIG_BYTES)}
        if WEIGHTS not in weights:
            required[INDEX] = self.files.digest(INDEX, INDEX_BYTES)
        optional = {name: self.files.digest(name, TOKENIZER_BYTES) for name in self._optional()}
        hashed = check_secure_hash(self.secure_hash, self.hotkey, required, optional)
        return _shortened(hashed, self.weights)

    def _optional(self) -> list[str]:
        listed = self.files.listed
        return [
            name
            for name in OPTIONAL_FILES
            if name in listed and listed[name].regular and listed[name].size <= TOKENIZER_BYTES
        ]


def _shortened(names: Collection[str], weights: Collection[str]) -> tuple[str, ...]:
    named = sorted(weights)[:_NAMED_WEIGHTS]
    others = len(weights) - len(named)
    rest = (f"and {others} more weight files",) if others else ()
    kept = (name for name in names if name not in weights or name in named)
    return (*(name[:_NAME_CHARACTERS] for name in kept), *rest)
