"""Chains as the operator last saw them: read by the pass of their Subnet, looked at by all others."""

from __future__ import annotations

from collections import defaultdict
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

_MOST_HASHES: Final = 64
"""Kept of one Subnet; a round asks for the one of its sync block, again and again until it opens."""

OpenChain = Callable[[ChainTarget, Sequence[str]], ReadChain]
"""From a target and the addresses of nodes."""


@dataclass(frozen=True)
class ChainSeen:
    """What is known of one subnet's chain.

    Attributes:
        error: Why reads fail, as the first of them told; the view is then an older one.
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
    _hashes: dict[str, dict[int, str]] = field(default_factory=lambda: defaultdict(dict))
    _left: list[ReadChain] = field(default_factory=list)

    async def read(self, subnet: Subnet) -> ChainSeen:
        """Reads the chain of a Subnet afresh, unless that was done a moment ago. Never raises for a chain."""
        now = self.now()
        if subnet.target is None or now - self._read_at.get(subnet.uid, now - 2 * _PAUSE) < _PAUSE:
            return self.seen(subnet.uid)
        self._read_at[subnet.uid] = now
        try:
            reader = self._reader(subnet, subnet.target)
            while self._left:
                await self._left.pop().close()
            seen = await self._read(subnet, subnet.target, reader)
        except ChainError as error:
            _log.warning("chain was not read", subnet=subnet.name, error=str(error)[:512])
            known = self.seen(subnet.uid)
            # Of several nodes each fails in its own words: a status would change with every read.
            seen = replace(known, error=known.error or str(error)[:512])
        self._seen[subnet.uid] = seen
        return seen

    async def _read(self, subnet: Subnet, target: ChainTarget, reader: ReadChain) -> ChainSeen:
        known = self.seen(subnet.uid)
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
        hashes = self._hashes[subnet.uid]
        if block not in hashes:
            try:
                found = await self._reader(subnet, subnet.target).block_hash(block)
            except ChainError as error:
                _log.warning("block hash was not read", subnet=subnet.name, error=str(error)[:512])
                return None
            while len(hashes) >= _MOST_HASHES:
                del hashes[min(hashes)]
            hashes[block] = found
        return hashes[block]

    def forget(self, uid: str) -> None:
        """Drops what is known of a Subnet that is gone."""
        known = self._readers.pop(uid, None)
        if known is not None:
            self._left.append(known[1])
        self._seen.pop(uid, None)
        self._read_at.pop(uid, None)
        self._hashes.pop(uid, None)

    def _reader(self, subnet: Subnet, target: ChainTarget) -> ReadChain:
        wanted = (target, subnet.endpoints)
        known = self._readers.get(subnet.uid)
        if known is None or known[0] != wanted:
            if known is not None:
                self._left.append(known[1])
                self._seen[subnet.uid] = replace(self.seen(subnet.uid), error=None)
            known = (wanted, self.open(target, subnet.endpoints))
            self._readers[subnet.uid] = known
        return known[1]
