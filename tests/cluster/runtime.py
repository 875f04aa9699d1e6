"""containerd, with the runtime `isolated` beside the default one.

Its images stay in the cache between two clusters, its running state is the cluster's.
"""

from pathlib import Path

from tests.cluster import network, processes
from tests.cluster.commands import run
from tests.cluster.errors import ClusterError
from tests.cluster.folders import cache_folder
from tests.cluster.settings import PAUSE_IMAGE, REGISTRY
from tests.cluster.waiting import wait_for

_NAME = "containerd"
_READY_SECONDS = 30.0
_STOP_SECONDS = 10.0


def socket(state: Path) -> Path:
    """Where containerd listens."""
    return state / "containerd.sock"


def image_store() -> Path:
    """Containerd's persistent folder."""
    return cache_folder() / "containerd"


def containerd_config(state: Path) -> str:
    """Containerd's configuration file."""
    return f"""version = 2
root = "{image_store()}"
state = "{state / "containerd"}"
[grpc]
  address = "{socket(state)}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{PAUSE_IMAGE}"
  # Where lowering it is not permitted (no CAP_SYS_RESOURCE), runc fails with an error about a pipe.
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "{state / "registries"}"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{network.plugin_folder()}"
    conf_dir = "{network.cni_folder(state, "default")}"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.isolated]
    runtime_type = "io.containerd.runc.v2"
    cni_conf_dir = "{network.cni_folder(state, "isolated")}"
    cni_max_conf_num = 1
"""


def start_containerd(state: Path) -> None:
    """Start containerd without any container of an earlier cluster, and return when it answers."""
    configuration = state / "containerd.toml"
    configuration.write_text(containerd_config(state))
    registry = state / "registries" / REGISTRY
    registry.mkdir(parents=True)
    (registry / "hosts.toml").write_text(f'server = "http://{REGISTRY}"\n')
    _start(state, configuration)
    if left := _control(state, "containers", "list", "--quiet").split():
        # Their processes went with that cluster. containerd reads its list only when it starts.
        _control(state, "containers", "delete", *left)
        processes.stop(processes.recorded(state)[_NAME], grace=_STOP_SECONDS)
        _start(state, configuration)


def remove_shim_sockets(state: Path) -> None:
    """Delete the sockets on which the shims of this state folder's containers listened."""
    for address in state.glob("containerd/io.containerd.runtime.v2.task/*/*/address"):
        Path(address.read_text().removeprefix("unix://")).unlink(missing_ok=True)


def _start(state: Path, configuration: Path) -> None:
    process = processes.start(state, _NAME, [_NAME, "--config", configuration])

    def answers() -> bool:
        if not processes.alive(process):
            raise ClusterError(f"containerd ended while it started. {processes.log_tail(state, _NAME)}")
        try:
            return bool(_control(state, "version"))
        except ClusterError:
            return False

    wait_for(answers, "containerd answers", _READY_SECONDS, explain=lambda: processes.log_tail(state, _NAME))


def _control(state: Path, *arguments: str) -> str:
    return run(["ctr", f"--address={socket(state)}", "--namespace=k8s.io", *arguments])
