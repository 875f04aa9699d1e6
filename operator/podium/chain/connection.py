"""A connection to a chain: a deadline on every call, the next node when one fails, errors of ours."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeVar

import bittensor
import structlog
from bittensor._transport import SubstrateConnection
from bittensor._transport.errors import SubstrateRequestException

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
        endpoint = self.endpoint
        try:
            # Opening brings the runtime's metadata, which is large.
            async with asyncio.timeout(self._open_seconds):
                client = await self._open()
            async with asyncio.timeout(self._call_seconds):
                return await ask(client)
        except PodiumError as error:
            if not isinstance(error, ExtrinsicRefusedError):
                await self.turn()
            raise
        except TimeoutError as error:
            await self.turn()
            text = f"{endpoint}: {what}: no answer in time, {self._call_seconds:g} s"
            raise ChainUnavailableError(text) from error
        except SubstrateRequestException as error:
            refusal = _refusal(error)
            if refusal is not None:
                raise refusal from error
            await self.turn()
            raise ChainUnavailableError(f"{endpoint}: {what}: {_short(error)}") from error
        except Exception as error:  # the SDK raises anything, ValueError and AssertionError too
            await self.turn()
            raise ChainUnavailableError(
                f"{endpoint}: {what}: {type(error).__name__}: {_short(error)}"
            ) from error

    async def turn(self) -> None:
        """Leaves this node; the next call asks the next one."""
        client, self._client = self._client, None
        self._next += 1
        if client is not None:
            # It may hang like everything else, and nothing depends on it.
            with contextlib.suppress(Exception):
                async with asyncio.timeout(1.0):
                    await client.close()

    async def close(self) -> None:
        """Ends the connection."""
        await self.turn()

    async def _open(self) -> bittensor.Client:
        async with self._opening:
            if self._client is not None:
                return self._client
            client = bittensor.Client(
                self.endpoint, policy=self._policy, fallback_endpoints=[], archive_endpoints=[]
            )
            await client.connect()
            found = await raw_of(client).genesis_hash()
            if found != self._genesis_hash:
                await client.close()
                text = f"{self.endpoint} is of the chain with genesis {found}, expected {self._genesis_hash}"
                raise WrongChainError(f"{text}: check the Subnet's endpoints")
            _log.info("connected", endpoint=self.endpoint, spec_version=await client.spec_version())
            self._client = client
            return client


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
