"""What goes wrong at the hub, as the real client sees it."""

import time
from pathlib import Path

import httpx2
import pytest
from huggingface_hub import HfApi, get_hf_file_metadata
from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.hf_api import RepoFile

from tests.hub import Faults, Hub, Refuse, Slow, Truncate, WrongEtag, WrongSize
from tests.hub.conftest import WEIGHTS

MODEL = "alice/tuned"
ON_MODEL = f"models/{MODEL}"
ON_WEIGHTS = f"models/{MODEL}/model.safetensors"


def weights_url(hub: Hub) -> str:
    return f"{hub.endpoint}/{MODEL}/resolve/main/model.safetensors"


def fetch(url: str) -> httpx2.Response:
    return httpx2.get(url, follow_redirects=True)


def test_a_fault_happens_as_often_as_it_was_added_for() -> None:
    faults = Faults()
    faults.add(Refuse(503), on="models/*", times=1)
    faults.add(Refuse(429), on=ON_MODEL)
    taken = [faults.take(Refuse, ON_MODEL) for _ in range(3)]
    assert [refusal.status for refusal in taken if refusal] == [503, 429, 429]
    assert faults.take(Refuse, "datasets/podium/mmlu") is None
    assert faults.take(Slow, ON_MODEL) is None
    faults.clear()
    assert faults.take(Refuse, ON_MODEL) is None


def test_too_many_requests_carry_the_seconds_to_wait(hub: Hub, api: HfApi) -> None:
    hub.faults.add(Refuse(429, retry_after=7), on=ON_MODEL, times=1)
    with pytest.raises(HfHubHTTPError) as refusal:
        api.model_info(MODEL)
    assert refusal.value.response.status_code == 429
    assert refusal.value.response.headers["Retry-After"] == "7"
    assert api.model_info(MODEL).sha


def test_a_server_error_on_a_file_leaves_the_rest_alone(hub: Hub, api: HfApi) -> None:
    hub.faults.add(Refuse(502), on="*.safetensors")
    assert fetch(weights_url(hub)).status_code == 502
    assert api.file_exists(MODEL, "config.json")


def test_a_truncated_body_ends_before_its_announced_length(hub: Hub) -> None:
    hub.faults.add(Truncate(after=1000), on=ON_WEIGHTS, times=1)
    received = bytearray()

    def read() -> None:
        with httpx2.stream("GET", weights_url(hub), follow_redirects=True) as response:
            assert response.headers["Content-Length"] == str(len(WEIGHTS))
            for chunk in response.iter_bytes():
                received.extend(chunk)

    with pytest.raises(httpx2.RemoteProtocolError):
        read()
    assert received == WEIGHTS[:1000]
    assert fetch(weights_url(hub)).content == WEIGHTS


def test_a_slow_body_takes_its_time(hub: Hub, root: Path) -> None:
    (root / ON_WEIGHTS).write_bytes(b"0" * 500)
    hub.faults.add(Slow(bytes_per_second=2000), on=ON_WEIGHTS)
    begun = time.monotonic()
    assert len(fetch(weights_url(hub)).content) == 500
    assert time.monotonic() - begun > 0.2


def test_a_wrong_etag_is_announced(hub: Hub) -> None:
    hub.faults.add(WrongEtag("0" * 64), on=ON_WEIGHTS)
    assert get_hf_file_metadata(weights_url(hub)).etag == "0" * 64


def test_a_wrong_size_is_announced_everywhere_but_on_the_body(hub: Hub, api: HfApi) -> None:
    hub.faults.add(WrongSize(10), on=ON_WEIGHTS)
    listed = {entry.path: entry.size for entry in api.list_repo_tree(MODEL) if isinstance(entry, RepoFile)}
    described = {
        file.rfilename: file.size for file in api.model_info(MODEL, files_metadata=True).siblings or []
    }
    assert listed["model.safetensors"] == described["model.safetensors"] == 10
    assert get_hf_file_metadata(weights_url(hub)).size == 10
    assert len(fetch(weights_url(hub)).content) == len(WEIGHTS)
