"""The log says how far a copy is, seldom enough to be read."""

import logging

import pytest

from podium_evaluator.hub.progress import CopyProgress


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_line_every_few_seconds_and_at_the_end_of_a_file(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    clock = Clock()
    progress = CopyProgress({"a": 30_000_000, "b": 10_000_000}, clock)
    arrived = progress.file("a")
    for clock.now, held in (
        (0.0, 0),
        (1.0, 1_000_000),
        (5.0, 10_000_000),
        (6.0, 20_000_000),
        (10.0, 30_000_000),
    ):
        arrived(held)
    arrived = progress.file("b")
    # Half of this file was there already, which is no speed.
    for clock.now, held in ((10.0, 5_000_000), (12.0, 10_000_000)):
        arrived(held)

    assert caplog.messages == [
        "copied 10.0e6 of 40.0e6 bytes ('a', file 1 of 2) at 2.0 MB/s",
        "copied 30.0e6 of 40.0e6 bytes ('a', file 1 of 2) at 4.0 MB/s",
        "copied 40.0e6 of 40.0e6 bytes ('b', file 2 of 2) at 2.5 MB/s",
    ]


def test_a_file_that_begins_anew_has_no_negative_speed(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    clock = Clock()
    arrived = CopyProgress({"a": 3_000_000}, clock).file("a")
    for clock.now, held in ((0.0, 2_000_000), (6.0, 0)):
        arrived(held)

    assert caplog.messages == ["copied 0 of 3.00e6 bytes ('a', file 1 of 1) at 0.0 MB/s"]
