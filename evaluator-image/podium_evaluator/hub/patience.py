"""How long a hub is asked again, and when that ends."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

__all__ = ["Patience", "asked_wait"]

_TRIES: Final = 4
_LONGEST_BACKOFF: Final = 8.0
_LONGEST_WAIT: Final = 60.0
_LONGEST_IN_ALL: Final = 300.0
"""A hub that asks for more waiting than this is unavailable: the next attempt is another pod's."""
_EXHAUSTED: Final = re.compile(r";\s*r=0\s*;\s*t=(\d{1,6})\b")
"""Nothing remains, and the seconds after which that changes: ``"api";r=0;t=55``."""


@dataclass(frozen=True, slots=True)
class Patience:
    """What is left of it for one operation.

    A failure without advice counts as a try and is followed by 1, 2, 4 seconds. Advice (``Retry-After``) is
    followed as long as all waits together stay in bounds. All times are in seconds.

    Attributes:
        failures: Since the operation began or last made progress.
        waited: In all.
    """

    failures: int = 0
    waited: float = 0.0

    def after_failure(self, asked: float | None) -> tuple[float, Patience] | None:
        """How long to wait now and what is left then; None when it is time to give up.

        Args:
            asked: How long the hub asked to wait, if it did.
        """
        wait = min(2.0**self.failures, _LONGEST_BACKOFF)
        if asked is None and self.failures + 1 >= _TRIES:
            return None
        if asked is not None:
            wait = min(max(wait, asked), _LONGEST_WAIT)
        if self.waited + wait > _LONGEST_IN_ALL:
            return None
        return wait, Patience(self.failures + (asked is None), self.waited + wait)

    def after_progress(self) -> Patience:
        """Tries count anew; waits do not."""
        return Patience(0, self.waited)


def asked_wait(headers: Mapping[str, str]) -> float | None:
    """Seconds that an answer asks to wait, by ``Retry-After`` or by the hub's ``RateLimit``."""
    text = {name.lower(): value for name, value in headers.items()}
    asked = text.get("retry-after", "").strip()
    if asked.isdecimal():
        return float(asked)
    until, now = _time(asked), _time(text.get("date", ""))
    if until is not None and now is not None:
        return max(0.0, (until - now).total_seconds())
    exhausted = _EXHAUSTED.search(text.get("ratelimit", ""))
    return float(exhausted[1]) if exhausted else None


def _time(text: str) -> datetime | None:
    try:
        time = parsedate_to_datetime(text)
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)
