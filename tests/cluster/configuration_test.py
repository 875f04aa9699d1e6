"""The configuration files that the cluster's programs are given."""

import base64
import tomllib
from pathlib import Path

import yaml

from tests.cluster import network, node, registry, runtime
from tests.cluster.certificates import CLIENTS, issue
from tests.cluster.control_plane import ControlPlane
from tests.cluster.kubeconfig import write_kubeconfig

_STATE = Path("/state")


def test_containerd_finds_each_runtime_s_network_and_keeps_its_mounts_in_the_state_folder() -> None:
    configuration = tomllib.loads(runtime.containerd_config(_STATE))
    plugin = configuration["plugins"]["io.containerd.grpc.v1.cri"]
    assert configuration["state"] == "/state/containerd"
    assert plugin["netns_mounts_under_state_dir"]
    assert plugin["cni"]["conf_dir"] == "/state/cni/default"
    assert plugin["containerd"]["runtimes"]["isolated"]["cni_conf_dir"] == "/state/cni/isolated"


def test_an_isolated_pod_has_no_gateway_no_route_and_no_neighbours() -> None:
    isolated = network.cni_plugins(_STATE)["isolated"]
    assert isolated["mode"] == "private"
    assert set(isolated) == {"type", "master", "mode", "ipam"}
    addresses = isolated["ipam"]
    assert isinstance(addresses, dict)
    assert "routes" not in addresses


def test_kubelet_keeps_pods_in_a_group_of_their_own_and_lets_nobody_in_unasked() -> None:
    configuration = node.kubelet_config(ControlPlane(_STATE, address="192.0.2.1"), 10248)
    assert configuration["cgroupRoot"] == "/podium"
    assert configuration["address"] == "192.0.2.1"
    authentication = configuration["authentication"]
    assert isinstance(authentication, dict)
    assert authentication["anonymous"] == {"enabled": False}


def test_the_registry_listens_on_this_machine_only() -> None:
    http = registry.registry_config()["http"]
    assert isinstance(http, dict)
    assert http["addr"].startswith("127.0.0.1:")


def test_a_kubeconfig_needs_no_other_file_and_is_its_owner_s_alone(tmp_path: Path) -> None:
    certificates = issue(tmp_path / "certificates", {"server": ["127.0.0.1"]})
    file = write_kubeconfig(tmp_path / "admin.yaml", "https://127.0.0.1:1", certificates, "admin")
    configuration = yaml.safe_load(file.read_text())
    key = base64.b64decode(configuration["users"][0]["user"]["client-key-data"])
    assert key == certificates.key("admin").read_bytes()
    assert file.stat().st_mode & 0o077 == 0


def test_private_keys_are_their_owner_s_alone(tmp_path: Path) -> None:
    certificates = issue(tmp_path / "certificates", {"server": ["127.0.0.1"]})
    keys = [certificates.service_account_key, *(certificates.key(name) for name in (*CLIENTS, "server"))]
    assert {key.stat().st_mode & 0o077 for key in keys} == {0}
