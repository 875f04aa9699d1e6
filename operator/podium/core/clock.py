"""Blocks, sync blocks and epochs: what time it is for a competition."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

__all__ = [
    "BLOCK_SECONDS",
    "ChainClock",
    "Clock",
    "LedgerClock",
    "epoch_at",
    "epoch_start",
    "next_sync_block",
    "seed_of",
    "sync_block",
    "utc",
]


@dataclass(frozen=True)
class LedgerClock:
    """The embedded ledger's blocks: the wall clock cut into equal pieces.

    Attributes:
        genesis: When `start_block` begins.
        start_block: Number of the first block.
        block_seconds: Length of a block.
    """

    genesis: datetime
    start_block: int
    block_seconds: int

    def block_at(self, moment: datetime) -> int:
        """The block that contains `moment`; never before the first one."""
        elapsed = (moment - self.genesis) // timedelta(seconds=self.block_seconds)
        return self.start_block + max(elapsed, 0)

    def start_of(self, block: int) -> datetime:
        """When `block` begins."""
        return self.genesis + timedelta(seconds=(block - self.start_block) * self.block_seconds)


BLOCK_SECONDS: Final = 12
"""Of a Bittensor chain."""


@dataclass(frozen=True)
class ChainClock:
    """A chain's blocks as far as they are finalized: what it shows stands still until it is read again.

    Attributes:
        block: The newest finalized one that was read.
        time: When it was made.
    """

    block: int
    time: datetime

    def block_at(self, moment: datetime) -> int:  # noqa: ARG002  # the ledger's clock needs it
        """The newest finalized block that was read, whatever the wall clock says."""
        return self.block

    def start_of(self, block: int) -> datetime:
        """About when `block` begins, or began."""
        return self.time + timedelta(seconds=(block - self.block) * BLOCK_SECONDS)


Clock = LedgerClock | ChainClock


def sync_block(block: int, every: int, offset: int) -> int:
    """The newest sync block at `block`: ⌊(block − offset) / every⌋ · every + offset.

    It is negative when no sync block has been reached yet.
    """
    return (block - offset) // every * every + offset


def next_sync_block(block: int, every: int, offset: int) -> int:
    """The first sync block strictly after `block`."""
    return sync_block(block, every, offset) + every


def seed_of(block_hash: str) -> str:
    """A round's seed: SHA-256 of the text of its sync block's hash, with the ``0x``, in hex.

    All validators of a subnet draw the same samples, and nobody knows them before the block is there.
    """
    return hashlib.sha256(block_hash.encode()).hexdigest()


def epoch_start(block: int, every: int) -> int:
    """First block of the epoch that contains `block`; epochs start at the multiples of `every`."""
    return block // every * every


def epoch_at(block: int, every: int, last: tuple[int, int] | None) -> tuple[int, int]:
    """First and last block of the epoch that contains `block`.

    An epoch that has begun keeps its length: another `every` counts from its end on.

    Args:
        block: The present one.
        every: Length of an epoch.
        last: The newest epoch that has begun, if there is one.
    """
    if last is not None and last[0] <= block <= last[1]:
        return last
    start = epoch_start(block, every)
    end = start + every - 1
    if last is not None and last[0] <= block:
        start = max(start, last[1] + 1)
    return start, end


def utc(text: str) -> datetime:
    """A Kubernetes timestamp (RFC 3339) as an aware datetime in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)
