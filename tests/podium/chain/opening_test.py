"""Opening chains in an image that has an SDK, and in one that has none."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from podium.chain.opening import open_reader, open_signer
from podium.core.kinds import ChainTarget
from podium.errors import ChainUnavailableError

_TARGET = ChainTarget("0x" + 64 * "9", 37, 0, "we")


@pytest.fixture
def without_sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith(("bittensor", "podium.chain."))]:
        if name != "podium.chain.opening":
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "bittensor", None)


def test_a_reader_connects_to_nothing_by_itself() -> None:
    assert open_reader(_TARGET, ["ws://127.0.0.1:9"]) is not None


@pytest.mark.usefixtures("without_sdk")
def test_an_image_without_the_sdk_says_what_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(ChainUnavailableError, match=r"bittensor is missing.*requirements-chain"):
        open_reader(_TARGET, ["ws://127.0.0.1:9"])
    with pytest.raises(ChainUnavailableError, match="bittensor is missing"):
        open_signer(_TARGET, ["ws://127.0.0.1:9"], tmp_path)
