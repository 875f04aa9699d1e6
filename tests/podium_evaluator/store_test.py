"""A stored folder is whole, on disk, and named by what is in it."""

import errno
import hashlib
import os
import stat
import time
from pathlib import Path

import pytest

from podium_evaluator.contract import Reason
from podium_evaluator.errors import Failure, infrastructure, organizer, submission
from podium_evaluator.store import MANIFEST, Manifest, ManifestFile, Store, open_manifest

_DATA = b"weights"
_DAY = 24 * 3600.0


def publish(store: Store, data: bytes = _DATA) -> tuple[Path, Manifest]:
    with store.workspace(now=0.0) as workspace:
        (workspace / "model.safetensors").write_bytes(data)
        (workspace / "model.safetensors").chmod(0o600)
        digest = hashlib.sha256(data).hexdigest()
        manifest = Manifest((ManifestFile("model.safetensors", len(data), digest),))
        return store.publish(workspace, "models", manifest), manifest


def test_a_folder_is_named_by_its_manifest_and_readable_by_another_user(tmp_path: Path) -> None:
    previous = os.umask(0o077)
    try:
        target, manifest = publish(Store(tmp_path / "store"))
    finally:
        os.umask(previous)

    assert target == tmp_path / "store" / "models" / manifest.digest.replace(":", "-")
    assert open_manifest(target, manifest.digest) == manifest
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in target.iterdir()} == {
        "model.safetensors": 0o644,
        MANIFEST: 0o644,
    }
    assert stat.S_IMODE(target.stat().st_mode) == 0o755
    assert stat.S_IMODE(target.parent.stat().st_mode) == 0o755


def test_storing_the_same_bytes_twice_is_one_folder(tmp_path: Path) -> None:
    store = Store(tmp_path)

    first, _ = publish(store)
    inode = first.stat().st_ino
    second, _ = publish(store)

    assert second.stat().st_ino == inode
    assert [path.name for path in (tmp_path / "models").iterdir()] == [first.name]
    assert not list((tmp_path / "tmp").iterdir())


def test_a_stored_folder_that_a_disk_broke_is_replaced(tmp_path: Path) -> None:
    store = Store(tmp_path)
    target, manifest = publish(store)
    (target / "model.safetensors").write_bytes(b"weighty")

    publish(store)

    assert (target / "model.safetensors").read_bytes() == _DATA
    assert open_manifest(target, manifest.digest) == manifest


def test_evicted_models_go_and_what_is_not_there_is_no_error(tmp_path: Path) -> None:
    store = Store(tmp_path)
    target, manifest = publish(store)
    samples = tmp_path / "samples" / target.name
    samples.mkdir(parents=True)

    store.evict([f"sha256:{'0' * 64}", manifest.digest, manifest.digest])

    assert not target.exists()
    assert samples.exists()
    assert not list((tmp_path / "tmp").iterdir())
    publish(store)
    assert open_manifest(target, manifest.digest) == manifest


def test_a_failed_run_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        with Store(tmp_path).workspace(now=0.0) as workspace:
            (workspace / "half").write_bytes(b"half")
            raise MemoryError

    with pytest.raises(MemoryError):
        fail()

    assert not list((tmp_path / "tmp").iterdir())


def test_what_a_crashed_run_left_goes_after_a_day(tmp_path: Path) -> None:
    left = tmp_path / "tmp" / "left"
    left.mkdir(parents=True)
    (left / "half").write_bytes(b"half")
    written = left.stat().st_mtime

    with Store(tmp_path).workspace(now=written + _DAY - 60):
        assert left.exists()
    with Store(tmp_path).workspace(now=written + _DAY + 60):
        assert not left.exists()


def leave(store: Store, error: BaseException, key: str = "alice/tuned@c0ffee") -> Path:
    def work() -> None:
        with store.partial(key, now=0.0) as folder:
            (folder / "half").write_bytes(b"half")
            found.append(folder)
            raise error

    found: list[Path] = []
    with pytest.raises(type(error)):
        work()
    return found[0]


