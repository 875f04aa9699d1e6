"""Times without a zone are read as they were written."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium_evaluator.datasets.times import instant, instant_of_text

_PACIFIC = ZoneInfo("America/Los_Angeles")


@given(st.datetimes(dt.datetime(2007, 1, 1), dt.datetime(2037, 12, 31)))  # noqa: DTZ001 - a wall clock
def test_a_pacific_clock_is_read_as_the_time_zone_database_reads_it(clock: dt.datetime) -> None:
    shown = clock.replace(tzinfo=dt.UTC).timestamp()
    # The second of two hours that a clock shows twice is standard time; one that it skips is not shown.
    expected = clock.replace(tzinfo=_PACIFIC, fold=1)
    skipped = expected.astimezone(dt.UTC).astimezone(_PACIFIC).replace(tzinfo=None) != clock

    assert skipped or instant(shown, "USPacific") == pytest.approx(expected.timestamp(), abs=1e-3)


@pytest.mark.parametrize(
    ("clock", "hours"),
    [
        ("2025-03-09T01:59:59", 8),
        ("2025-03-09T03:00:00", 7),
        ("2025-07-01T12:00:00", 7),
        ("2025-11-02T00:59:59", 7),
        ("2025-11-02T01:00:00", 8),
        ("2025-12-31T23:59:59", 8),
    ],
)
def test_clocks_are_set_in_march_and_november(clock: str, hours: int) -> None:
    shown = dt.datetime.fromisoformat(clock + "+00:00").timestamp()

    assert instant(shown, "USPacific") - shown == hours * 3600
    assert instant(shown, "UTC") == shown


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_no_reading_of_a_clock_is_refused(clock: float) -> None:
    assert abs(instant(clock, "USPacific") - clock) <= max(8 * 3600, abs(clock) * 1e-15)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-02T00:00:00Z", 86_400),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1970-01-02", 86_400),
        ("1970-01-01 00:00:00.5", 0.5),
        ("yesterday", None),
        ("", None),
    ],
)
def test_texts_are_read_as_iso_8601(text: str, expected: float | None) -> None:
    assert instant_of_text(text, "UTC") == expected
