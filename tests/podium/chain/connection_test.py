"""A connection: one at a time, left when a node fails, and nothing of it left behind."""

from __future__ import annotations

import asyncio

import pytest

from podium.chain.connection import Connection
from podium.chain.reading import BittensorReader
from podium.errors import ChainError, ChainUnavailableError
from tests.chain.faults import Answer, Hang
from tests.chain.node import Node
from tests.podium.chain.stage import NETUID, Stage

_SECONDS = 10.0


async def _few_connections(node: Node) -> None:
    async with asyncio.timeout(_SECONDS):
        while node.connections > 1:  # noqa: ASYNC110  # the node has no event for it
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("method", ["chain_getBlockHash", "state_getRuntimeVersion", "state_call"])
async def test_tries_that_hang_leave_no_connections_and_no_tasks(playing: Stage, method: str) -> None:
    connection = Connection(
        [playing.node.endpoint], playing.chain.genesis, NETUID, call_seconds=0.2, open_seconds=0.3
    )
    reader = BittensorReader(connection, playing.target)
    playing.node.faults.plan(method, Hang(), times=1000)
    before = len(asyncio.all_tasks())
    for _ in range(5):
        with pytest.raises(ChainError):
            await reader.view()
    await _few_connections(playing.node)
    assert len(asyncio.all_tasks()) - before < 5
    await connection.close()


async def test_what_fails_late_does_not_end_the_connection_that_others_have_opened_since(
    playing: Stage,
) -> None:
    connection = playing.connection
    begun, released = asyncio.Event(), asyncio.Event()

    async def fails_late(client: object) -> None:
        begun.set()
        await released.wait()
        raise ValueError(str(client))

    late = asyncio.create_task(connection.call(fails_late, "failing late"))
    await begun.wait()
    playing.node.faults.plan("state_call", Answer(-32000, "Client error: busy"))
    with pytest.raises(ChainUnavailableError):
        await playing.signer.view()
    await playing.signer.view()
    opened = connection._client
    released.set()
    with pytest.raises(ChainUnavailableError):
        await late
    assert connection._client is opened


async def test_the_next_node_is_asked_when_one_fails(playing: Stage) -> None:
    async with Node(playing.chain) as other:
        endpoints = ["ws://127.0.0.1:9", playing.node.endpoint, other.endpoint]
        connection = Connection(endpoints, playing.chain.genesis, NETUID, call_seconds=0.5)
        reader = BittensorReader(connection, playing.target)
        with pytest.raises(ChainUnavailableError):
            await reader.view()
        await reader.view()
        playing.node.faults.plan("chain_getFinalizedHead", Hang())
        with pytest.raises(ChainUnavailableError):
            await reader.view()
        await reader.view()
        assert connection.endpoint == other.endpoint
        await connection.close()
