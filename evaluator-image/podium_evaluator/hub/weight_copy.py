"""Weight files on their way into the store: one is checked while the next is copied."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from podium_evaluator.contract import Reason
from podium_evaluator.errors import Failure, infrastructure, quoted, submission
from podium_evaluator.hub.progress import CopyProgress
from podium_evaluator.hub.source import Listed, SubmissionFiles
from podium_evaluator.models.config import ModelConfig
from podium_evaluator.weights.check import normed_rows
from podium_evaluator.weights.header import TensorEntry, read_header
from podium_evaluator.weights.scan import ScannedFile, scan_file

__all__ = ["Entries", "copy_weights"]

logger = logging.getLogger(__name__)

Entries: TypeAlias = Mapping[str, tuple[TensorEntry, ...]]
"""Weight files by name, and the tensors that each announces."""


@dataclass(frozen=True, slots=True)
class _Check:
    """What is checked of each file once it is there."""

    config: ModelConfig
    normed: bool
    listed: Mapping[str, Listed]

    def run(self, path: Path, announced: tuple[TensorEntry, ...]) -> ScannedFile:
        with path.open("rb") as file:
            found = read_header(file, path.stat().st_size).tensors
        if found != announced:
            # Names, shapes and types were checked in the announced ones.
            raise self._changed(path.name)
        logger.info("checking %s", quoted(path.name, 160))
        names = self.config.architecture.tensors(self.config.values).keys()
        return scan_file(path, names, normed_rows(self.config) if self.normed else {})

    def _changed(self, name: str) -> Failure:
        """The copy has its digest, so that a hub was wrong about the first bytes; a volume has none."""
        if self.listed[name].sha256 is not None:
            wrong = f"{quoted(name, 160)}: other first bytes were sent alone than with the rest"
            return infrastructure(Reason.HUB_UNAVAILABLE, wrong)
        changed = f"{quoted(name, 160)} changed while it was fetched: leave the files alone until it is done"
        return submission(Reason.SAFETENSORS_MALFORMED, changed)


def copy_weights(
    files: SubmissionFiles,
    entries: Entries,
    workspace: Path,
    maximum: int,
    config: ModelConfig,
    *,
    normed: bool,
) -> dict[str, ScannedFile]:
    """Copy and check all weight files; the first that is refused ends it.

    Args:
        files: Where they are.
        entries: What was announced, by name.
        workspace: Where to; what it already holds may be kept.
        maximum: Bytes of all files together.
        config: The model's.
        normed: Whether norms are wanted.

    Raises:
        Failure: A file cannot be had, is too large, or holds what is no finite weight.
    """
    progress = CopyProgress({name: files.listed[name].size for name in entries})
    check, left = _Check(config, normed, files.listed), maximum
    checks: dict[str, Future[ScannedFile]] = {}
    with ThreadPoolExecutor(1) as pool:
        for name, announced in entries.items():
            path = workspace / name
            with path.open("a+b") as target:
                files.source.copy(name, target, left, progress.file(name))
                left -= target.tell()
            checks[name] = pool.submit(check.run, path, announced)
            for done in checks.values():
                if done.done():
                    done.result()
        return {name: done.result() for name, done in checks.items()}
