"""Lines on the standard error that say what is being done and how long it took."""

import contextlib
import sys
import time
from collections.abc import Iterator


@contextlib.contextmanager
def stage(what: str) -> Iterator[None]:
    """Say that `what` begins and, when it ended well, after how many seconds."""
    begun = time.monotonic()
    print(f"{what} ...", file=sys.stderr, flush=True)
    yield
    print(f"{what}: {time.monotonic() - begun:.1f} s", file=sys.stderr, flush=True)
