"""etcd, the API server and the controller manager: a real Kubernetes API without a node."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.cluster import processes
from tests.cluster.access import ClusterAccess
from tests.cluster.certificates import CLIENTS, Certificates, issue
from tests.cluster.health import HealthCheck, wait_until_healthy
from tests.cluster.kinds import wait_until_served
from tests.cluster.kubeconfig import write_kubeconfig
from tests.cluster.ports import free_port
from tests.cluster.processes import Lifetime
from tests.cluster.programs import find_program
from tests.cluster.settings import LOOPBACK, POD_NETWORK, SERVICE_ADDRESS, SERVICE_NETWORK

# The API server goes before its store: without etcd it would not end on SIGTERM for minutes.
STOP_ORDER = ("kube-scheduler", "kube-controller-manager", "kube-apiserver", "etcd")

_SERVER = "control-plane"  # one certificate for all servers of the control plane


@dataclass(frozen=True)
class ControlPlane:
    """Where a control plane keeps its files and listens."""

    state: Path
    address: str = LOOPBACK
    api_port: int = field(default_factory=free_port)
    etcd_port: int = field(default_factory=free_port)
    peer_port: int = field(default_factory=free_port)
    controller_manager_port: int = field(default_factory=free_port)
    lifetime: Lifetime = Lifetime.UNTIL_STOPPED

    @property
    def server(self) -> str:
        """The URL of the API server."""
        return f"https://{self.address}:{self.api_port}"

    @property
    def certificates(self) -> Certificates:
        """The certificates of this control plane."""
        return Certificates(self.state / "certificates")

    @property
    def access(self) -> ClusterAccess:
        """The administrator's way in."""
        return ClusterAccess(self.kubeconfig("admin"))

    def kubeconfig(self, client: str) -> Path:
        """The kubeconfig of one of the clients of `certificates.CLIENTS`."""
        return self.state / "kubeconfigs" / f"{client}.yaml"

    def start(self, name: str, check: HealthCheck, arguments: Sequence[str]) -> None:
        """Start one of Kubernetes' programs and return when it is ready."""
        process = processes.start(self.state, name, [find_program(name), *arguments], self.lifetime)
        wait_until_healthy(self.state, process, check)


def start_control_plane(plane: ControlPlane, kinds: Path | None = None) -> ClusterAccess:
    """Start etcd, the API server and the controller manager, and return when they are ready.

    `kinds` is a folder of CustomResourceDefinitions. They are created before the controller manager
    starts: its garbage collector looks for new kinds only every 30 seconds afterwards.
    """
    _issue_credentials(plane)
    trusted = plane.certificates.authority
    plane.start("etcd", HealthCheck(LOOPBACK, plane.etcd_port, "/health"), _etcd_arguments(plane))
    plane.start(
        "kube-apiserver",
        HealthCheck(plane.address, plane.api_port, "/readyz", trusted),
        _api_server_arguments(plane),
    )
    if kinds is not None:
        plane.access.kubectl("create", f"--filename={kinds}")
        wait_until_served(plane.access, f"--filename={kinds}")
    plane.start(
        "kube-controller-manager",
        HealthCheck(LOOPBACK, plane.controller_manager_port, "/healthz", trusted),
        _controller_manager_arguments(plane),
    )
    return plane.access


def stop_control_plane(plane: ControlPlane) -> None:
    """End its processes; the folder stays."""
    processes.stop_all(plane.state, STOP_ORDER)


def _issue_credentials(plane: ControlPlane) -> None:
    addresses = sorted({plane.address, LOOPBACK, SERVICE_ADDRESS})
    names = ("localhost", "kubernetes.default", "kubernetes.default.svc")
    servers = {_SERVER: [*addresses, *names], "kubelet-server": [plane.address]}
    certificates = issue(plane.certificates.folder, servers)
    for client in CLIENTS:
        write_kubeconfig(plane.kubeconfig(client), plane.server, certificates, client)


def _etcd_arguments(plane: ControlPlane) -> list[str]:
    client = f"http://{LOOPBACK}:{plane.etcd_port}"
    peer = f"http://{LOOPBACK}:{plane.peer_port}"
    return [
        f"--data-dir={plane.state / 'etcd'}",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
        # A single member elects itself: the default of a second is the time it would wait for others.
        "--heartbeat-interval=20",
        "--election-timeout=100",
        "--unsafe-no-fsync",  # the data is not meant to survive the machine
        "--log-level=warn",
    ]


def _api_server_arguments(plane: ControlPlane) -> list[str]:
    files = plane.certificates
    arguments = [
        f"--etcd-servers=http://{LOOPBACK}:{plane.etcd_port}",
        f"--bind-address={plane.address}",
        f"--secure-port={plane.api_port}",
        f"--advertise-address={plane.address}",
        f"--tls-cert-file={files.certificate(_SERVER)}",
        f"--tls-private-key-file={files.key(_SERVER)}",
        f"--client-ca-file={files.authority}",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={files.service_account_key}",
        f"--service-account-signing-key-file={files.service_account_key}",
        f"--service-cluster-ip-range={SERVICE_NETWORK}",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        "--allow-privileged=true",
        f"--kubelet-certificate-authority={files.authority}",
        f"--kubelet-client-certificate={files.certificate('admin')}",
        f"--kubelet-client-key={files.key('admin')}",
        # `kubectl logs` would ask a DNS server for the node's name otherwise.
        "--kubelet-preferred-address-types=InternalIP",
    ]
    if plane.address == LOOPBACK:
        # Endpoints may not hold a loopback address: the server would log an error every few seconds.
        arguments.append("--endpoint-reconciler-type=none")
    return arguments


def _controller_manager_arguments(plane: ControlPlane) -> list[str]:
    files = plane.certificates
    return [
        f"--kubeconfig={plane.kubeconfig('controller-manager')}",
        f"--service-account-private-key-file={files.service_account_key}",
        f"--root-ca-file={files.authority}",
        "--use-service-account-credentials=true",
        "--allocate-node-cidrs=true",
        f"--cluster-cidr={POD_NETWORK}",
        f"--service-cluster-ip-range={SERVICE_NETWORK}",
        f"--bind-address={LOOPBACK}",
        f"--secure-port={plane.controller_manager_port}",
        f"--tls-cert-file={files.certificate(_SERVER)}",
        f"--tls-private-key-file={files.key(_SERVER)}",
        "--leader-elect=false",
    ]
