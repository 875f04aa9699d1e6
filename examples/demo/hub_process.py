"""The demo's hub: a process on this machine that serves the contenders until the cluster is taken down."""

from __future__ import annotations

import socket
import sys
from pathlib import Path
from typing import Final

from examples.demo.contenders.repositories import describe_repositories
from examples.demo.objects import Repository
from tests.cluster import processes
from tests.cluster.folders import state_folder
from tests.cluster.waiting import wait_for

__all__ = ["repositories_of", "start_hub"]

_NAME: Final = "demo-hub"
_PORT: Final = 5580
_SECONDS: Final = 30.0


def start_hub(root: Path, address: str) -> str:
    """The endpoint of a hub that serves `root`, started unless it runs.

    It is recorded with the local cluster's processes, so that taking the cluster down ends it.
    """
    endpoint = f"http://{address}:{_PORT}"
    command = [
        sys.executable,
        "-m",
        "tests.hub",
        "--root",
        str(root),
        "--host",
        address,
        "--port",
        str(_PORT),
    ]
    processes.start_afresh(state_folder(), _NAME, command)
    wait_for(lambda: _answers(address), f"the hub answers at {endpoint}", _SECONDS)
    return endpoint


def repositories_of(root: Path) -> dict[str, Repository]:
    """Everything that the hub serves, by the name after the owner's."""
    return {
        one["name"]: Repository(one["repository"], one["revision"]) for one in describe_repositories(root)
    }


def _answers(address: str) -> bool:
    try:
        socket.create_connection((address, _PORT), timeout=1.0).close()
    except OSError:
        return False
    return True
