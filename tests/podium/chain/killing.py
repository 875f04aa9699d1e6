"""A chain and an API server that end the process that talks to them, before or after what it asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from podium.chain.protocol import SigningChain
from podium.cluster.resources import Raw, Resource
from podium.core.kinds import Attempt, ChainView, Commitment, Inclusion
from podium.core.signing.world import Sign
from tests.podium.reconcile.recording import Recording

__all__ = ["Countdown", "Killed", "KillingChain", "KillingServer"]


class Killed(BaseException):
    """The process is gone."""


@dataclass
class Countdown:
    """Kills at one of the moments that it sees, counted from 1; 0 never does."""

    at: int = 0
    seen: int = 0

    def pass_by(self) -> None:
        """One moment between two instructions."""
        self.seen += 1
        if self.seen == self.at:
            raise Killed


@dataclass
class KillingChain:
    """Another `SigningChain`, with a moment before and after each of its calls."""

    chain: SigningChain
    moment: Callable[[], None]

    async def view(self) -> ChainView:
        self.moment()
        return await self.chain.view()

    async def block_hash(self, block: int) -> str:
        return await self.chain.block_hash(block)

    async def commitments(self, block: int) -> tuple[Commitment, ...]:
        return await self.chain.commitments(block)

    async def rows(self, block: int) -> dict[int, dict[int, int]]:
        return await self.chain.rows(block)

    async def sign(self, request: Sign) -> tuple[Attempt, int | None]:
        self.moment()
        signed = await self.chain.sign(request)
        self.moment()
        return signed

    async def submit(self, data: str) -> None:
        self.moment()
        await self.chain.submit(data)
        self.moment()

    async def find(self, hashes: Sequence[str], first: int, last: int) -> Inclusion | None:
        self.moment()
        found = await self.chain.find(hashes, first, last)
        self.moment()
        return found


class KillingServer(Recording):
    """An API server in memory, with a moment before and after each write of a status."""

    def __init__(self, moment: Callable[[], None]) -> None:
        super().__init__()
        self._moment = moment

    async def replace_status(self, resource: Resource, observed: Raw, status: Raw) -> Raw:
        self._moment()
        written = await super().replace_status(resource, observed, status)
        self._moment()
        return written
