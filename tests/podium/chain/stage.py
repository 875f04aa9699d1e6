"""A subnet on a stand-in node, and a signer that speaks to it through the real SDK."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bittensor.keyfiles import Keypair

from podium.chain.connection import Connection
from podium.chain.signing import BittensorSigner
from podium.core.kinds import ChainTarget, ChainView, WeightUpdateStatus
from podium.core.signing.world import Sign
from tests.chain.chain import Chain, new_subnet
from tests.chain.metadata import runtime_metadata
from tests.chain.node import Node
from tests.chain.subnet import PALLET, Subnet

__all__ = ["NETUID", "SEED", "STAKE", "Stage", "key", "stage"]

NETUID = 37
STAKE = 10**12


def key(name: str) -> Keypair:
    """A key of its own for each name."""
    return Keypair.create_from_uri(f"//{name}")


SEED = "0x" + 64 * "5"
"""Of the validator, as a key file has it."""

VALIDATOR, OWNER = Keypair.create_from_seed(bytes.fromhex(SEED[2:])), key("owner")
MINERS = tuple(key(f"miner-{number}") for number in range(6))


@dataclass
class Stage:
    """A node with a subnet of one validator, its owner and six miners."""

    node: Node
    chain: Chain
    connection: Connection
    target: ChainTarget
    signer: BittensorSigner

    @property
    def subnet(self) -> Subnet:
        """In the state that the next block begins with."""
        return self.chain.subnet(NETUID)

    def row(self) -> dict[int, int]:
        """The validator's weights."""
        uid = self.subnet.uid(VALIDATOR.ss58_address)
        assert uid is not None
        return self.subnet.row(uid)

    def request(self, view: ChainView, **changes: object) -> Sign:
        """Weights for two miners."""
        fields = {
            "nonce": view.nonce,
            "birth_block": view.block,
            "birth_hash": view.hash,
            "period": 16,
            "vector": ((2, 65535), (3, 32768)),
            "version_key": 0,
            "commit": view.commit_reveal,
            "status": WeightUpdateStatus(),
        }
        return Sign(**{**fields, **changes})  # type: ignore[arg-type]  # names and types are the caller's concern


def populated() -> Chain:
    """A chain with the subnet, some blocks old."""
    chain = Chain(runtime_metadata())
    subnet = new_subnet(chain, NETUID)
    for keypair in (VALIDATOR, OWNER, *MINERS):
        subnet.register(keypair.ss58_address, 0, stake=STAKE)
    subnet.set_permit(VALIDATOR.ss58_address, True)
    subnet.set_rule("WeightsSetRateLimit", 10)
    chain.state.put(PALLET, "SubnetOwnerHotkey", NETUID, value=OWNER.ss58_address)
    chain.advance(20)
    return chain


@asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    """A stage whose node runs."""
    chain = populated()
    async with Node(chain) as node:
        target = ChainTarget(chain.genesis, NETUID, 0, VALIDATOR.ss58_address)
        connection = Connection([node.endpoint], chain.genesis, NETUID, call_seconds=1.5, open_seconds=4.0)
        yield Stage(node, chain, connection, target, BittensorSigner(connection, target, VALIDATOR))
        await connection.close()
