"""What the machine must have, what is said where it has not, and how packages are installed."""

from pathlib import Path

import pytest

from tests.cluster import packages
from tests.cluster.errors import ClusterError


def test_only_root_on_linux_can_run_a_node() -> None:
    assert packages.unsuitable("Linux", 0) == ""
    assert "Linux only, and this is Darwin" in packages.unsuitable("Darwin", 0)
    assert "needs root" in packages.unsuitable("Linux", 1000)


def test_where_no_node_can_run_the_error_names_the_alternative(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "unsuitable", lambda *_: "No.")
    with pytest.raises(ClusterError, match=r"No\. .*`make demo CLUSTER=current`"):
        packages.check_machine()


def test_what_is_missing_is_named_where_apt_cannot_install_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(packages, "unsuitable", lambda *_: "")
    monkeypatch.setattr(packages, "plugin_folder", lambda: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    expected = "needs containerd, .*containernetworking-plugins .*no apt-get .*`make demo CLUSTER=current"
    with pytest.raises(ClusterError, match=expected):
        packages.prepare_machine()


def test_nothing_is_installed_where_nothing_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "unsuitable", lambda *_: "")
    monkeypatch.setattr(packages, "missing_packages", list)
    monkeypatch.setattr(packages, "install", lambda _: pytest.fail("installed something"))
    packages.prepare_machine()


def test_services_may_not_start_during_an_installation_and_may_afterwards(tmp_path: Path) -> None:
    policy = tmp_path / "policy-rc.d"
    with packages.no_service_starts(policy):
        assert "exit 101" in policy.read_text()
        assert policy.stat().st_mode & 0o111
    assert not policy.exists()


def test_a_policy_of_the_machine_s_own_is_put_back_even_if_the_installation_fails(tmp_path: Path) -> None:
    policy = tmp_path / "policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 0\n")
    policy.chmod(0o700)
    with pytest.raises(ClusterError), packages.no_service_starts(policy):
        raise ClusterError("apt-get failed")
    assert policy.read_text() == "#!/bin/sh\nexit 0\n"
    assert policy.stat().st_mode & 0o777 == 0o700
