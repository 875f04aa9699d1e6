"""A signer of the test's own process, with the rights of the installed one."""

from datetime import UTC, datetime
from pathlib import Path

import yaml
from bittensor.keyfiles import Keypair
from prometheus_client import CollectorRegistry

from podium.chain.connection import Connection
from podium.chain.signing import BittensorSigner
from podium.cluster.client import Client
from podium.cluster.resources import WEIGHT_UPDATES
from podium.cluster.store import Store
from podium.core.kinds import ChainTarget
from podium.observability.metrics import Metrics
from podium.reconcile.chain_signing import Binding
from podium.reconcile.execute import Executor
from podium.reconcile.signing import Signing
from tests.chain.running import RunningNode
from tests.e2e.installation import Installation

__all__ = ["sign_once"]


async def sign_once(
    podium: Installation, subnet: str, node: RunningNode, netuid: int, keypair: Keypair, folder: Path
) -> None:
    """One pass of a signer over everything in the watched namespace."""
    endpoint, genesis = node.node.endpoint, node.node.chain.genesis
    target = ChainTarget(genesis, netuid, 0, keypair.ss58_address)
    connection = Connection([endpoint], genesis, netuid)
    bound = Binding(podium.namespace, subnet, target, BittensorSigner(connection, target, keypair))
    async with await Client.connect(str(_kubeconfig(podium, folder))) as client:
        store = Store()
        executor = Executor(client, store, Metrics(CollectorRegistry()), "test")
        listed, version = await client.list(WEIGHT_UPDATES, podium.namespace)
        store.replace_all(WEIGHT_UPDATES, podium.namespace, listed, version)
        signing = Signing(client, store, executor, bindings=[bound], now=lambda: datetime.now(UTC))
        await signing.namespace(podium.namespace)
    await connection.close()


def _kubeconfig(podium: Installation, folder: Path) -> Path:
    """One with the signer's own token."""
    account, place = f"{podium.release}-signer", f"--namespace={podium.signer_namespace}"
    token = podium.access.kubectl("create", "token", account, place).stdout.strip()
    config = yaml.safe_load(Path(podium.access.kubeconfig).read_text())
    config["users"] = [{**one, "user": {"token": token}} for one in config["users"]]
    file = folder / "signer.yaml"
    file.write_text(yaml.safe_dump(config))
    return file
