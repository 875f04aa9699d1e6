"""Where files are kept, what is mounted there, and who may use the cluster."""

from pathlib import Path

import pytest

from tests.cluster import claims, mounts
from tests.cluster.errors import ClusterError
from tests.cluster.folders import cache_folder, state_folder
from tests.cluster.ports import free_port, is_free
from tests.cluster.waiting import wait_for


def test_folders_follow_the_base_directory_specification(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PODIUM_CLUSTER_STATE", raising=False)
    monkeypatch.setenv("HOME", "/home/someone")
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    monkeypatch.setenv("XDG_STATE_HOME", "not/absolute")
    assert cache_folder() == Path("/cache/podium")
    assert state_folder() == Path("/home/someone/.local/state/podium/cluster")


def test_the_state_folder_can_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PODIUM_CLUSTER_STATE", "/elsewhere")
    assert state_folder() == Path("/elsewhere")


def test_mount_points_with_blanks_are_read() -> None:
    assert mounts.parse_mount(r"1 2 0:3 / /a\040b rw,relatime shared:1 - tmpfs none rw") == mounts.Mount(
        Path("/a b"), "tmpfs"
    )


def test_the_cluster_is_unused_only_while_nobody_uses_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "_FOLDER", tmp_path)
    with claims.in_use(), claims.in_use(), claims.unused() as nobody:
        assert not nobody
    with claims.unused() as nobody:
        assert nobody


def test_a_wait_that_is_in_vain_says_what_for_and_explains() -> None:
    with pytest.raises(ClusterError, match=r"the moon is full: not so within 0 s\. It is new\."):
        wait_for(lambda: False, "the moon is full", 0.0, explain=lambda: "It is new.")


def test_a_free_port_can_be_listened_on() -> None:
    assert is_free("127.0.0.1", free_port())
