"""Where the SDK may write, and a stage for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.podium.chain.stage import Stage, stage


@pytest.fixture(autouse=True)
def _sdk_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK keeps metadata and symbols of chains under the user's home; a test must not find another's."""
    monkeypatch.setenv("BITTENSOR_RUNTIME_CACHE_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(Path.home() / ".cache"))
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
async def playing() -> AsyncIterator[Stage]:
    """A node, a subnet, a signer."""
    async with stage() as made:
        yield made
