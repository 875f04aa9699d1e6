"""A folder of a volume is read without following a link or leaving the volume."""

import io
import os
from pathlib import Path
from typing import Any

import pytest

from podium_evaluator.contract import Reason
from podium_evaluator.errors import Failure
from podium_evaluator.hub import volume as module
from podium_evaluator.hub.source import Listed
from podium_evaluator.hub.volume import VolumeFolder


@pytest.fixture
def volume(tmp_path: Path) -> Path:
    model = tmp_path / "volume" / "alice" / "model"
    model.mkdir(parents=True)
    (model / "config.json").write_bytes(b"{}")
    (model / "sub" / "inner").mkdir(parents=True)
    (model / "sub" / "inner" / "old.bin").write_bytes(b"old")
    (tmp_path / "secret").write_bytes(b"secret")
    return tmp_path / "volume"


def copy(volume: Path, path: str, name: str, limit: int = 100) -> bytes:
    target = io.BytesIO()
    VolumeFolder(volume, path).copy(name, target, limit)
    return target.getvalue()


@pytest.mark.parametrize("path", ["alice/model", "./alice//model/", "alice/./model"])
def test_lists_files_of_all_folders_and_copies_those_at_the_root(volume: Path, path: str) -> None:
    files = VolumeFolder(volume, path).files()

    assert files == {"config.json": Listed(2), "sub/inner/old.bin": Listed(3)}
    assert copy(volume, path, "config.json") == b"{}"


@pytest.mark.parametrize(
    "path",
    ["bob", "../secret", "alice/../../secret", "/etc", "alice/model/config.json", "alice/link", "a\0b"],
)
def test_a_path_that_is_no_folder_of_the_volume_is_not_found(volume: Path, path: str) -> None:
    (volume / "alice" / "link").symlink_to(volume / "alice" / "model")

    with pytest.raises(Failure) as caught:
        VolumeFolder(volume, path)

    assert caught.value.reason is Reason.VOLUME_PATH_NOT_FOUND


def test_links_and_pipes_are_listed_as_such_and_never_opened(volume: Path) -> None:
    model = volume / "alice" / "model"
    (model / "link").symlink_to(volume.parent / "secret")
    (model / "inside").symlink_to("config.json")
    (model / "sub" / "outside").symlink_to(volume.parent)
    os.mkfifo(model / "pipe")

    files = VolumeFolder(volume, "alice/model").files()

    assert {name for name, one in files.items() if not one.regular} == {
        "link",
        "inside",
        "pipe",
        "sub/outside",
    }
    assert set(files) == {"config.json", "sub/inner/old.bin", "link", "inside", "pipe", "sub/outside"}
    for name in ("link", "inside", "pipe", "missing", "sub"):
        with pytest.raises(Failure) as caught:
            copy(volume, "alice/model", name)
        assert caught.value.reason is Reason.FILE_NOT_ALLOWED


def test_a_file_that_grew_after_it_was_listed_is_cut_off(volume: Path) -> None:
    with pytest.raises(Failure) as caught:
        copy(volume, "alice/model", "config.json", limit=1)

    assert caught.value.reason is Reason.TOO_LARGE


def test_a_copy_says_how_far_it_is_and_replaces_what_was_there(volume: Path) -> None:
    target, told = io.BytesIO(b"something longer"), list[int]()

    VolumeFolder(volume, "alice/model").copy("config.json", target, 100, told.append)

    assert (target.getvalue(), told) == (b"{}", [2])


def test_a_part_of_a_file_ends_where_the_file_does(volume: Path) -> None:
    assert VolumeFolder(volume, "alice/model").part("config.json", range(1, 100)) == b"}"


def test_a_file_that_can_no_longer_be_read_is_told_with_the_reason(volume: Path) -> None:
    with pytest.raises(
        Failure, match="'gone' is not a regular file that can be read: No such file"
    ) as caught:
        copy(volume, "alice/model", "gone")

    assert caught.value.reason is Reason.FILE_NOT_ALLOWED


def test_a_folder_that_changes_while_it_is_listed_is_refused(
    volume: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = volume / "alice" / "model" / "sub"
    for number in range(3):
        (folder / f"{number}.bin").touch()

    def listed(*arguments: Any) -> Listed:
        for file in folder.glob("*.bin"):
            file.unlink()
        return Listed(*arguments)

    monkeypatch.setattr(module, "Listed", listed)
    with pytest.raises(Failure, match=r"folder .* cannot be listed: No such file") as caught:
        VolumeFolder(volume, "alice/model/sub").files()

    assert caught.value.reason is Reason.FILE_NOT_ALLOWED


def test_entries_are_bounded_folders_included(volume: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAXIMUM_FILES", 4)
    assert VolumeFolder(volume, "alice/model").files()

    (volume / "alice" / "model" / "sub" / "one more").mkdir()
    with pytest.raises(Failure) as caught:
        VolumeFolder(volume, "alice/model").files()
    assert caught.value.reason is Reason.TOO_LARGE
    assert caught.value.message == "files and folders above the maximum 4"


def test_folders_nested_without_end_are_refused(volume: Path) -> None:
    (volume / "alice" / "model" / "/".join("d" * 18)).mkdir(parents=True)

    with pytest.raises(Failure, match="nested too deeply") as caught:
        VolumeFolder(volume, "alice/model").files()

    assert caught.value.reason is Reason.FILE_NOT_ALLOWED
