"""Times of rows as seconds since the epoch."""

from __future__ import annotations

import datetime as dt
from typing import Final, Literal

__all__ = ["NaiveZone", "instant", "instant_of_text"]

NaiveZone = Literal["UTC", "USPacific"]
"""What a time without a zone was read off."""

_PACIFIC_STANDARD: Final = -8 * 3600
_PACIFIC_DAYLIGHT: Final = -7 * 3600
_SUNDAY: Final = 6


def instant(clock: float, zone: NaiveZone) -> float:
    """Seconds since the epoch when a wall clock showed `clock`.

    Args:
        clock: The clock's reading as if it were UTC, in seconds since the epoch.
        zone: Where the clock hung.
    """
    if zone == "UTC":
        return clock
    return clock - (_PACIFIC_DAYLIGHT if _is_pacific_daylight(clock) else _PACIFIC_STANDARD)


def instant_of_text(text: str, zone: NaiveZone) -> float | None:
    """Seconds since the epoch of an ISO 8601 text; None for any other text."""
    try:
        moment = dt.datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.timestamp()
        return instant(moment.replace(tzinfo=dt.UTC).timestamp(), zone)
    except (ValueError, OverflowError):
        return None


def _is_pacific_daylight(clock: float) -> bool:
    """Whether daylight saving time is in force.

    The rule is that of the United States since 2007: from the second Sunday of March, when clocks go from
    2:00 to 3:00, to the first Sunday of November, when they go from 2:00 to 1:00. It stands here because
    what validators agree on must not depend on the time zones that an image has. The hour that is shown
    twice counts as standard time.
    """
    # Also far outside the years that a date can have, where the season does not matter.
    day = dt.date.fromordinal(max(1, min(int(clock // 86_400) + _EPOCH_ORDINAL, _LAST_ORDINAL)))
    start = _sunday(day.year, 3, 2) + 3 * 3600
    end = _sunday(day.year, 11, 1) + 3600
    return start <= clock < end


_EPOCH_ORDINAL: Final = dt.date(1970, 1, 1).toordinal()
_LAST_ORDINAL: Final = dt.date.max.toordinal()


def _sunday(year: int, month: int, number: int) -> int:
    """Midnight at the start of a month's first, second … Sunday, as a clock's reading."""
    first = dt.date(year, month, 1)
    day = first.toordinal() + (_SUNDAY - first.weekday()) % 7 + 7 * (number - 1)
    return (day - _EPOCH_ORDINAL) * 86_400
