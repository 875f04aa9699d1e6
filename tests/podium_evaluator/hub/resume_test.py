"""A fetch that was interrupted is continued: what is there and right is not downloaded again."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from podium_evaluator.contract import REQUEST_VARIABLE, Fault, FetchedModel, HuggingFaceSource, Reason
from podium_evaluator.errors import Failure
from podium_evaluator.file_lock import locked
from podium_evaluator.hub.client import Hub
from podium_evaluator.hub.fetch import fetch
from podium_evaluator.hub.weight_files import INDEX
from podium_evaluator.store import Store
from tests.hub import Hub as Server
from tests.hub import Slow, Truncate, hub_in_thread
from tests.podium_evaluator.tiny import LLAMA, fetch_request, random_tensors, safetensors_bytes, write_model

_COMMIT = "c" * 40
_SOURCE = HuggingFaceSource(repository="alice/tuned", revision=_COMMIT)
_SHARDS = ("a.safetensors", "b.safetensors")
_LAST = f"models/alice/tuned/{_SHARDS[1]}"
_CUT = 20_000


class Killed(BaseException):
    """Nothing of the process runs after this; the test lets nothing of it run."""


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = write_model(tmp_path / "hub" / "models" / "alice" / "tuned")
    (folder / "model.safetensors").unlink()
    tensors = list(random_tensors(LLAMA).items())
    for shard, part in zip(_SHARDS, (tensors[:9], tensors[9:]), strict=True):
        (folder / shard).write_bytes(safetensors_bytes(dict(part)))
    names = {name: _SHARDS[number >= 9] for number, (name, _) in enumerate(tensors)}
    (folder / INDEX).write_text(json.dumps({"weight_map": names}), encoding="utf-8")
    (folder / ".hub.json").write_text(json.dumps({"commit": _COMMIT}), encoding="utf-8")
    return folder


@pytest.fixture
def server(model: Path) -> Iterator[Server]:
    with hub_in_thread(model.parents[2]) as hub:
        yield hub


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def run(server: Server, store: Store, now: float = 0.0, **changes: Any) -> FetchedModel:
    hub = Hub(server.endpoint, None, lambda _: None)
    return fetch(fetch_request(**{"source": _SOURCE, **changes}), store, store.root, hub, now)


def weights_sent(server: Server, store: Store, **changes: Any) -> int:
    """Bytes that a run makes the hub send, without those that every run needs to begin."""
    before = server.bytes_sent
    killed(server, Store(store.root / "other"), "fetch._copy")
    begin, before = server.bytes_sent - before, server.bytes_sent
    run(server, store, **changes)
    return server.bytes_sent - before - begin


def killed(server: Server, store: Store, line: str) -> None:
    """A run that dies where it would call something, and tidies up nothing."""

    def kill(*_: object) -> None:
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f"podium_evaluator.hub.{line}", kill)
        patch.setattr("podium_evaluator.store._may_continue", lambda _: True)
        with pytest.raises(Killed):
            run(server, store)


def interrupted(server: Server, store: Store) -> None:
    """A run that got all of the first shard and part of the second before the hub went away."""
    # The header of the second shard is read before anything is copied.
    server.faults.add(Truncate(after=10**9), on=_LAST, times=1)
    server.faults.add(Truncate(after=_CUT), on=_LAST, times=4)
    with pytest.raises(Failure) as caught:
        run(server, store)
    assert (caught.value.fault, caught.value.reason) == (Fault.INFRASTRUCTURE, Reason.HUB_UNAVAILABLE)
    server.faults.clear()


def held(store: Store) -> int:
    return sum(path.stat().st_size for path in store.root.glob("tmp/*/*"))


def is_free(folder: Path) -> bool:
    """Whether no process, dying ones included, holds the folder's lock."""
    with locked(folder.with_name(f"{folder.name}.lock")) as free:
        return free


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline


def partial_folder(store: Store) -> Path:
    (folder,) = (path for path in (store.root / "tmp").iterdir() if path.is_dir())
    return folder


def leftovers(store: Store) -> list[str]:
    return [path.name for path in (store.root / "tmp").iterdir()]


