"""Bars for a terminal, lines for a log, nothing for a program."""

import logging

import pytest

from podium_evaluator.participant.progress import Manner, shown_progress

_LOGGER = logging.getLogger("podium_evaluator.somewhere")


def shown(manner: Manner, capsys: pytest.CaptureFixture[str]) -> str:
    with shown_progress(manner) as progress:
        progress("sorting", 1, 2)
        _LOGGER.info("the model is loaded")
        progress("sorting", 2, 2)
        progress("texts", 3, 3)
        _LOGGER.warning("no disk")
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err


def test_bars_name_the_tasks_and_lines_go_between_them(capsys: pytest.CaptureFixture[str]) -> None:
    found = shown("Bars", capsys)

    assert "sorting: 100%" in found
    assert "texts: 100%" in found
    assert "the model is loaded\n" in found


def test_a_log_has_lines_alone(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [line.partition(" ")[2] for line in shown("Lines", capsys).splitlines()]

    assert lines == [
        "the model is loaded",
        "task sorting: 2 of 2 sequences done",
        "task texts: 3 of 3 sequences done",
        "no disk",
    ]


def test_a_program_is_told_of_trouble_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown("Silent", capsys).splitlines()[0].endswith(" no disk")


def test_logging_is_afterwards_what_it_was() -> None:
    logger = logging.getLogger("podium_evaluator")
    before = (logger.level, logger.propagate, list(logger.handlers))

    with shown_progress("Lines"):
        pass

    assert (logger.level, logger.propagate, list(logger.handlers)) == before