@pytest.mark.parametrize(
    ("error", "left"),
    [
        (infrastructure(Reason.HUB_UNAVAILABLE, "away"), 2),
        (organizer(Reason.TOKENIZER_MALFORMED, "no tokenizer"), 2),
        (KeyboardInterrupt(), 2),
        (SystemExit(143), 2),
        (MemoryError(), 2),
        (submission(Reason.TENSORS_MISMATCH, "wrong"), 0),
        (infrastructure(Reason.STORE_FULL, "full"), 0),
        (OSError(errno.ENOSPC, "full"), 0),
        (ZeroDivisionError(), 0),
    ],
    ids=str,
)
def test_a_partial_folder_stays_while_nobody_is_at_fault_and_its_space_is_not_needed(
    tmp_path: Path, error: BaseException, left: int
) -> None:
    folder = leave(Store(tmp_path), error)

    assert (folder / "half").exists() == bool(left)
    assert len(list((tmp_path / "tmp").iterdir())) == left


def test_a_partial_folder_is_found_again_by_its_key_alone(tmp_path: Path) -> None:
    store, away = Store(tmp_path), infrastructure(Reason.HUB_UNAVAILABLE, "away")
    folder = leave(store, away)

    assert leave(store, away, key="alice/tuned@decade") != folder
    with store.partial("alice/tuned@c0ffee", now=0.0) as again:
        assert (again / "half").read_bytes() == b"half"
    assert not folder.exists()


def test_a_partial_folder_that_another_run_has_is_private_to_it(tmp_path: Path) -> None:
    store = Store(tmp_path)

    with store.partial("key", now=0.0) as first, store.partial("key", now=0.0) as second:
        assert first != second
        (second / "half").write_bytes(b"half")
    assert not list((tmp_path / "tmp").iterdir())


def test_a_partial_folder_is_published_with_its_manifests_files_only(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.partial("key", now=0.0) as folder:
        (folder / "model.safetensors").write_bytes(_DATA)
        (folder / "left").write_bytes(b"by an earlier run")
        digest = hashlib.sha256(_DATA).hexdigest()
        manifest = Manifest((ManifestFile("model.safetensors", len(_DATA), digest),))
        target = store.publish(folder, "models", manifest)

    assert {path.name for path in target.iterdir()} == {"model.safetensors", MANIFEST}
    assert not list((tmp_path / "tmp").iterdir())


def test_sweeping_leaves_what_is_held_and_what_is_written_to(tmp_path: Path) -> None:
    store = Store(tmp_path)
    away = infrastructure(Reason.HUB_UNAVAILABLE, "away")
    written, quiet = leave(store, away, "written"), leave(store, away, "quiet")
    age(quiet, 2 * _DAY)
    (written / "half").touch()
    with store.partial("held", now=0.0) as held:
        age(held, 2 * _DAY)

        with store.workspace(now=time.time()):
            assert (written.exists(), quiet.exists(), held.exists()) == (True, False, True)


def test_a_lock_whose_folder_is_gone_goes_too(tmp_path: Path) -> None:
    lock = tmp_path / "tmp" / "partial-gone.lock"
    lock.parent.mkdir()
    lock.touch()

    with Store(tmp_path).workspace(now=time.time()):
        assert lock.exists()
    with Store(tmp_path).workspace(now=time.time() + _DAY + 60):
        assert not lock.exists()


def age(folder: Path, seconds: float) -> None:
    past = time.time() - seconds
    for path in (*folder.iterdir(), folder, folder.with_name(f"{folder.name}.lock")):
        os.utime(path, (past, past))


def test_a_manifest_that_is_absent_or_another_is_changed_bytes(tmp_path: Path) -> None:
    target, manifest = publish(Store(tmp_path))

    for folder, digest in ((tmp_path / "nowhere", manifest.digest), (target, f"sha256:{'0' * 64}")):
        with pytest.raises(Failure) as caught:
            open_manifest(folder, digest)
        assert caught.value.reason is Reason.STORED_BYTES_CHANGED
