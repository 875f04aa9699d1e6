"""The node: kubelet and kube-proxy, and the scheduler that gives it pods."""

from pathlib import Path

import yaml

from tests.cluster import cgroups, runtime
from tests.cluster.control_plane import ControlPlane
from tests.cluster.health import HealthCheck
from tests.cluster.ports import free_port
from tests.cluster.settings import LOOPBACK, NODE, NODE_ADDRESS, POD_NETWORK


def start_node(plane: ControlPlane) -> None:
    """Start scheduler, kubelet and kube-proxy on top of a control plane and containerd."""
    start_scheduler(plane)
    _start_kubelet(plane)
    _start_proxy(plane)


def kubelet_config(plane: ControlPlane, health_port: int) -> dict[str, object]:
    """Kubelet's configuration file."""
    files = plane.certificates
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": plane.address,
        "healthzPort": health_port,
        "tlsCertFile": str(files.certificate("kubelet-server")),
        "tlsPrivateKeyFile": str(files.key("kubelet-server")),
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(files.authority)},
        },
        "authorization": {"mode": "Webhook"},
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{cgroups.NAME}",
        "failCgroupV1": False,  # kubelet 1.35 would not start on a machine with cgroup version 1
        "failSwapOn": False,
        "makeIPTablesUtilChains": False,  # nothing here uses them, and they would outlive the cluster
        "containerRuntimeEndpoint": f"unix://{runtime.socket(plane.state)}",
        "resolvConf": "",
        "serializeImagePulls": False,
        # The disk is shared with everything else on the machine: evict late and never collect images.
        "evictionHard": {
            "memory.available": "100Mi",
            "nodefs.available": "1%",
            "nodefs.inodesFree": "1%",
            "imagefs.available": "1%",
        },
        "imageGCHighThresholdPercent": 100,
    }


def proxy_config(plane: ControlPlane, health_port: int, metrics_port: int) -> dict[str, object]:
    """kube-proxy's configuration file."""
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "nftables",
        "clientConnection": {"kubeconfig": str(plane.kubeconfig("proxy"))},
        "clusterCIDR": POD_NETWORK,
        "hostnameOverride": NODE,
        "healthzBindAddress": f"{LOOPBACK}:{health_port}",
        "metricsBindAddress": f"{LOOPBACK}:{metrics_port}",
        # Zero leaves the kernel's settings as they are.
        "conntrack": {"maxPerCore": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
    }


def start_scheduler(plane: ControlPlane) -> None:
    """Start what gives pods to nodes."""
    port = free_port()
    files = plane.certificates
    plane.start(
        "kube-scheduler",
        HealthCheck(LOOPBACK, port, "/healthz", files.authority),
        [
            f"--kubeconfig={plane.kubeconfig('scheduler')}",
            f"--bind-address={LOOPBACK}",
            f"--secure-port={port}",
            f"--tls-cert-file={files.certificate('control-plane')}",
            f"--tls-private-key-file={files.key('control-plane')}",
            "--leader-elect=false",
        ],
    )


def _start_kubelet(plane: ControlPlane) -> None:
    port = free_port()
    plane.start(
        "kubelet",
        HealthCheck(LOOPBACK, port, "/healthz"),
        [
            f"--config={_write(plane.state, 'kubelet', kubelet_config(plane, port))}",
            f"--kubeconfig={plane.kubeconfig('kubelet')}",
            f"--root-dir={plane.state / 'kubelet'}",
            f"--hostname-override={NODE}",
            f"--node-ip={NODE_ADDRESS}",
        ],
    )


def _start_proxy(plane: ControlPlane) -> None:
    port = free_port()
    configuration = _write(plane.state, "kube-proxy", proxy_config(plane, port, free_port()))
    plane.start("kube-proxy", HealthCheck(LOOPBACK, port, "/healthz"), [f"--config={configuration}"])


def _write(state: Path, name: str, configuration: dict[str, object]) -> Path:
    file = state / f"{name}.yaml"
    file.write_text(yaml.safe_dump(configuration, sort_keys=False))
    return file
