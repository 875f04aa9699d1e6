"""What is shown while a verdict is reached: bars on a terminal, lines in a log, or nothing."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Iterator
from typing import Any, Final, Literal

from tqdm import tqdm
from typing_extensions import override

from podium_evaluator.progress import Progress, logged_progress

__all__ = ["Manner", "shown_progress"]

Manner = Literal["Bars", "Lines", "Silent"]
"""How progress is shown."""

_PACKAGE: Final = "podium_evaluator"


@contextlib.contextmanager
def shown_progress(manner: Manner) -> Iterator[Progress]:
    """Show log lines and progress on standard error while the context lasts.

    Yields:
        To be told how far each task is.
    """
    logger, handler = logging.getLogger(_PACKAGE), _Lines()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    before = logger.level, logger.propagate
    logger.setLevel(logging.WARNING if manner == "Silent" else logging.INFO)
    logger.propagate = False
    logger.addHandler(handler)
    bars = _Bars()
    try:
        yield {"Bars": bars.show, "Lines": logged_progress(), "Silent": _nothing}[manner]
    finally:
        bars.close()
        logger.removeHandler(handler)
        logger.level, logger.propagate = before


class _Lines(logging.Handler):
    """Writes lines above the bars."""

    @override
    def emit(self, record: logging.LogRecord) -> None:
        tqdm.write(self.format(record), file=sys.stderr)


class _Bars:
    """One bar a task."""

    def __init__(self) -> None:
        self._task = ""
        self._bar: Any = None  # tqdm publishes no types

    def show(self, task: str, done: int, total: int) -> None:
        """See `Progress`."""
        if task != self._task or self._bar is None:
            self.close()
            self._task = task
            self._bar = tqdm(total=total, desc=task, unit=" sequences", file=sys.stderr)
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        """Leave the last bar as it is."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def _nothing(_task: str, _done: int, _total: int) -> None:
    """Show nothing."""
