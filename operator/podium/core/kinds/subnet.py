"""A subnet and the weight updates that it receives."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Literal

from podium.core.clock import Clock
from podium.core.conditions import Condition
from podium.core.kinds.chain import Attempt, ChainTarget, SpentNonce
from podium.core.shares import Share
from podium.core.weights import ScheduleEntry

__all__ = [
    "Subnet",
    "SubnetStatus",
    "UpdatePhase",
    "Verification",
    "WeightInput",
    "WeightUpdate",
    "WeightUpdateStatus",
]


@dataclass(frozen=True)
class SubnetStatus:
    """Everything that the operator writes on a Subnet."""

    observed_generation: int = 0
    conditions: tuple[Condition, ...] = ()
    head_block: int | None = None
    head_time: datetime | None = None
    discovered_block: int | None = None
    last_update: str | None = None
    last_update_epoch: int | None = None
    last_update_phase: str | None = None


@dataclass(frozen=True)
class Subnet:
    """What time it is and where weights go.

    Attributes:
        clock: None for a chain that has not been read yet.
        target: None for the embedded ledger.
        endpoints: Addresses of nodes, or the name of a network.
        target_digest: Names the chain target: the lock of its weight updates.
    """

    name: str
    uid: str
    namespace: str
    generation: int
    clock: Clock | None
    target_digest: str
    schedule: tuple[ScheduleEntry, ...]
    every_blocks: int
    burn_percent: int
    mode: Literal["Set", "DryRun", "Paused"]
    when_nobody_earned: Literal["KeepLast", "Burn"]
    target: ChainTarget | None = None
    endpoints: tuple[str, ...] = ()
    version_key: int = 0
    discovery: bool = False
    consensus_min_stake: int | None = None
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
    """One competition's contribution, copied in so that the update explains itself.

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
class Verification:
    """What the chain holds at a finalized block, compared with what was meant."""

    block: int
    matches: bool
    message: str


@dataclass(frozen=True)
class WeightUpdateStatus:
    """Everything that the signer writes on a WeightUpdate.

    Attributes:
        recorded_block: Of the ledger, at which the weights were recorded.
        uids_block: At which hotkeys were looked up.
        uids: Hotkey and the uid that it had then.
        vector: Uid and weight, as the chain gets them, in order of uid.
        spent: Nonces of attempts that ended without effect.
        submitted: When bytes were first handed to a node.
        included_hash: Of the block that includes the extrinsic.
        finalized_block: The finalized block at which that was seen.
        reveal_round: Of the public randomness, at which committed weights are revealed.
    """

    observed_generation: int = 0
    phase: UpdatePhase = UpdatePhase.PENDING
    conditions: tuple[Condition, ...] = ()
    recorded_block: int | None = None
    uids_block: int | None = None
    uids: tuple[tuple[str, int], ...] = ()
    vector: tuple[tuple[int, int], ...] = ()
    attempts: tuple[Attempt, ...] = ()
    spent: tuple[SpentNonce, ...] = ()
    submitted: datetime | None = None
    included_block: int | None = None
    included_hash: str | None = None
    finalized_block: int | None = None
    reveal_round: int | None = None
    verification: Verification | None = None


@dataclass(frozen=True)
class WeightUpdate:
    """One epoch's weights of one subnet."""

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
    target: ChainTarget | None = None
    version_key: int = 0
    status: WeightUpdateStatus = WeightUpdateStatus()
