"""A node that makes its blocks by itself, in a thread of its own."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from bittensor.keyfiles import Keypair

from tests.chain.chain import Chain
from tests.chain.node import Node

__all__ = ["RunningNode", "commit", "running_node"]

_T = TypeVar("_T")


@dataclass(frozen=True)
class RunningNode:
    """A node and the loop that it lives in. Its chain is looked at and changed between two of its steps.

    Attributes:
        standing: While it is set, no blocks are made.
    """

    node: Node
    loop: asyncio.AbstractEventLoop
    standing: threading.Event = field(default_factory=threading.Event)

    def do(self, act: Callable[[Chain], _T]) -> _T:
        """Does something with the chain while nothing else does."""

        async def one() -> _T:
            return act(self.node.chain)

        return self._wait(one())

    def commit(self, keypair: Keypair, netuid: int, value: str) -> None:
        """A hotkey commits to a text, as a participant's client does it."""
        self._wait(commit(self.node.endpoint, keypair, netuid, value))

    def _wait(self, work: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)


async def commit(endpoint: str, keypair: Keypair, netuid: int, value: str) -> None:
    """Signs a commitment and puts it into the pool."""
    from bittensor._transport import SubstrateConnection  # noqa: PLC0415  # only here

    fields = {"fields": [{f"Raw{len(value.encode())}": "0x" + value.encode().hex()}]}
    async with SubstrateConnection(endpoint, ss58_format=42) as connection:
        call = await connection.compose_call(
            "Commitments", "set_commitment", {"netuid": netuid, "info": fields}
        )
        nonce = await connection.get_account_next_index(keypair.ss58_address)
        signed = await connection.sign_without_nonce_tracking(call, keypair, nonce=nonce, era={"period": 64})
        await connection.submit_extrinsic(signed)


@contextlib.contextmanager
def running_node(
    chain: Chain, *, host: str = "127.0.0.1", port: int = 0, block_seconds: float = 1.0
) -> Iterator[RunningNode]:
    """A node that makes a block every so many seconds, until the block ends."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="node", daemon=True)
    thread.start()
    node = Node(chain, host=host, port=port)
    running = RunningNode(node, loop)

    async def make_blocks() -> None:
        while True:
            await asyncio.sleep(block_seconds)
            if not running.standing.is_set():
                await node.advance()

    async def start() -> asyncio.Task[None]:
        await node.open()
        return asyncio.create_task(make_blocks())

    blocks = asyncio.run_coroutine_threadsafe(start(), loop).result()
    try:
        yield running
    finally:
        loop.call_soon_threadsafe(blocks.cancel)
        asyncio.run_coroutine_threadsafe(node.refuse(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