def test_only_the_rest_is_downloaded_after_the_hub_went_away(
    server: Server, store: Store, model: Path
) -> None:
    interrupted(server, store)

    assert weights_sent(server, store) == (model / _SHARDS[1]).stat().st_size - 4 * _CUT
    assert not leftovers(store)


def test_a_run_that_was_interrupted_ends_in_the_same_bytes(server: Server, store: Store) -> None:
    whole = run(server, Store(store.root / "other"))
    interrupted(server, store)

    assert run(server, store) == whole
    assert [path.name for path in (store.root / "models").iterdir()] == [
        whole.manifest_digest.replace(":", "-")
    ]


def test_a_pod_that_is_killed_in_the_middle_is_continued_by_the_next(
    server: Server, store: Store, model: Path
) -> None:
    whole = run(server, Store(store.root / "other"))
    server.faults.add(Slow(bytes_per_second=50_000), on=f"models/alice/tuned/{_SHARDS[0]}")
    request = fetch_request(source=_SOURCE, hub_endpoint=server.endpoint)
    pod = subprocess.Popen(
        [sys.executable, "-m", "podium_evaluator", "fetch", "--store", str(store.root)],
        env={**os.environ, REQUEST_VARIABLE: request.to_json()},
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    eventually(lambda: held(store) > 0)
    os.killpg(pod.pid, signal.SIGKILL)
    pod.wait()
    eventually(lambda: is_free(partial_folder(store)))
    left = held(store)

    # A hub of its own, since the first one still counts what it sends to the dead.
    with hub_in_thread(model.parents[2]) as again:
        total = sum((model / shard).stat().st_size for shard in _SHARDS)
        assert weights_sent(again, store) == total - left
        assert run(again, store) == whole


@pytest.mark.parametrize("line", ["fetch.check_tied_head", "fetch._manifest", "fetch.Store.publish"])
def test_a_process_that_dies_after_the_download_leaves_nothing_to_download(
    server: Server, store: Store, line: str
) -> None:
    killed(server, store, line)

    assert weights_sent(server, store) == 0
    assert not leftovers(store)


@pytest.mark.parametrize("wrong", [b"\0" * _CUT, b"\0" * 10**6])
def test_bytes_that_a_power_cut_spoiled_are_fetched_anew(
    server: Server, store: Store, model: Path, wrong: bytes
) -> None:
    whole = run(server, Store(store.root / "other"))
    interrupted(server, store)
    (partial_folder(store) / _SHARDS[1]).write_bytes(wrong)

    assert run(server, store) == whole


def test_what_another_competition_put_there_does_not_enter(server: Server, store: Store) -> None:
    whole = run(server, Store(store.root / "other"))
    interrupted(server, store)
    for name in ("manifest.json", "tokenizer_config.json", "model.safetensors"):
        (partial_folder(store) / name).write_bytes(b"old")

    assert run(server, store) == whole
    stored = store.root / "models" / whole.manifest_digest.replace(":", "-")
    assert len(list(stored.iterdir())) == whole.files + 1


def test_a_verdict_against_the_submission_leaves_nothing(server: Server, store: Store, model: Path) -> None:
    interrupted(server, store)
    (model / "config.json").write_text("{}", encoding="utf-8")

    with pytest.raises(Failure) as caught:
        run(server, store)

    assert caught.value.fault is Fault.SUBMISSION
    assert not leftovers(store)


def test_two_runs_at_once_do_not_meet(server: Server, store: Store) -> None:
    with store.partial(f"{_SOURCE.repository}@{_COMMIT}", now=0.0) as taken:
        (taken / _SHARDS[0]).write_bytes(b"another run's")

        fetched = run(server, store)

        assert (taken / _SHARDS[0]).read_bytes() == b"another run's"
    assert run(server, store) == fetched


def test_what_nobody_continues_goes_after_a_day(server: Server, store: Store) -> None:
    interrupted(server, store)
    written = (partial_folder(store) / _SHARDS[1]).stat().st_mtime

    with store.workspace(now=written + 23 * 3600):
        assert len(leftovers(store)) == 3
    with store.workspace(now=written + 25 * 3600) as workspace:
        assert leftovers(store) == [workspace.name]
