"""One repository on a hub that speaks the hub's protocol."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hub import Hub as Server
from tests.hub import hub_in_thread
from tests.podium_evaluator.hub.scene import COMMIT, REPOSITORY, WEIGHTS


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    model = tmp_path / "models" / REPOSITORY
    (model / "sub").mkdir(parents=True)
    (model / ".hub.json").write_text(f'{{"commit": "{COMMIT}"}}', encoding="utf-8")
    (model / "config.json").write_bytes(b"{}")
    (model / "model.safetensors").write_bytes(WEIGHTS)
    (model / "sub" / "other.safetensors").write_bytes(b"other")
    with hub_in_thread(tmp_path, token="hf_secret") as hub:  # noqa: S106 - a test's token
        yield hub
