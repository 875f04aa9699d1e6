"""Chains as the operator last saw them: read by the pass of their Subnet, looked at by all others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from podium.chain.protocol import ReadChain
from podium.core.clock import ChainClock
from podium.core.consensus import paid_elsewhere
from podium.core.kinds import ChainTarget, ChainView, Commitment, Subnet
from podium.errors import ChainError

__all__ = ["ChainSeen", "Chains", "OpenChain"]

_log = structlog.get_logger(__name__)

_PAUSE: Final = timedelta(seconds=6)
"""Between two reads, half a block."""

_DISCOVERY_BLOCKS: Final = 5
"""Commitments are read again after so many blocks."""

OpenChain = Callable[[ChainTarget, Sequence[str]], ReadChain]
"""From a target and the addresses of nodes."""


@dataclass(frozen=True)
class ChainSeen:
    """What is known of one subnet's chain.

    Attributes:
        error: Why the newest read failed; the view is then an older one.
        commitments: As of `commitments_block`.
        paid: Hotkeys that other validators pay, if anybody asked.
    """

    view: ChainView | None = None
    error: str | None = None
    commitments: tuple[Commitment, ...] = ()
    commitments_block: int = -1
    paid: frozenset[str] = frozenset()


@dataclass
class Chains:
    """One reader a Subnet, by its UID."""

    open: OpenChain
    now: Callable[[], datetime]
    _readers: dict[str, tuple[tuple[ChainTarget, tuple[str, ...]], ReadChain]] = field(default_factory=dict)
    _seen: dict[str, ChainSeen] = field(default_factory=dict)
    _read_at: dict[str, datetime] = field(default_factory=dict)
    _hashes: dict[tuple[str, int], str] = field(default_factory=dict)

    async def read(self, subnet: Subnet) -> ChainSeen:
        """Reads the chain of a Subnet afresh, unless that was done a moment ago. Never raises for a chain."""
        known, now = self._seen.get(subnet.uid, ChainSeen()), self.now()
        if subnet.target is None or now - self._read_at.get(subnet.uid, now - 2 * _PAUSE) < _PAUSE:
            return known
        self._read_at[subnet.uid] = now
        try:
            seen = await self._read(subnet, subnet.target, known)
        except ChainError as error:
            _log.warning("chain was not read", subnet=subnet.name, error=str(error)[:512])
            seen = replace(known, error=str(error)[:512])
        self._seen[subnet.uid] = seen
        return seen

    async def _read(self, subnet: Subnet, target: ChainTarget, known: ChainSeen) -> ChainSeen:
        reader = self._reader(subnet, target)
        view = await reader.view()
        seen = replace(known, view=view, error=None)
        if not subnet.discovery or view.block - known.commitments_block < _DISCOVERY_BLOCKS:
            return seen
        commitments = await reader.commitments(view.block)
        seen = replace(seen, commitments=commitments, commitments_block=view.block)
        if subnet.consensus_min_stake is None:
            return seen
        rows = await reader.rows(view.block)
        return replace(seen, paid=paid_elsewhere(view, rows, target.hotkey, subnet.consensus_min_stake))

    def seen(self, uid: str) -> ChainSeen:
        """What the Subnet's pass saw last."""
        return self._seen.get(uid, ChainSeen())

    def clocked(self, subnet: Subnet) -> Subnet:
        """The Subnet with the time of its chain, if that has been read."""
        view = self.seen(subnet.uid).view
        if subnet.target is None or view is None:
            return subnet
        return replace(subnet, clock=ChainClock(view.block, view.time))

    async def block_hash(self, subnet: Subnet, block: int) -> str | None:
        """Hash of a finalized block; None when it cannot be had now."""
        if subnet.target is None or block < 0:
            return None
        key = (subnet.uid, block)
        if key not in self._hashes:
            try:
                self._hashes[key] = await self._reader(subnet, subnet.target).block_hash(block)
            except ChainError as error:
                _log.warning("block hash was not read", subnet=subnet.name, error=str(error)[:512])
                return None
        return self._hashes[key]

    def forget(self, uid: str) -> None:
        """Drops what is known of a Subnet that is gone."""
        self._readers.pop(uid, None)
        self._seen.pop(uid, None)
        self._read_at.pop(uid, None)
        self._hashes = {key: value for key, value in self._hashes.items() if key[0] != uid}

    def _reader(self, subnet: Subnet, target: ChainTarget) -> ReadChain:
        wanted = (target, subnet.endpoints)
        known = self._readers.get(subnet.uid)
        if known is None or known[0] != wanted:
            known = (wanted, self.open(target, subnet.endpoints))
            self._readers[subnet.uid] = known
        return known[1]
