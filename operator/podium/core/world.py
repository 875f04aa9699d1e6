"""Everything that one decision about a competition looks at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from podium.core.evidence import Evidence
from podium.core.jobs import Job
from podium.core.kinds import Competition, Round, Submission, Subnet

__all__ = ["CompetitionWorld"]


@dataclass(frozen=True)
class CompetitionWorld:
    """A competition and what belongs to it, at one moment.

    Attributes:
        subnet: None when the competition names one that does not exist.
        same_id: Older competitions of the subnet with the same competition id.
        submissions: Those that name the competition, in any order.
        rounds: Those of the competition's UID, in any order.
        unreadable_rounds: Names of Rounds that exist and could not be read: one of them may be open.
        unreadable_submissions: How many exist and could not be read: what they consist of is not known.
        jobs: Those of the competition's UID, by name.
        evidence: Of contenders of the open round, by the name of its ConfigMap, as far as it was asked for.
        registered: On a chain, the block at which each hotkey of the subnet was registered; None on a ledger.
        paid_elsewhere: On a chain, hotkeys that other validators pay.
        entropy: 32 random bytes, for the seed of a round that is opened now on a ledger.
        block_hash: On a chain, of the newest sync block, once that is finalized; None on a ledger.
    """

    competition: Competition
    subnet: Subnet | None
    same_id: tuple[str, ...]
    submissions: tuple[Submission, ...]
    rounds: tuple[Round, ...]
    jobs: Mapping[str, Job]
    now: datetime
    entropy: bytes
    block_hash: str | None = None
    unreadable_rounds: tuple[str, ...] = ()
    unreadable_submissions: int = 0
    registered: Mapping[str, int] | None = None
    paid_elsewhere: frozenset[str] = frozenset()
    evidence: Mapping[str, Evidence] = field(default_factory=dict)

    @property
    def block(self) -> int | None:
        """The current block, when the subnet tells it."""
        if self.subnet is None or self.subnet.clock is None:
            return None
        return self.subnet.clock.block_at(self.now)

    @property
    def past_rounds(self) -> tuple[Round, ...]:
        """Rounds of the present clock: where a Subnet was made anew, blocks may count from the beginning."""
        block = self.block
        return self.rounds if block is None else tuple(one for one in self.rounds if one.block <= block)

    def recorded_block(self, block: int | None) -> int:
        """A block that was recorded, or -1 where there is none or it is one of an earlier clock."""
        if block is None or (self.block is not None and block > self.block):
            return -1
        return block

    @property
    def open_round(self) -> Round | None:
        """The round that is not over yet."""
        running = [one for one in self.rounds if not one.status.phase.terminal]
        return min(running, key=lambda one: one.block, default=None)

    @property
    def last_round(self) -> Round | None:
        """The newest round that is over."""
        over = [one for one in self.past_rounds if one.status.phase.terminal]
        return max(over, key=lambda one: one.block, default=None)
