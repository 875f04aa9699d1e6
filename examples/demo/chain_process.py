"""The demo's chain: a node on this machine, its keys, and what its participants commit to."""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bittensor.keyfiles import Keypair
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from examples.demo.objects import BLOCK_SECONDS, CONTENDERS, Repository
from podium_evaluator.hub.secure_hash import content_hash, secure_hash
from tests.chain.running import commit
from tests.cluster import processes
from tests.cluster.folders import state_folder
from tests.cluster.waiting import wait_for

__all__ = ["NETUID", "SEED", "DemoChain", "commit_all", "hotkeys", "start_chain", "validator"]

NETUID: Final = 37
SEED: Final = "0x" + 64 * "5"
"""Of the validator's hotkey. Everybody knows it: it is worth nothing."""

_NAME: Final = "demo-chain"
_PORT: Final = 5581
_SECONDS: Final = 120.0
"""The first time the chain's metadata is downloaded."""


@dataclass(frozen=True)
class DemoChain:
    """A node that runs."""

    endpoint: str
    genesis_hash: str

    @property
    def block(self) -> int:
        """The newest block."""
        return int(_ask(self.endpoint, "chain_getHeader")["number"], 16)

    def row(self) -> str:
        """The validator's weights as the chain has them, uid by uid."""
        return str(_ask(self.endpoint, "stub_row", NETUID, 0))


def validator() -> str:
    """The validator's address."""
    return str(Keypair.create_from_seed(bytes.fromhex(SEED[2:])).ss58_address)


def hotkeys() -> Mapping[str, str]:
    """The contenders by their addresses."""
    return {_key(name).ss58_address: name for name in CONTENDERS}


def start_chain(address: str) -> DemoChain:
    """A new chain, on which the validator and all contenders are registered.

    It is recorded with the local cluster's processes, so that taking the cluster down ends it.
    """
    endpoint = f"ws://{address}:{_PORT}"
    command = [sys.executable, "-m", "tests.chain", "--host", address, "--port", str(_PORT)]
    command += ["--validator", SEED, "--hotkeys", ",".join(CONTENDERS)]
    processes.start_afresh(state_folder(), _NAME, [*command, "--block-seconds", str(BLOCK_SECONDS)])
    wait_for(lambda: _answers(endpoint), f"the node answers at {endpoint}", _SECONDS)
    return DemoChain(endpoint, str(_ask(endpoint, "chain_getBlockHash", 0)))


def commit_all(chain: DemoChain, root: Path, repositories: Mapping[str, Repository]) -> None:
    """Every contender commits to its model, one after another."""
    for name, model in CONTENDERS.items():
        keypair, repository = _key(name), repositories[model]
        content = content_hash(_digests(root / "models" / repository.repository))
        hashed = secure_hash(content, keypair.ss58_address)
        parts = (*repository.repository.split("/"), repository.revision, hashed, "1")
        asyncio.run(commit(chain.endpoint, keypair, NETUID, ":".join(parts)))
        time.sleep(BLOCK_SECONDS)  # within one block, chance decides who was first


def _key(name: str) -> Keypair:
    return Keypair.create_from_uri(f"//{name}")


def _digests(folder: Path) -> dict[str, str]:
    """SHA-256 of the files that the hash covers whatever else is there."""
    covered: Sequence[Path] = sorted([folder / "config.json", *folder.glob("*.safetensors*")])
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in covered}


def _answers(endpoint: str) -> bool:
    try:
        _ask(endpoint, "system_name")
    except (OSError, WebSocketException):
        return False
    return True


# Any: JSON of any kind.
def _ask(endpoint: str, method: str, *parameters: object) -> Any:
    with connect(endpoint, open_timeout=2.0) as socket:
        socket.send(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}))
        return json.loads(socket.recv(timeout=10.0))["result"]
