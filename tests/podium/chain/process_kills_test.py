"""`podium sign` as a process, killed with SIGKILL around its calls; the next one sets the weights, once."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from podium.api.translate.subnet import subnet_from_stored
from podium.cluster.client import Client
from podium.cluster.resources import SUBNETS, WEIGHT_UPDATES, Raw
from podium.core.clock import ChainClock
from podium.core.plan import CreateWeightUpdate
from podium.core.shares import apportion
from podium.core.subnet import SubnetWorld, decide_subnet
from podium.manifests import records
from tests.cluster.access import ClusterAccess
from tests.podium.chain.stage import MINERS, NETUID, SEED, VALIDATOR, Stage
from tests.podium.core.ledgers import earning
from tests.podium.core.objects import GENESIS

pytestmark = pytest.mark.cluster

_SECONDS = 60.0
_MOMENTS = (
    # Method of the node, which of its calls, and whether it was carried out.
    ("state_getRuntimeVersion", 1, "before"),
    ("chain_getFinalizedHead", 1, "after"),
    ("chain_getBlockHash", 3, "before"),
    ("author_submitExtrinsic", 1, "before"),
    ("author_submitExtrinsic", 1, "after"),
    ("chain_getFinalizedHead", 2, "before"),
    ("chain_getBlock", 1, "before"),
    ("chain_getBlock", 1, "after"),
)


@dataclass
class Signer:
    """A signer's process, started anew when it is killed."""

    environment: dict[str, str]
    process: asyncio.subprocess.Process | None = None
    kills: int = 0

    async def keep(self) -> None:
        """Keeps one process running until it is cancelled."""
        program = str(Path(sys.executable).with_name("podium"))
        try:
            while True:
                self.process = await asyncio.create_subprocess_exec(
                    program, "sign", env={**os.environ, **self.environment}
                )
                await self.process.wait()
        finally:
            if self.process is not None and self.process.returncode is None:
                self.process.kill()
                await self.process.wait()

    def kill(self) -> None:
        """SIGKILL, now."""
        assert self.process is not None
        self.kills += 1
        os.kill(self.process.pid, signal.SIGKILL)


def _killing(signer: Signer, method: str, call: int, when: str) -> Callable[[str, str], None]:
    seen = 0

    def witness(called: str, moment: str) -> None:
        nonlocal seen
        seen += (called, moment) == (method, when)
        if seen == call and not signer.kills and (called, moment) == (method, when):
            signer.kill()

    return witness


@asynccontextmanager
async def _signing(
    playing: Stage, access: ClusterAccess, namespace: str, folder: Path
) -> AsyncIterator[Signer]:
    """A signer with a key file, for the Subnet `main`."""
    key_file = folder / "hotkey"
    key_file.write_text(SEED)
    target = {**_target(playing), "namespace": namespace, "subnet": "main", "keyFile": str(key_file)}
    environment = {
        "KUBECONFIG": str(access.kubeconfig),
        "HOME": str(folder),
        "PODIUM_WATCH_NAMESPACES": namespace,
        "PODIUM_METRICS_PORT": "0",
        "PODIUM_HEALTH_PORT": "0",
        "PODIUM_BLOCK_SECONDS": "1",
        "PODIUM_TARGETS": json.dumps([target]),
    }
    signer = Signer(environment)
    running = asyncio.create_task(signer.keep())
    try:
        yield signer
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def _target(playing: Stage) -> Raw:
    return {
        "endpoints": [playing.node.endpoint],
        "genesisHash": playing.chain.genesis,
        "netuid": NETUID,
        "hotkey": VALIDATOR.ss58_address,
    }


async def _hand_over(client: Client, playing: Stage, namespace: str) -> None:
    """A Subnet, and the update of its present epoch as the operator composes it."""
    head = {"apiVersion": SUBNETS.api_version, "kind": SUBNETS.kind}
    spec = {"bittensor": _target(playing), "weights": {"everyBlocks": 1000}}
    body = {**head, "metadata": {"name": "main", "namespace": namespace}, "spec": spec}
    raw = await client.create(SUBNETS, namespace, body)
    final = playing.chain.final
    clock = ChainClock(final, GENESIS + timedelta(seconds=12 * final))
    average = apportion({MINERS[0].ss58_address: Fraction(3), MINERS[1].ss58_address: Fraction(1)})
    subnet = replace(subnet_from_stored(raw), clock=clock)
    world = SubnetWorld(subnet, (earning("small", average, 1),), {}, (), clock.time)
    for action in decide_subnet(world).actions:
        if isinstance(action, CreateWeightUpdate):
            await client.create(WEIGHT_UPDATES, namespace, records.weight_update_object(raw, action))


async def _verified(client: Client, playing: Stage, namespace: str) -> Raw:
    """Makes blocks until the update is verified."""
    async with asyncio.timeout(_SECONDS):
        while True:
            ((found, *_), _) = await client.list(WEIGHT_UPDATES, namespace)
            if (found.get("status") or {}).get("phase") == "Verified":
                return found
            await playing.node.advance()
            await asyncio.sleep(0.25)  # a block's time


@pytest.mark.parametrize(("method", "call", "when"), _MOMENTS)
async def test_a_killed_signer_leaves_one_effective_extrinsic(  # fixtures and a moment
    playing: Stage,
    control_plane: ClusterAccess,
    namespace: str,
    tmp_path: Path,
    method: str,
    call: int,
    when: str,
) -> None:
    async with (
        await Client.connect(str(control_plane.kubeconfig)) as client,
        _signing(playing, control_plane, namespace, tmp_path) as signer,
    ):
        playing.node.witness = _killing(signer, method, call, when)
        await _hand_over(client, playing, namespace)
        update = await _verified(client, playing, namespace)
    assert signer.kills == 1
    done = [one for block in playing.chain.blocks[: playing.chain.final + 1] for one in block.included]
    assert [(one.extrinsic.function, one.error) for one in done] == [("set_mechanism_weights", None)]
    assert {one["nonce"] for one in update["status"]["attempts"]} == {0}
    assert playing.row() == {2: 65535, 3: 21845}
