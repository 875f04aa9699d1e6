"""Is there a way out of this pod? Tried for real, since a policy without an engine has no effect."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import struct
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

__all__ = ["Target", "default_gateway", "reachable", "resolvers", "targets", "targets_here"]

logger = logging.getLogger(__name__)

_SECONDS: Final = 3.0
_METADATA: Final = "169.254.169.254"
"""Cloud machines hand out credentials there."""
_OUTSIDE: Final = ("1.1.1.1", "8.8.8.8")
_API_SERVER: Final = "10.96.0.1"
"""The usual address where the environment does not tell one."""
_KUBELET_PORTS: Final = (10250, 22)
_MAXIMUM_TARGETS: Final = 24


@dataclass(frozen=True, slots=True)
class Target:
    """Something that must not answer."""

    role: str
    host: str
    port: int
    protocol: Literal["tcp", "dns"] = "tcp"

    @property
    def label(self) -> str:
        """Role, address and protocol for people to read."""
        return f"{self.role} {self.host}:{self.port}/{self.protocol}"


def targets(environment: Mapping[str, str], resolv_conf: str, routes: str) -> tuple[Target, ...]:
    """What to try.

    Args:
        environment: Of the process; Kubernetes puts the API server's address there.
        resolv_conf: Text of /etc/resolv.conf.
        routes: Text of /proc/net/route.
    """
    host = environment.get("KUBERNETES_SERVICE_HOST", _API_SERVER)
    port = environment.get("KUBERNETES_SERVICE_PORT", "443")
    found = [Target("api-server", host, int(port) if port.isdigit() else 443)]
    found += [Target("dns", address, 53, "dns") for address in resolvers(resolv_conf)]
    found += [Target("dns", address, 53) for address in resolvers(resolv_conf)]
    found.append(Target("metadata", _METADATA, 80))
    if gateway := default_gateway(routes):
        found += [Target("node", gateway, port) for port in _KUBELET_PORTS]
    found += [Target("outside", address, 443) for address in _OUTSIDE]
    found.append(Target("outside", _OUTSIDE[0], 53, "dns"))
    return tuple(found[:_MAXIMUM_TARGETS])


def resolvers(resolv_conf: str) -> tuple[str, ...]:
    """Addresses of name servers."""
    lines = (line.split() for line in resolv_conf.splitlines())
    return tuple(words[1] for words in lines if words[:1] == ["nameserver"] and len(words) > 1)[:3]


def default_gateway(routes: str) -> str | None:
    """The IPv4 default gateway, which in a pod is the node."""
    for line in routes.splitlines()[1:]:
        fields = line.split()
        if len(fields) > 2 and fields[1] == "00000000" and fields[2] != "00000000":  # noqa: PLR2004 - columns
            return socket.inet_ntoa(struct.pack("<L", int(fields[2], 16)))
    return None


def reachable(candidates: Sequence[Target], seconds: float = _SECONDS) -> tuple[str, ...]:
    """Which of the targets answered, in order; takes about `seconds` in all.

    Only an established connection or a DNS answer counts: a refusal may come from the policy engine.
    """
    with ThreadPoolExecutor(max_workers=max(1, len(candidates))) as pool:
        answers = pool.map(lambda target: _answers(target, seconds), candidates)
        found = tuple(target.label for target, answer in zip(candidates, answers, strict=True) if answer)
    logger.info("%d of %d targets answered", len(found), len(candidates))
    return found


def targets_here() -> tuple[Target, ...]:
    """The targets of this process's surroundings."""
    return targets(os.environ, _text(Path("/etc/resolv.conf")), _text(Path("/proc/net/route")))


def _answers(target: Target, seconds: float) -> bool:
    try:
        if target.protocol == "tcp":
            with socket.create_connection((target.host, target.port), timeout=seconds):
                return True
        return _resolves(target, seconds)
    except OSError:
        return False


def _resolves(target: Target, seconds: float) -> bool:
    family = socket.AF_INET6 if ":" in target.host else socket.AF_INET
    number = secrets.token_bytes(2)
    # One question, recursion desired: type A, class IN, for the root of the example domain.
    question = b"\x07example\x03com\x00\x00\x01\x00\x01"
    with socket.socket(family, socket.SOCK_DGRAM) as connection:
        connection.settimeout(seconds)
        connection.connect((target.host, target.port))
        connection.send(number + b"\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00" + question)
        return connection.recv(512).startswith(number)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
