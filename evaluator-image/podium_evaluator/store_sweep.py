"""What nothing names any more leaves the store, and never what a fetch finds there at the same time."""

from __future__ import annotations

import contextlib
import logging
import shutil
import uuid
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from podium_evaluator.canonical import folder_name
from podium_evaluator.contract import StoreSweep
from podium_evaluator.store import Store

__all__ = ["sweep"]

logger = logging.getLogger(__name__)

_MOST_AT_ONCE: Final = 64
"""Folders that one sweep removes: a round waits for it."""


def sweep(store: Store, wanted: StoreSweep) -> None:
    """Remove models and samples that nobody wants any more and that are old enough.

    What cannot be removed now, and what is too much for once, is left for the next sweep: nothing depends on
    it but room.
    """
    for folder in islice(_unwanted(store.root, wanted), _MOST_AT_ONCE):
        _remove_if_old(folder, store.temporary() / uuid.uuid4().hex, wanted.stored_before)


def _unwanted(root: Path, wanted: StoreSweep) -> Iterator[Path]:
    beginning = folder_name(f"sha256:{wanted.models_beginning}")
    for kind, kept, prefix in (("models", wanted.models, beginning), ("samples", wanted.samples, "")):
        parent, names = root / kind, {folder_name(digest) for digest in kept}
        for folder in sorted(parent.iterdir()) if parent.is_dir() else ():
            spared = folder.name in names or not folder.name.startswith(prefix)
            if not spared and _is_older(folder, wanted.stored_before):
                yield folder


def _remove_if_old(folder: Path, doomed: Path, stored_before: int) -> None:
    with contextlib.suppress(OSError):
        folder.rename(doomed)
        # A fetch of the same bytes may have found the folder in between; it makes it young again.
        if _is_older(doomed, stored_before):
            logger.info("removed %s/%s, which nothing needs any more", folder.parent.name, folder.name)
        else:
            doomed.rename(folder)
    shutil.rmtree(doomed, ignore_errors=True)


def _is_older(folder: Path, moment: int) -> bool:
    try:
        return folder.stat().st_mtime < moment
    except FileNotFoundError:
        return False
