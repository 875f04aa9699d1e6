"""A model is named by its folder, or by its repository and a revision."""

from pathlib import Path

import pytest

from podium_evaluator.contract import HuggingFaceSource, VolumeSource
from podium_evaluator.hub.client import Hub
from podium_evaluator.participant.model import UsageError, find_model
from tests.hub import Hub as Server
from tests.podium_evaluator.participant.scene import COMMIT

_NO_HUB = Hub("http://127.0.0.1:9", None, lambda _: None)


def test_a_link_to_a_folder_is_followed_since_the_user_gave_it(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "model")

    found = find_model(str(tmp_path / "link"), _NO_HUB)

    assert (found.mount, found.source) == (tmp_path / "model", VolumeSource(path="."))


def test_a_folder_goes_before_a_repository_of_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "alice" / "tuned@main").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)

    assert find_model("alice/tuned@main", _NO_HUB).mount == tmp_path / "alice" / "tuned@main"


def test_a_commit_is_not_looked_up() -> None:
    found = find_model(f"alice/tuned@{COMMIT}", _NO_HUB)

    assert found.source == HuggingFaceSource(repository="alice/tuned", revision=COMMIT)


def test_a_branch_is_the_commit_that_it_is_now(server: Server) -> None:
    assert find_model("alice/tuned@main", Hub(server.endpoint)).label == f"alice/tuned@{COMMIT}"


_NEITHER = ["", "\0", "nothing", "alice/tuned", "alice/tuned@", "a/b/c@main", "../x@main", "a/b@c d"]


@pytest.mark.parametrize("text", _NEITHER)
def test_what_is_neither_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="expected a folder or namespace/name@revision"):
        find_model(text, _NO_HUB)
