"""The certificates of a cluster: one authority, and a leaf for each component.

Kubernetes reads a client's user name from the common name and its group from the organization.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import trustme


@dataclass(frozen=True)
class Client:
    """Who a client certificate says its holder is."""

    user: str
    group: str | None = None


CLIENTS: Mapping[str, Client] = MappingProxyType(
    {
        "admin": Client("admin", "system:masters"),
        "controller-manager": Client("system:kube-controller-manager"),
        "scheduler": Client("system:kube-scheduler"),
        "kubelet": Client("system:node:local", "system:nodes"),
        "proxy": Client("system:kube-proxy"),
    }
)


@dataclass(frozen=True)
class Certificates:
    """The files of one cluster's certificates, all in one folder."""

    folder: Path

    @property
    def authority(self) -> Path:
        """The certificate of the authority."""
        return self.folder / "ca.crt"

    @property
    def service_account_key(self) -> Path:
        """The key that signs the tokens of service accounts; its public half is read from it too."""
        return self.folder / "service-account.key"

    def certificate(self, name: str) -> Path:
        """The certificate of a client or server."""
        return self.folder / f"{name}.crt"

    def key(self, name: str) -> Path:
        """The private key of a client or server."""
        return self.folder / f"{name}.key"


def issue(folder: Path, servers: Mapping[str, Sequence[str]]) -> Certificates:
    """Write an authority, `servers` (name and the addresses it is reached by) and `CLIENTS`."""
    folder.mkdir(parents=True)
    certificates = Certificates(folder)
    authority = trustme.CA(organization_name="podium local cluster")
    authority.cert_pem.write_to_path(certificates.authority)
    for name, addresses in servers.items():
        _write(certificates, name, authority.issue_cert(*addresses))
    for name, client in CLIENTS.items():
        # A certificate without any host name has an extension that Go's verification refuses.
        leaf = authority.issue_cert(name, common_name=client.user, organization_name=client.group or "podium")
        _write(certificates, name, leaf)
    signer = authority.issue_cert(common_name="service accounts")
    _write_private(certificates.service_account_key, signer.private_key_pem)
    return certificates


def _write(certificates: Certificates, name: str, leaf: trustme.LeafCert) -> None:
    leaf.cert_chain_pems[0].write_to_path(certificates.certificate(name))
    _write_private(certificates.key(name), leaf.private_key_pem)


def _write_private(file: Path, secret: trustme.Blob) -> None:
    file.touch(mode=0o600)
    secret.write_to_path(file)
