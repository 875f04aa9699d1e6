"""A connection to a chain: a deadline on every call, the next node when one fails, errors of ours."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeVar

import bittensor
import structlog
from bittensor._substrate import RpcSubstrate
from bittensor._transport import SubstrateConnection
from bittensor._transport.errors import SubstrateRequestException
from bittensor.settings import SS58_FORMAT, resolve_endpoint

from podium.errors import ChainUnavailableError, ExtrinsicRefusedError, PodiumError, WrongChainError

__all__ = ["CALL_SECONDS", "Connection"]

_log = structlog.get_logger(__name__)
_T = TypeVar("_T")

CALL_SECONDS: Final = 30.0
"""Nothing is awaited longer: the SDK waits for ever when a node ends a connection in an orderly way."""

_ALREADY_IMPORTED: Final = 1013
_REFUSALS: Final = (
    ("outdated", "NonceTooLow"),
    ("ancient birth block", "EraExpired"),
    ("bad signature", "BadSignature"),
    ("will be valid in the future", "NonceTooHigh"),
    ("priority", "PoolPriority"),
    ("immediately dropped", "PoolFull"),
    ("custom error: 6", "RateLimited"),
    ("custom error: 1", "StakeTooLow"),
)
"""What nodes say when they do not take an extrinsic, and the reasons that conditions have."""


class Connection:
    """A chain's nodes as one.

    Args:
        endpoints: Addresses, tried in this order and round again.
        genesis_hash: A node of another chain is refused by it.
        netuid: The only subnet that anything is ever signed for.
        call_seconds: How long an answer may take once the connection is open.
        open_seconds: How long opening it may take.
    """

    def __init__(
        self,
        endpoints: Sequence[str],
        genesis_hash: str,
        netuid: int,
        *,
        call_seconds: float = CALL_SECONDS,
        open_seconds: float = CALL_SECONDS,
    ) -> None:
        self._call_seconds, self._open_seconds = call_seconds, open_seconds
        self._endpoints = tuple(endpoints)
        self._genesis_hash = genesis_hash
        # Of what the SDK would send by itself; what we send is signed for the target's subnet alone.
        self._policy = bittensor.Policy(allowed_netuids=[netuid])
        self._next = 0
        self._client: bittensor.Client | None = None
        self._opening = asyncio.Lock()

    @property
    def endpoint(self) -> str:
        """The node that is asked now."""
        return self._endpoints[self._next % len(self._endpoints)]

    async def call(self, ask: Callable[[bittensor.Client], Awaitable[_T]], what: str) -> _T:
        """Asks the node, and turns to the next one if it does not answer.

        Raises:
            ChainUnavailableError: It did not answer in time, or not what can be understood.
            WrongChainError: It is of another chain.
            ExtrinsicRefusedError: It does not take an extrinsic.
        """
        endpoint, client = self.endpoint, None
        try:
            # Opening brings the runtime's metadata, which is large.
            async with asyncio.timeout(self._open_seconds):
                client = await self._open()
            async with asyncio.timeout(self._call_seconds):
                return await ask(client)
        except ExtrinsicRefusedError:
            raise
        except PodiumError:
            await self._leave(client)
            raise
        except TimeoutError as error:
            await self._leave(client)
            seconds = self._open_seconds if client is None else self._call_seconds
            text = f"{endpoint}: {what}: no answer in {seconds:g} s"
            raise ChainUnavailableError(text) from error
        except Exception as error:  # the SDK raises anything, ValueError and AssertionError too
            refusal = _refusal(error) if isinstance(error, SubstrateRequestException) else None
            if refusal is not None:
                raise refusal from error
            await self._leave(client)
            text = f"{endpoint}: {what}: {type(error).__name__}: {_short(error)}"
            raise ChainUnavailableError(text) from error

    async def turn(self) -> None:
        """Leaves this node; the next call asks the next one."""
        await self._leave(self._client)

    async def close(self) -> None:
        """Ends the connection."""
        await self.turn()

    async def _leave(self, client: bittensor.Client | None) -> None:
        """Leaves the node of a client; another one may have been opened since, and that one stays."""
        if client is not self._client:
            return
        self._client = None
        self._next += 1
        if client is not None:
            await _end(raw_of(client))

    async def _open(self) -> bittensor.Client:
        async with self._opening:
            if self._client is None:
                self._client = await self._connected(self.endpoint)
            return self._client

    async def _connected(self, endpoint: str) -> bittensor.Client:
        _, url = resolve_endpoint(endpoint)
        # The SDK's client would lose hold of a connection that hangs while it is opened.
        raw = SubstrateConnection(url, ss58_format=SS58_FORMAT, fallback_urls=[])
        try:
            await raw.initialize()
            self._check_chain(endpoint, await raw.genesis_hash())
            substrate = RpcSubstrate(url)
            substrate._substrate = raw  # noqa: SLF001  # as its own `connect` does
            client = bittensor.Client(url, substrate=substrate, policy=self._policy)
            _log.info("connected", endpoint=endpoint, spec_version=await client.spec_version())
        except BaseException:
            await _end(raw)
            raise
        return client

    def _check_chain(self, endpoint: str, found: str) -> None:
        if found != self._genesis_hash:
            text = f"{endpoint} is of the chain with genesis {found}, expected {self._genesis_hash}"
            raise WrongChainError(f"{text}: check the Subnet's endpoints")


async def _end(raw: SubstrateConnection) -> None:
    """Closes a connection. It may hang like everything else, and nothing depends on it."""
    with contextlib.suppress(Exception):
        async with asyncio.timeout(1.0):
            await raw.close()


def raw_of(client: bittensor.Client) -> SubstrateConnection:
    """The SDK's transport: explicit nonces, eras and raw bytes are not to be had above it."""
    # Any: the SDK's public seam does not declare it; the version is pinned.
    substrate: Any = client._substrate  # noqa: SLF001
    raw: SubstrateConnection = substrate.raw
    return raw


def _refusal(error: SubstrateRequestException) -> ExtrinsicRefusedError | None:
    """The refusal of an extrinsic, if the error is one. Codes 1010 to 1016 are the pool's."""
    payload = error.payload or {}
    details = payload.get("error") if isinstance(payload.get("error"), dict) else payload
    code = details.get("code") if isinstance(details, dict) else None
    if not isinstance(code, int) or not 1000 < code < 1100:  # noqa: PLR2004  # the range of author_* errors
        return None
    text = str(error).lower()
    if code == _ALREADY_IMPORTED:
        return ExtrinsicRefusedError("AlreadyImported", _short(error))
    reason = next((reason for needle, reason in _REFUSALS if needle in text), "Refused")
    return ExtrinsicRefusedError(reason, _short(error))


def _short(error: BaseException) -> str:
    return str(error)[:300] or type(error).__name__
