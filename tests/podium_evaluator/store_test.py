"""A stored folder is whole, on disk, and named by what is in it."""

import hashlib
import os
import stat
from pathlib import Path

import pytest

from podium_evaluator.contract import Reason
from podium_evaluator.errors import Failure
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


def test_a_manifest_that_is_absent_or_another_is_changed_bytes(tmp_path: Path) -> None:
    target, manifest = publish(Store(tmp_path))

    for folder, digest in ((tmp_path / "nowhere", manifest.digest), (target, f"sha256:{'0' * 64}")):
        with pytest.raises(Failure) as caught:
            open_manifest(folder, digest)
        assert caught.value.reason is Reason.STORED_BYTES_CHANGED
