"""A folder of a volume is read without following a link or leaving the volume."""

import io
import os
from pathlib import Path

import pytest

from podium_evaluator.contract import Reason
from podium_evaluator.errors import Failure
from podium_evaluator.hub.volume import VolumeFolder


@pytest.fixture
def volume(tmp_path: Path) -> Path:
    model = tmp_path / "volume" / "alice" / "model"
    model.mkdir(parents=True)
    (model / "config.json").write_bytes(b"{}")
    (model / "sub").mkdir()
    (tmp_path / "secret").write_bytes(b"secret")
    return tmp_path / "volume"


def copy(volume: Path, path: str, name: str, limit: int = 100) -> bytes:
    target = io.BytesIO()
    VolumeFolder(volume, path).copy(name, target, limit)
    return target.getvalue()


@pytest.mark.parametrize("path", ["alice/model", "./alice//model/", "alice/./model"])
def test_lists_and_copies_regular_files(volume: Path, path: str) -> None:
    files = VolumeFolder(volume, path).files()

    assert {name: (one.size, one.regular) for name, one in files.items()} == {"config.json": (2, True)}
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
    os.mkfifo(model / "pipe")

    files = VolumeFolder(volume, "alice/model").files()

    assert {name for name, one in files.items() if not one.regular} == {"link", "inside", "pipe"}
    for name in ("link", "inside", "pipe", "missing", "sub"):
        with pytest.raises(Failure) as caught:
            copy(volume, "alice/model", name)
        assert caught.value.reason is Reason.FILE_NOT_ALLOWED


def test_a_file_that_grew_after_it_was_listed_is_cut_off(volume: Path) -> None:
    with pytest.raises(Failure) as caught:
        copy(volume, "alice/model", "config.json", limit=1)

    assert caught.value.reason is Reason.TOO_LARGE
