"""What the same code found for the same request is not done again."""

from pathlib import Path

import pytest

from podium_evaluator.contract import (
    FetchedModel,
    HuggingFaceSource,
    PreparedSamples,
    PreparedTask,
    Reason,
    VolumeSource,
    Window,
)
from podium_evaluator.hub.client import Hub
from podium_evaluator.participant import earlier as module
from podium_evaluator.participant.competition import parse_competition
from podium_evaluator.participant.earlier import EarlierResults
from podium_evaluator.participant.requests import fetch_request, prepare_request
from podium_evaluator.store import MANIFEST, Store
from tests.podium_evaluator.participant.scene import COMMIT, FIXED, SORTING_ONLY, competition

_DIGEST = f"sha256:{'1' * 64}"
_MODEL = FetchedModel(
    manifest_digest=_DIGEST, tensors_digest=_DIGEST, bytes=1, files=1, parameters=1, architecture="X"
)
_NO_HUB = Hub("http://127.0.0.1:9", None, lambda _: None)
_COMPETITION = parse_competition(competition([SORTING_ONLY]))
_PINNED = HuggingFaceSource(repository="alice/tuned", revision=COMMIT)


class Counted:
    """A fetch that stores what it is asked for and counts how often."""

    def __init__(self, store: Store) -> None:
        self.store, self.times = store, 0

    def fetch(self) -> FetchedModel:
        self.times += 1
        self.put("models")
        return _MODEL

    def prepare(self) -> PreparedSamples:
        self.times += 1
        self.put("samples")
        return PreparedSamples(digest=_DIGEST, tasks=(PreparedTask(name="t", samples=1, digest=_DIGEST),))

    def prepare_in_vain(self) -> PreparedSamples:
        gone = PreparedTask(name="t", samples=0, reason=Reason.DATASET_INVALID)
        return self.prepare().model_copy(update={"tasks": (gone,)})

    def put(self, kind: str) -> None:
        folder = self.store.root / kind / _DIGEST.replace(":", "-")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MANIFEST).touch()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def test_a_commit_is_fetched_once(store: Store) -> None:
    counted, results = Counted(store), EarlierResults(store)
    request = fetch_request(_COMPETITION, _PINNED)

    assert [results.fetched(request, _NO_HUB, counted.fetch) for _ in range(3)] == [_MODEL] * 3
    assert counted.times == 1
    other = request.model_copy(update={"maximum_bytes": 1})
    results.fetched(other, _NO_HUB, counted.fetch)
    assert counted.times == 2, "other limits may have another verdict"


def test_a_folder_is_always_read_again(store: Store) -> None:
    counted, results = Counted(store), EarlierResults(store)

    for _ in range(2):
        results.fetched(fetch_request(_COMPETITION, VolumeSource(path=".")), _NO_HUB, counted.fetch)
    assert counted.times == 2


def test_a_fixed_tokenizer_whose_branch_cannot_be_asked_for_is_no_reason_to_trust(store: Store) -> None:
    counted, results = Counted(store), EarlierResults(store)
    fixed = parse_competition(competition([SORTING_ONLY], constraints__tokenizer=FIXED))

    for _ in range(2):
        results.fetched(fetch_request(fixed, _PINNED), _NO_HUB, counted.fetch)
    assert counted.times == 2


def test_samples_of_one_seed_and_time_are_drawn_once(store: Store) -> None:
    counted, results = Counted(store), EarlierResults(store)
    tasks = _COMPETITION.active(None).tasks

    for seed, until in (("a" * 64, 1), ("a" * 64, 1), ("b" * 64, 1), ("a" * 64, 2)):
        results.prepared(prepare_request(_COMPETITION, tasks, seed, Window(until=until)), counted.prepare)
    assert counted.times == 3


def test_a_task_that_had_no_samples_is_tried_again(store: Store) -> None:
    counted, results = Counted(store), EarlierResults(store)
    request = prepare_request(_COMPETITION, _COMPETITION.active(None).tasks, "a" * 64, Window())

    for _ in range(2):
        results.prepared(request, counted.prepare_in_vain)
    assert counted.times == 2


@pytest.mark.parametrize("loss", ["the folder", "the record", "the words", "the code", "everything"])
def test_what_is_no_longer_sure_is_done_again(
    store: Store, monkeypatch: pytest.MonkeyPatch, loss: str
) -> None:
    counted, results = Counted(store), EarlierResults(store)
    request = fetch_request(_COMPETITION, _PINNED)
    results.fetched(request, _NO_HUB, counted.fetch)
    (record,) = (store.root / "results").iterdir()
    match loss:
        case "the folder":
            next(store.root.glob("models/*/*")).unlink()
        case "the record":
            record.unlink()
        case "the words":
            record.write_text(record.read_text(encoding="utf-8")[:-2], encoding="utf-8")
        case "the code":
            monkeypatch.setattr(module, "_code_digest", lambda: "other")
        case _:
            results.forget()

    assert results.fetched(request, _NO_HUB, counted.fetch) == _MODEL
    assert counted.times == 2
