"""A desk, and a hub whose troubles take no time."""

import functools
from collections.abc import Iterator
from pathlib import Path

import pytest

from podium_evaluator.hub.client import Hub
from podium_evaluator.participant import command
from tests.hub import Hub as Server
from tests.hub import hub_in_thread
from tests.podium_evaluator.participant.scene import Desk, fill_hub

TOKEN = "hf_a_participants_secret"  # noqa: S105 - of a hub on the loopback address


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "Hub", functools.partial(Hub, sleep=lambda _: None))
    monkeypatch.delenv("HF_TOKEN", raising=False)


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    found = Desk(tmp_path, capsys)
    found.write()
    return found


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    fill_hub(tmp_path / "hub")
    with hub_in_thread(tmp_path / "hub", token=TOKEN) as hub:
        yield hub
