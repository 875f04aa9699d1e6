"""What nothing names any more leaves the store, and never what a fetch finds there at the same time."""

import os
from pathlib import Path

import pytest

from podium_evaluator.contract import StoreSweep
from podium_evaluator.store import Store, open_manifest
from podium_evaluator.store_sweep import sweep
from tests.podium_evaluator.store_test import publish

_DAY = 24 * 3600.0


def grow_old(*folders: Path) -> None:
    for folder in folders:
        os.utime(folder, (_DAY, _DAY))


def test_a_sweep_removes_what_is_old_and_not_named(tmp_path: Path) -> None:
    store = Store(tmp_path)
    (kept, manifest), (unnamed, _), (young, _) = (publish(store, data) for data in (b"1", b"2", b"3"))
    samples = tmp_path / "samples" / kept.name
    samples.mkdir(parents=True)
    grow_old(kept, unnamed, samples)

    sweep(store, StoreSweep(stored_before=int(_DAY) + 1, models=(manifest.digest,)))

    assert [kept.exists(), unnamed.exists(), young.exists(), samples.exists()] == [True, False, True, False]
    assert not list((tmp_path / "tmp").iterdir())


def test_a_sweep_of_a_part_looks_at_no_other_model(tmp_path: Path) -> None:
    store = Store(tmp_path)
    folders = [publish(store, str(number).encode())[0] for number in range(20)]
    samples = tmp_path / "samples" / folders[0].name
    samples.mkdir(parents=True)
    grow_old(*folders, samples)
    beginning = folders[0].name.removeprefix("sha256-")[:1]

    wanted = (samples.name.replace("-", ":"),)
    sweep(store, StoreSweep(stored_before=int(_DAY) + 1, models_beginning=beginning, samples=wanted))

    left = [folder for folder in folders if folder.exists()]
    assert left == [folder for folder in folders if folder.name[7] != beginning]
    assert samples.exists()


def test_a_sweep_removes_no_more_than_a_round_can_wait_for_and_the_next_one_the_rest(tmp_path: Path) -> None:
    store = Store(tmp_path)
    folders = [tmp_path / "samples" / f"sha256-{number:064x}" for number in range(100)]
    for folder in folders:
        folder.mkdir(parents=True)
    grow_old(*folders)

    left = []
    for _ in range(2):
        sweep(store, StoreSweep(stored_before=int(_DAY) + 1))
        left.append(sum(folder.exists() for folder in folders))

    assert left == [36, 0]


def test_a_sweep_of_a_store_without_anything_is_no_error(tmp_path: Path) -> None:
    sweep(Store(tmp_path / "small"), StoreSweep(stored_before=1))


def test_what_is_stored_once_more_is_young_again(tmp_path: Path) -> None:
    store = Store(tmp_path)
    target, _ = publish(store)
    grow_old(target)
    publish(store)

    sweep(store, StoreSweep(stored_before=int(_DAY) + 1))

    assert target.exists()


def test_what_a_fetch_finds_while_it_is_swept_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fetch comes between the look at the folder's age and its removal."""
    store = Store(tmp_path)
    target, manifest = publish(store)
    grow_old(target)
    rename = Path.rename

    def late(path: Path, to: Path) -> Path:
        if path == target:
            os.utime(path)
        return rename(path, to)

    monkeypatch.setattr(Path, "rename", late)
    sweep(store, StoreSweep(stored_before=int(_DAY) + 1))

    assert open_manifest(target, manifest.digest) == manifest


def test_what_is_swept_while_a_fetch_finds_it_is_stored_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)
    target, manifest = publish(store)
    grow_old(target)
    touch = os.utime

    def late(path: Path) -> None:
        if path == target:
            monkeypatch.setattr(os, "utime", touch)
            sweep(store, StoreSweep(stored_before=int(_DAY) + 1))
            assert not target.exists()
        touch(path)

    monkeypatch.setattr(os, "utime", late)
    publish(store)

    assert open_manifest(target, manifest.digest) == manifest
