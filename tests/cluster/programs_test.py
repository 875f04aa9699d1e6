"""Programs come from the given assets, else the cache, else are built once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.cluster.errors import ClusterError
from tests.cluster.programs import MODULES, find_program

# Stands for Go: makes the output that -o names, and notes that it ran.
_GO = """#!/bin/sh
echo built >> "{log}"
while [ "$1" != -o ]; do shift; done
mkdir -p "$(dirname "$2")" && echo program > "$2"
"""


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder of PATH, with an empty cache and no assets beside it."""
    folder = tmp_path / "path"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
    return folder


def _install_go(path: Path, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (path / "go").write_text(_GO.format(log=log))
    (path / "go").chmod(0o755)
    monkeypatch.setenv("PATH", f"{path}:/usr/bin:/bin")


def test_assets_win(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "etcd").touch()
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(tmp_path))
    assert find_program("etcd") == tmp_path / "etcd"


def test_without_go_the_error_names_what_is_missing_and_the_alternative(path: Path) -> None:
    with pytest.raises(ClusterError, match=r"etcd 3\.6\.16 .* no Go .*`make demo CLUSTER=current"):
        find_program("etcd")


def test_of_many_that_want_a_program_one_builds_it(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _install_go(path, tmp_path / "log", monkeypatch)
    with ThreadPoolExecutor(4) as workers:
        found = set(workers.map(find_program, ["etcd"] * 4))
    assert [file.read_text() for file in found] == ["program\n"]
    assert (tmp_path / "log").read_text() == "built\n"


def test_a_build_that_fails_shows_its_end_and_leaves_nothing_behind(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _install_go(path, tmp_path / "log", monkeypatch)
    (path / "go").write_text("#!/bin/sh\necho no such module; exit 1\n")
    with pytest.raises(ClusterError, match="no such module"):
        find_program("etcd")
    assert [file.suffix for file in (tmp_path / "cache/podium/programs").iterdir()] == [".lock"]


def test_every_module_is_pinned() -> None:
    for module in MODULES:
        names = {file.name for file in module.folder.iterdir()}
        assert "go.mod" in names
        assert "go.sum" in names or module.name == "images"  # which uses the standard library alone
