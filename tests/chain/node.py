"""A node: a chain behind a WebSocket."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from tests.chain.chain import Chain, RpcError
from tests.chain.faults import Abort, Answer, Close, Fault, Faults, Hang, LoseReply, Slow, Stale
from tests.chain.rpc import answer

__all__ = ["Node"]

_FINAL_HEAD = "chain_getFinalizedHead"


class Node:
    """Serves a chain from `__aenter__` to `__aexit__`.

    Attributes:
        faults: What is to go wrong.
        calls: How often each method was called.
        witness: Told of each call before and after it was carried out, by its method.
    """

    def __init__(self, chain: Chain, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.chain = chain
        self.faults = Faults()
        self.calls: Counter[str] = Counter()
        self.witness: Callable[[str, str], None] = lambda *_: None
        self._host, self._port = host, port
        self._server: Server | None = None
        self._subscriptions: dict[str, tuple[ServerConnection, str]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def endpoint(self) -> str:
        """The address to give to clients."""
        return f"ws://{self._host}:{self._port}"

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        return len(self._server.connections) if self._server is not None else 0

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.refuse()

    async def open(self) -> None:
        """Accepts connections, on the port of before."""
        self._server = await serve(
            self._serve, self._host, self._port, process_request=self._handshake, max_size=2**24
        )
        self._port = next(iter(self._server.sockets)).getsockname()[1]

    async def refuse(self) -> None:
        """Ends all connections and refuses new ones."""
        if self._server is not None:
            self._server.close(close_connections=True)
            await self._server.wait_closed()
            self._server = None

    async def advance(self, blocks: int = 1) -> None:
        """Makes blocks and tells those who subscribed."""
        for _ in range(blocks):
            self.chain.advance()
            for identifier, (connection, topic) in list(self._subscriptions.items()):
                finalized = topic == "chain_finalizedHead"
                block = self.chain.blocks[self.chain.final if finalized else -1]
                await self._tell(connection, topic, identifier, block.header)

    def _handshake(self, connection: ServerConnection, request: Request) -> Response | None:
        del request
        if not self.faults.too_many_requests:
            return None
        response = connection.respond(HTTPStatus.TOO_MANY_REQUESTS, "too many requests\n")
        response.headers["Retry-After"] = "5"
        return response

    async def _serve(self, connection: ServerConnection) -> None:
        try:
            async for message in connection:
                asked = json.loads(message)
                for request in asked if isinstance(asked, list) else [asked]:
                    # Answers come in any order, as a node's do.
                    task = asyncio.create_task(self._answer(connection, request))
                    self._tasks.add(task)
                    task.add_done_callback(self._tasks.discard)
        except ConnectionClosed:
            return
        finally:
            mine = [key for key, (one, _) in self._subscriptions.items() if one is connection]
            for key in mine:
                del self._subscriptions[key]

    # Any: JSON, here and below.
    async def _answer(self, connection: ServerConnection, request: dict[str, Any]) -> None:
        method, given = request["method"], request.get("params") or []
        parameters = list(given.values()) if isinstance(given, dict) else given
        self.calls[method] += 1
        self.witness(method, "before")
        fault = self.faults.take(method)
        if isinstance(fault, Slow):
            await asyncio.sleep(fault.seconds)
        try:
            reply = {"result": self._result(connection, method, parameters, fault)}
        except RpcError as error:
            reply = {"error": error.error}
        self.witness(method, "after")
        if not await self._broken(connection, fault):
            try:
                await connection.send(json.dumps({"jsonrpc": "2.0", "id": request["id"], **reply}))
            except ConnectionClosed:
                return

    def _result(
        self, connection: ServerConnection, method: str, parameters: list[Any], fault: Fault | None
    ) -> Any:
        if isinstance(fault, Hang | Close | Abort):
            return None
        if isinstance(fault, Answer):
            raise RpcError(fault.code, fault.message, fault.data)
        if isinstance(fault, Stale) and method == _FINAL_HEAD:
            return self.chain.blocks[fault.block].hash
        if method.startswith("chain_subscribe"):
            identifier = f"subscription-{len(self._subscriptions) + 1}-{self.calls[method]}"
            topic = "chain_finalizedHead" if "Finalized" in method else "chain_newHead"
            self._subscriptions[identifier] = (connection, topic)
            return identifier
        if method.startswith("chain_unsubscribe"):
            return self._subscriptions.pop(str(parameters[0]), None) is not None
        if method == "chain_getBlockHash" and parameters == [0] and self.faults.genesis is not None:
            return self.faults.genesis
        return answer(self.chain, method, parameters)

    async def _broken(self, connection: ServerConnection, fault: Fault | None) -> bool:
        """Whether there is no answer."""
        match fault:
            case Close(code):
                await connection.close(code)
            case Abort() | LoseReply():
                connection.transport.abort()
            case Hang():
                return True
            case _:
                return False
        return True

    async def _tell(self, connection: ServerConnection, topic: str, identifier: str, result: Any) -> None:
        body = {"subscription": identifier, "result": result}
        try:
            await connection.send(json.dumps({"jsonrpc": "2.0", "method": topic, "params": body}))
        except ConnectionClosed:
            self._subscriptions.pop(identifier, None)
