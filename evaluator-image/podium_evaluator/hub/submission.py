"""A submission's files, wherever the submission is."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from podium_evaluator.contract import HuggingFaceSource, VolumeSource
from podium_evaluator.hub.client import Hub
from podium_evaluator.hub.repository import ModelRepository
from podium_evaluator.hub.source import SubmissionFiles
from podium_evaluator.hub.volume import VolumeFolder

__all__ = ["open_submission"]


@contextlib.contextmanager
def open_submission(
    source: HuggingFaceSource | VolumeSource, mount: Path, hub: Hub
) -> Iterator[SubmissionFiles]:
    """List a submission's files and hold their folder open.

    Args:
        source: Where they are.
        mount: Where the volume of a volume source is mounted.
        hub: Where repositories are.

    Raises:
        Failure: They cannot be listed.
    """
    if isinstance(source, HuggingFaceSource):
        repository = ModelRepository(hub, source)
        yield SubmissionFiles(repository, repository.files())
    else:
        with contextlib.closing(VolumeFolder(mount, source.path)) as folder:
            yield SubmissionFiles(folder, folder.files())
