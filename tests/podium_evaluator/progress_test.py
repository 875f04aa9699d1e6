"""Progress is logged every few seconds and at the end of a task."""

import logging

import pytest

from podium_evaluator.progress import logged_progress


def test_a_line_every_few_seconds_and_one_at_the_end(caplog: pytest.LogCaptureFixture) -> None:
    times = iter([0.0, 1.0, 6.0, 7.0, 8.0, 14.0])
    progress = logged_progress(5.0, lambda: next(times))

    with caplog.at_level(logging.INFO):
        for done in range(1, 5):
            progress("sort", done, 4)
        progress("write", 1, 9)

    assert [record.getMessage() for record in caplog.records] == [
        "task sort: 2 of 4 sequences done",
        "task sort: 4 of 4 sequences done",
        "task write: 1 of 9 sequences done",
    ]
