"""What one decision about a weight update looks at, and what it may ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from podium.core.kinds import (
    Attempt,
    ChainView,
    Inclusion,
    Round,
    Subnet,
    WeightUpdate,
    WeightUpdateStatus,
)
from podium.core.shares import Share

__all__ = ["ChainSide", "Record", "Sign", "SignerWorld", "Step", "Submit", "Wait"]


@dataclass(frozen=True)
class ChainSide:
    """What the signer knows of the chain, its own limits, and what else it has in flight.

    Attributes:
        inclusion: Which of the attempts is in a finalized block; looked for when the nonce has been used.
        sent_block: The finalized block at which the newest attempt was last sent by this process.
        busy: Name of an earlier update of the same hotkey whose bytes may still land.
        newer_rows: Vectors of later updates of the same target that were included.
        most_share: Largest part of a vector that one hotkey may get.
    """

    view: ChainView
    inclusion: Inclusion | None = None
    sent_block: int | None = None
    busy: str | None = None
    newer_rows: tuple[tuple[tuple[int, int], ...], ...] = ()
    most_share: Fraction = Fraction(1)


@dataclass(frozen=True)
class SignerWorld:
    """A weight update and what it can be checked against, at one moment.

    Attributes:
        subnet: By the name in the update; None when it does not exist.
        rounds: The rounds that the inputs name, by UID, as far as they still exist.
        newer: Whether a later epoch's update of the same target exists.
        last_paid: What each competition contributed to the newest earlier update that was checked.
        chain: None for the embedded ledger.
    """

    update: WeightUpdate
    subnet: Subnet | None
    rounds: Mapping[str, Round]
    newer: bool
    now: datetime
    last_paid: Mapping[str, tuple[Share, ...]] = field(default_factory=dict)
    chain: ChainSide | None = None


@dataclass(frozen=True)
class Record:
    """Write a status."""

    status: WeightUpdateStatus


@dataclass(frozen=True)
class Sign:
    """Sign weights, and store the bytes under the status before anybody gets them.

    Attributes:
        nonce: Of the extrinsic.
        birth_block: The finalized block that the bytes are bound to, of hash `birth_hash`.
        period: For how many blocks they may be included; a power of two.
        status: What is stored together with the bytes.
    """

    nonce: int
    birth_block: int
    birth_hash: str
    period: int
    vector: tuple[tuple[int, int], ...]
    version_key: int
    commit: bool
    status: WeightUpdateStatus


@dataclass(frozen=True)
class Submit:
    """Hand stored bytes to a node, again if need be."""

    attempt: Attempt


@dataclass(frozen=True)
class Wait:
    """Nothing to do until the chain has moved."""


Step = Record | Sign | Submit | Wait
