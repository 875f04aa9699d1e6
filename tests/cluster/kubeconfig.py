"""Kubeconfig files: where the API server is and who calls it."""

import base64
from pathlib import Path

import yaml

from tests.cluster.certificates import Certificates

CONTEXT = "podium-local"


def write_kubeconfig(file: Path, server: str, certificates: Certificates, client: str) -> Path:
    """Write a kubeconfig that needs no other file, readable by its owner only."""
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": CONTEXT,
                "cluster": {
                    "server": server,
                    "certificate-authority-data": _encoded(certificates.authority),
                },
            }
        ],
        "users": [
            {
                "name": client,
                "user": {
                    "client-certificate-data": _encoded(certificates.certificate(client)),
                    "client-key-data": _encoded(certificates.key(client)),
                },
            }
        ],
        "contexts": [{"name": CONTEXT, "context": {"cluster": CONTEXT, "user": client}}],
        "current-context": CONTEXT,
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text(yaml.safe_dump(config, sort_keys=False))
    return file


def _encoded(file: Path) -> str:
    return base64.b64encode(file.read_bytes()).decode()
