"""`python -m tests.chain --validator SEED --hotkeys a,b`: a node with one subnet, until it is interrupted."""

import argparse
import asyncio
import contextlib
import sys
import time

from bittensor.keyfiles import Keypair

from tests.chain.chain import Chain, new_subnet
from tests.chain.metadata import runtime_metadata
from tests.chain.node import Node
from tests.chain.subnet import PALLET

_STAKE = 10**12


def _populated(netuid: int, validator: str, names: list[str], block_seconds: int) -> Chain:
    """A chain some blocks old, with a validator, an owner, and hotkeys out of names."""
    chain = Chain(runtime_metadata(), lag=2, genesis_time=int(time.time()) - 20, block_seconds=block_seconds)
    subnet = new_subnet(chain, netuid)
    keys = [Keypair.create_from_seed(bytes.fromhex(validator.removeprefix("0x")))]
    keys += [Keypair.create_from_uri(f"//{name}") for name in ("owner", *names)]
    for keypair in keys:
        subnet.register(keypair.ss58_address, 0, stake=_STAKE)
    subnet.set_permit(keys[0].ss58_address, True)
    subnet.set_rule("WeightsSetRateLimit", 5)
    chain.state.put(PALLET, "SubnetOwnerHotkey", netuid, value=keys[1].ss58_address)
    chain.advance(20)
    return chain


async def _serve(node: Node, block_seconds: int) -> None:
    async with node:
        print(f"node at {node.endpoint}, genesis {node.chain.genesis}", file=sys.stderr, flush=True)
        while True:
            await asyncio.sleep(block_seconds)
            await node.advance()


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(prog="python -m tests.chain", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9944, help="0 for a free one (default %(default)s)")
    parser.add_argument("--netuid", type=int, default=37)
    parser.add_argument("--validator", required=True, help="seed of the hotkey that sets weights, in hex")
    parser.add_argument("--hotkeys", default="", help="names of the others, with commas between them")
    parser.add_argument("--block-seconds", type=int, default=12)
    given = parser.parse_args()
    names = [name for name in given.hotkeys.split(",") if name]
    chain = _populated(given.netuid, given.validator, names, given.block_seconds)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(Node(chain, host=given.host, port=given.port), given.block_seconds))


if __name__ == "__main__":
    main()
