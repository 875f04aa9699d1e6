"""Memory that does not suffice is told with what it was for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from podium_evaluator.contract import Reason
from podium_evaluator.errors import infrastructure
from podium_evaluator.report import is_allocation_failure

__all__ = ["told"]


@contextmanager
def told(doing: str) -> Iterator[None]:
    """Turn a failed allocation within it into a failure.

    Smaller sizes are never tried: they would change the last bits of scores.

    Args:
        doing: What was done, with its shapes.

    Raises:
        Failure: `OUT_OF_MEMORY`.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not is_allocation_failure(error):
            raise
        message = f"{doing}: memory does not suffice; give the pod more, or use a larger GPU"
        raise infrastructure(Reason.OUT_OF_MEMORY, message) from error
