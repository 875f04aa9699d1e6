"""A subnet and the weight updates that it receives."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Literal

from podium.core.clock import LedgerClock
from podium.core.conditions import Condition
from podium.core.shares import Share
from podium.core.weights import ScheduleEntry

__all__ = ["Subnet", "SubnetStatus", "UpdatePhase", "WeightInput", "WeightUpdate", "WeightUpdateStatus"]


@dataclass(frozen=True)
class SubnetStatus:
    """Everything that the operator writes on a Subnet."""

    observed_generation: int = 0
    conditions: tuple[Condition, ...] = ()
    head_block: int | None = None
    head_time: datetime | None = None
    last_update: str | None = None
    last_update_epoch: int | None = None
    last_update_phase: str | None = None


@dataclass(frozen=True)
class Subnet:
    """What time it is and where weights go.

    Attributes:
        clock: Of the embedded ledger; None for a chain.
        target_digest: Names the chain target: the lock of its weight updates.
    """

    name: str
    uid: str
    namespace: str
    generation: int
    clock: LedgerClock | None
    target_digest: str
    schedule: tuple[ScheduleEntry, ...]
    every_blocks: int
    burn_percent: int
    mode: Literal["Set", "DryRun", "Paused"]
    when_nobody_earned: Literal["KeepLast", "Burn"]
    status: SubnetStatus = SubnetStatus()


class UpdatePhase(enum.StrEnum):
    """Where a weight update is. The last four are terminal."""

    PENDING = "Pending"
    SIGNED = "Signed"
    SUBMITTED = "Submitted"
    FINALIZED = "Finalized"
    VERIFIED = "Verified"
    EXPIRED = "Expired"
    REFUSED = "Refused"
    SKIPPED = "Skipped"

    @property
    def terminal(self) -> bool:
        """Whether the signer is done with the update."""
        return self in {
            UpdatePhase.VERIFIED,
            UpdatePhase.EXPIRED,
            UpdatePhase.REFUSED,
            UpdatePhase.SKIPPED,
        }


@dataclass(frozen=True)
class WeightInput:
    """One competition"s contribution, copied in so that the update explains itself.

    Attributes:
        payable: The average after the threshold.
    """

    competition: str
    percent: Fraction
    round: str | None
    round_uid: str | None
    round_block: int | None
    average: tuple[Share, ...]
    payable: tuple[Share, ...]


@dataclass(frozen=True)
class WeightUpdateStatus:
    """Everything that the signer writes on a WeightUpdate."""

    observed_generation: int = 0
    phase: UpdatePhase = UpdatePhase.PENDING
    conditions: tuple[Condition, ...] = ()
    recorded_block: int | None = None


@dataclass(frozen=True)
class WeightUpdate:
    """One epoch"s weights of one subnet."""

    name: str
    uid: str
    namespace: str
    generation: int
    created: datetime
    subnet: str
    subnet_uid: str
    target_digest: str
    epoch_start_block: int
    epoch_end_block: int
    valid_until_block: int
    weights: tuple[Share, ...]
    burn_units: int
    inputs: tuple[WeightInput, ...] = ()
    status: WeightUpdateStatus = WeightUpdateStatus()
