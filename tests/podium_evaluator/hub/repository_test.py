"""A submission in a repository: whose fault it is when it cannot be had."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from podium_evaluator.contract import Fault, FetchedModel, HuggingFaceSource, Reason, Tokenizer
from podium_evaluator.errors import Failure
from podium_evaluator.hub.client import Hub
from podium_evaluator.hub.fetch import fetch
from podium_evaluator.hub.secure_hash import content_hash, secure_hash
from podium_evaluator.hub.weight_files import INDEX
from podium_evaluator.store import Store
from podium_evaluator.tokenizer_settings import SETTINGS, StoredSettings, read_stored_settings
from tests.hub import Hub as Server
from tests.hub import Refuse, Truncate, WrongEtag, WrongSize, hub_in_thread
from tests.podium_evaluator.tiny import (
    LLAMA,
    fetch_request,
    random_tensors,
    safetensors_bytes,
    tokenizer_json,
    write_model,
)

_COMMIT = "c" * 40
_SOURCE = HuggingFaceSource(repository="alice/tuned", revision=_COMMIT)
_FIXED = Tokenizer(policy="Fixed", repository="podium/tokenizer", revision=_COMMIT)
_WEIGHTS = "models/alice/tuned/model.safetensors"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    root = tmp_path / "hub"
    folders = [write_model(root / "models" / "alice" / "tuned"), root / "models" / "podium" / "tokenizer"]
    folders[1].mkdir(parents=True)
    (folders[1] / "tokenizer.json").write_bytes(tokenizer_json())
    for folder in folders:
        (folder / ".hub.json").write_text(json.dumps({"commit": _COMMIT}), encoding="utf-8")
    with hub_in_thread(root) as hub:
        yield hub


def run(server: Server, folder: Path, **changes: Any) -> FetchedModel:
    hub = Hub(server.endpoint, None, lambda _: None)
    request = fetch_request(**{"source": _SOURCE, "tokenizer": _FIXED, **changes})
    return fetch(request, Store(folder / "store"), folder, hub, now=0.0)


def failure_of(server: Server, folder: Path, **changes: Any) -> Failure:
    with pytest.raises(Failure) as caught:
        run(server, folder, **changes)
    return caught.value


def test_where_files_come_from_does_not_matter(server: Server, tmp_path: Path) -> None:
    write_model(tmp_path / "model")

    assert run(server, tmp_path) == fetch(
        fetch_request(tokenizer=_FIXED), Store(tmp_path / "other"), tmp_path, Hub(server.endpoint), now=0.0
    )


def test_nothing_but_the_files_that_are_needed_is_downloaded(server: Server, tmp_path: Path) -> None:
    run(server, tmp_path)

    assert {path.rsplit("/", 1)[-1] for _, path in server.requests if "/resolve/" in path} == {
        "config.json",
        "model.safetensors",
        "tokenizer.json",
    }


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_repository_that_cannot_be_seen_is_not_yet_published(
    server: Server, tmp_path: Path, status: int
) -> None:
    server.faults.add(Refuse(status), on="models/alice/*")

    failure = failure_of(server, tmp_path)

    assert (failure.fault, failure.reason) == (Fault.SUBMISSION, Reason.NOT_YET_PUBLISHED)


def test_a_commit_that_the_repository_lacks_is_the_submissions_fault(server: Server, tmp_path: Path) -> None:
    other = HuggingFaceSource(repository="alice/tuned", revision="d" * 40)

    failure = failure_of(server, tmp_path, source=other)

    assert (failure.fault, failure.reason) == (Fault.SUBMISSION, Reason.REVISION_NOT_FOUND)


@pytest.mark.parametrize("fault", [Refuse(429), Refuse(503), Truncate(after=10)])
def test_a_hub_in_trouble_is_nobodys_fault(server: Server, tmp_path: Path, fault: Refuse | Truncate) -> None:
    server.faults.add(fault, on=_WEIGHTS)

    failure = failure_of(server, tmp_path)

    assert (failure.fault, failure.reason) == (Fault.INFRASTRUCTURE, Reason.HUB_UNAVAILABLE)


def test_a_size_that_the_bytes_contradict_lets_nothing_in(server: Server, tmp_path: Path) -> None:
    server.faults.add(WrongSize(1), on=_WEIGHTS)

    failure = failure_of(server, tmp_path)

    assert (failure.fault, failure.reason) == (Fault.INFRASTRUCTURE, Reason.HUB_UNAVAILABLE)
    assert not list((tmp_path / "store" / "models").glob("*"))


def test_an_etag_of_other_bytes_does_not_matter_where_the_listing_is_right(
    server: Server, tmp_path: Path
) -> None:
    before = run(server, tmp_path)
    server.faults.add(WrongEtag("0" * 64), on=_WEIGHTS)

    assert run(server, tmp_path) == before


def test_what_is_announced_to_be_too_large_is_not_downloaded(server: Server, tmp_path: Path) -> None:
    folder = tmp_path / "hub" / "models" / "alice" / "tuned" / "original"
    folder.mkdir()
    (folder / "consolidated.pth").write_bytes(bytes(200_000))

    failure = failure_of(server, tmp_path, maximum_bytes=400_000)

    assert (failure.fault, failure.reason) == (Fault.SUBMISSION, Reason.TOO_LARGE)
    assert failure.message.startswith("all 4 files have 4")
    assert server.bytes_sent == 0


def test_tensors_of_another_shape_are_refused_by_the_first_bytes(server: Server, tmp_path: Path) -> None:
    folder = tmp_path / "hub" / "models" / "alice" / "tuned"
    tensors = random_tensors(LLAMA)
    write_model(folder, tensors={**tensors, "lm_head.weight": np.zeros((10**6, 2), "uint16")})

    failure = failure_of(server, tmp_path)

    assert failure.reason is Reason.TENSORS_MISMATCH
    assert server.bytes_sent < 400_000


def test_the_fixed_tokenizers_vocabulary_must_fit(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "hub" / "models" / "podium" / "tokenizer" / "tokenizer.json"
    path.write_text('{"model":{"vocab":{"a":512}}}', encoding="utf-8")

    failure = failure_of(server, tmp_path)

    assert (failure.fault, failure.reason) == (Fault.SUBMISSION, Reason.VOCABULARY_TOO_SMALL)
    assert failure.message == (
        "vocab_size 512 below the 513 ids of the tokenizer, added tokens included: resize the embedding"
    )


def test_a_submissions_own_tokenizer_comes_with_it_and_what_is_kept_of_its_settings(
    server: Server, tmp_path: Path
) -> None:
    folder = tmp_path / "hub" / "models" / "alice" / "tuned"
    (folder / "tokenizer_config.json").write_text('{"eos_token": "<|im_end|>", "x": 1}', encoding="utf-8")

    fetched = run(server, tmp_path, tokenizer=Tokenizer(policy="Own", chat_template="Llama-3"))

    stored = tmp_path / "store" / "models" / fetched.manifest_digest.replace(":", "-")
    assert (stored / "tokenizer.json").read_bytes() == tokenizer_json()
    assert read_stored_settings((stored / SETTINGS).read_bytes()) == StoredSettings("<|im_end|>", "Llama-3")
    assert fetched.chat_template == "Llama-3"
    assert fetched.files == 4


_HOTKEY = "5F3sa2TJAWMqDhXG6jhV4N8ko9SxwGy8TpaNS1repo5EYjQX"


def committed(folder: Path, *names: str) -> str:
    digests = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}
    return secure_hash(content_hash(digests), _HOTKEY)


def test_the_hash_that_was_committed_to_is_recognised_before_the_weights_come(
    server: Server, tmp_path: Path
) -> None:
    folder = tmp_path / "hub" / "models" / "alice" / "tuned"
    (folder / "generation_config.json").write_text("{}", encoding="utf-8")
    (folder / "vocab.txt").write_text("not fetched by the tokenizer's class", encoding="utf-8")
    names = ("config.json", "generation_config.json", "model.safetensors", "tokenizer.json")
    hashed = committed(folder, *names)

    assert run(server, tmp_path, hotkey=_HOTKEY, secure_hash=hashed).hashed_files == names

    before = server.bytes_sent
    failure = failure_of(server, tmp_path, hotkey=_HOTKEY[:-1] + "Y", secure_hash=hashed)
    assert (failure.fault, failure.reason) == (Fault.SUBMISSION, Reason.SECURE_HASH_MISMATCH)
    assert hashed in failure.message
    assert server.bytes_sent - before < (folder / "model.safetensors").stat().st_size


def test_a_secure_hash_without_a_hotkey_is_no_request(server: Server, tmp_path: Path) -> None:
    failure = failure_of(server, tmp_path, secure_hash="A" * 43 + "=")

    assert (failure.fault, failure.reason) == (Fault.EVALUATOR, Reason.REQUEST_INVALID)


def test_shards_are_hashed_with_their_index_and_named_as_far_as_there_is_room(
    server: Server, tmp_path: Path
) -> None:
    folder = tmp_path / "hub" / "models" / "alice" / "tuned"
    (folder / "model.safetensors").unlink()
    shards = {
        f"{number:02}{'x' * 110}.safetensors": [name] for number, name in enumerate(random_tensors(LLAMA))
    }
    for shard, tensors in shards.items():
        found = {name: tensor for name, tensor in random_tensors(LLAMA).items() if name in tensors}
        (folder / shard).write_bytes(safetensors_bytes(found))
    names = {name: shard for shard, tensors in shards.items() for name in tensors}
    (folder / INDEX).write_text(json.dumps({"weight_map": names}), encoding="utf-8")
    hashed = committed(folder, "config.json", INDEX, *shards)

    fetched = run(server, tmp_path, hotkey=_HOTKEY, secure_hash=hashed)

    assert fetched.hashed_files == (
        *(shard[:100] for shard in list(shards)[:8]),
        "config.json",
        INDEX,
        f"and {len(shards) - 8} more weight files",
    )
