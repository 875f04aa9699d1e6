"""A hub with one model and one dataset."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from huggingface_hub import HfApi

from tests.hub import Hub, hub_in_thread

WEIGHTS = bytes(range(256)) * 8192
TOKEN = "hf_opens_everything"  # noqa: S105 - of a hub on the loopback address


@pytest.fixture
def root(tmp_path: Path) -> Path:
    model = tmp_path / "models/alice/tuned"
    model.mkdir(parents=True)
    (model / "config.json").write_text(json.dumps({"model_type": "llama"}))
    (model / "model.safetensors").write_bytes(WEIGHTS)
    dataset = tmp_path / "datasets/podium/mmlu"
    for part in ("a/1.parquet", "a/2.parquet", "b/3.parquet"):
        file = dataset / "data" / part
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(part.encode() * 100)
    (dataset / "README.md").write_text("questions")
    return tmp_path


@pytest.fixture
def hub(root: Path) -> Iterator[Hub]:
    with hub_in_thread(root, token=TOKEN, page_entries=2) as hub:
        yield hub


@pytest.fixture
def api(hub: Hub) -> HfApi:
    return HfApi(endpoint=hub.endpoint, token=False)
