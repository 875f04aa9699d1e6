"""One benchmark at a time on a machine: two at once would measure each other."""

import contextlib
import fcntl
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

__all__ = ["own_turn"]


@contextlib.contextmanager
def own_turn(tell: Callable[[str], None]) -> Iterator[None]:
    """Wait until no other benchmark measures here; the kernel ends the turn of a dead process."""
    folder = Path(tempfile.gettempdir()) / "podium-bench"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "turn").open("w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            tell("waiting for another benchmark to end")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
