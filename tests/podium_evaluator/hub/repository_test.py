"""A submission in a repository: whose fault it is when it cannot be had."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from podium_evaluator.contract import Fault, FetchedModel, HuggingFaceSource, Reason, Tokenizer
from podium_evaluator.errors import Failure
from podium_evaluator.hub.client import Hub
from podium_evaluator.hub.fetch import fetch
from podium_evaluator.hub.repository import copy_fixed_tokenizer
from podium_evaluator.store import Store
from tests.hub import Hub as Server
from tests.hub import Refuse, Truncate, WrongSize, hub_in_thread
from tests.podium_evaluator.tiny import fetch_request, tokenizer_json, write_model

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


def test_an_announced_size_of_nothing_does_not_open_the_door(server: Server, tmp_path: Path) -> None:
    server.faults.add(WrongSize(1), on=_WEIGHTS)

    assert failure_of(server, tmp_path, maximum_bytes=100_000).reason is Reason.TOO_LARGE


def test_a_tokenizer_that_does_not_exist_is_the_organisers_fault(server: Server) -> None:
    hub = Hub(server.endpoint, None, lambda _: None)
    wrong = _FIXED.model_copy(update={"repository": "podium/nothing"})

    with pytest.raises(Failure) as caught:
        copy_fixed_tokenizer(hub, wrong, io.BytesIO())

    assert (caught.value.fault, caught.value.reason) == (Fault.ORGANIZER, Reason.TOKENIZER_MALFORMED)


def test_the_fixed_tokenizers_vocabulary_must_fit(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "hub" / "models" / "podium" / "tokenizer" / "tokenizer.json"
    path.write_text('{"model":{"vocab":{"a":512}}}', encoding="utf-8")

    failure = failure_of(server, tmp_path)

    assert (failure.fault, failure.reason) == (Fault.SUBMISSION, Reason.VOCABULARY_TOO_SMALL)
