"""What Podium asks of a chain. Every call has a deadline and fails with an error of ours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from podium.core.kinds import Attempt, ChainView, Commitment, Inclusion
from podium.core.signing.world import Sign

__all__ = ["ReadChain", "SigningChain"]


class ReadChain(Protocol):
    """One subnet of a chain, seen by one hotkey. State is read at recent finalized blocks only.

    Raises of every method:
        ChainUnavailableError: No node answered in time.
        WrongChainError: The nodes are of another chain, or it has no such subnet.
    """

    async def view(self) -> ChainView:
        """Everything that weights depend on, at the newest finalized block."""
        ...

    async def block_hash(self, block: int) -> str:
        """Hash of a finalized block, with ``0x``."""
        ...

    async def commitments(self, block: int) -> tuple[Commitment, ...]:
        """What every hotkey of the subnet has committed, as of a finalized block."""
        ...

    async def rows(self, block: int) -> dict[int, dict[int, int]]:
        """The weights of every validator, as of a finalized block: uid to uid to weight."""
        ...

    async def close(self) -> None:
        """Ends the connection, if there is one; the next call would open another. Raises nothing."""
        ...


class SigningChain(ReadChain, Protocol):
    """The same with the hotkey's key."""

    async def sign(self, request: Sign) -> tuple[Attempt, int | None]:
        """Bytes that set weights, and the round of their reveal if they are committed. Sends nothing."""
        ...

    async def submit(self, data: str) -> None:
        """Hands signed bytes to a node. Done when it has them, or had them already.

        Raises:
            ExtrinsicRefusedError: The node does not take them now; they may still be valid later.
        """
        ...

    async def find(self, hashes: Sequence[str], first: int, last: int) -> Inclusion | None:
        """Which of these extrinsics the finalized blocks from `first` to `last` include."""
        ...
