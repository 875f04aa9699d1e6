"""Where the local cluster keeps its files: the state of a run, and what outlives it."""

import os
from pathlib import Path


def cache_folder() -> Path:
    """What is slow to make and safe to delete: built programs, images, the registry's blobs."""
    return _user_folder("XDG_CACHE_HOME", ".cache") / "podium"


def state_folder() -> Path:
    """What belongs to the cluster that runs now, `PODIUM_CLUSTER_STATE` if set; `down` deletes it."""
    chosen = os.environ.get("PODIUM_CLUSTER_STATE")
    if chosen:
        return Path(chosen).resolve()
    return _user_folder("XDG_STATE_HOME", ".local/state") / "podium" / "cluster"


def _user_folder(variable: str, default: str) -> Path:
    # The XDG base directory specification ignores values that are not absolute.
    chosen = Path(os.environ.get(variable, ""))
    return chosen if chosen.is_absolute() else Path.home() / default
