"""WeightUpdate: one epoch's weights of one subnet, set exactly once."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field, StringConstraints

from podium.api.base import (
    Block,
    CamelCase,
    Digest,
    Hotkey,
    Label,
    Model,
    Resource,
    Share,
    Shares,
    Text,
    Uid,
)
from podium.api.conditions import Conditions, ObservedGeneration
from podium.api.extensions import ListMap, Rule, immutable, ruled
from podium.api.subnet import BittensorTarget, LedgerTarget

__all__ = [
    "WEIGHT_UPDATE_RULES",
    "Attempt",
    "Epoch",
    "Era",
    "HotkeyUid",
    "RoundReference",
    "SpentNonce",
    "SubnetReference",
    "Target",
    "UidWeight",
    "Verification",
    "WeightInput",
    "WeightUpdate",
    "WeightUpdatePhase",
    "WeightUpdateSpec",
    "WeightUpdateStatus",
]

WEIGHT_UPDATE_RULES: Final = (
    Rule(
        "self.spec == oldSelf.spec",
        "is immutable: other weights are another WeightUpdate",
        ".spec",
        "FieldValueForbidden",
    ),
)

WeightUpdatePhase = Literal[
    "Pending", "Signed", "Submitted", "Finalized", "Verified", "Expired", "Refused", "Skipped"
]
"""Verified, Expired, Refused and Skipped are final."""

MAX_UIDS: Final = 4096
"""More neurons than a subnet of the chain has today (256)."""

Percent = Annotated[
    str, StringConstraints(max_length=22, pattern=r"^(\d{1,2}(\.\d{1,18})?|100(\.0{1,18})?)$")
]
Hash = Annotated[str, StringConstraints(max_length=66, pattern=r"^0x[0-9a-f]{64}$")]
NetworkUid = Annotated[int, Field(ge=0, le=65535)]


class SubnetReference(Model):
    """The Subnet whose weights these are."""

    name: Label
    uid: Uid


class Target(Model):
    """Exactly one place that the weights go to, copied from the Subnet."""

    model_config = ConfigDict(
        json_schema_extra=ruled(
            Rule("has(self.ledger) != has(self.bittensor)", "needs exactly one of ledger and bittensor")
        )
    )

    ledger: LedgerTarget | None = None
    bittensor: BittensorTarget | None = None


class Epoch(Model):
    """The blocks that the weights count for, the last one included."""

    model_config = ConfigDict(
        json_schema_extra=ruled(
            Rule("self.startBlock <= self.endBlock", "must not be before startBlock", ".endBlock")
        )
    )

    start_block: Block
    end_block: Block


class RoundReference(Model):
    """The Round that left an average."""

    name: Label
    uid: Uid
    block: Block
    digest: Digest | None = None


class WeightInput(Model):
    """One competition's part, copied in so that the update explains itself."""

    competition: Label
    percent: Percent
    """A decimal string: equal shares of three competitions are no whole percents."""
    round: RoundReference | None = None
    """Absent when no Round has left an average yet."""
    average: Shares = ()
    payable: Shares = ()
    """The average after the threshold."""


class WeightUpdateSpec(Model):
    """What is to be paid, and why."""

    model_config = ConfigDict(
        json_schema_extra=ruled(
            Rule(
                "self.epoch.startBlock <= self.validUntilBlock",
                "must not be before epoch.startBlock",
                ".validUntilBlock",
            ),
            Rule(
                "(self.weights.map(w, double(w.share)).sum() + double(self.burnShare)) > 0.999999999"
                " && (self.weights.map(w, double(w.share)).sum() + double(self.burnShare)) < 1.000000001",
                "must sum to 1 with burnShare",
                ".weights",
            ),
        )
    )

    subnet: SubnetReference
    target: Target
    epoch: Epoch
    valid_until_block: Block
    """After this block the update is not signed any more."""
    mode: Literal["Set", "DryRun"] = "Set"
    version_key: Annotated[int, Field(ge=0, le=2**53)] = 0
    weights: Shares
    """Largest share first."""
    burn_share: Share = "0"
    """What the hotkey of the subnet's owner gets."""
    inputs: Annotated[tuple[WeightInput, ...], Field(max_length=32), ListMap("competition")] = ()


class HotkeyUid(Model):
    """Which neuron a hotkey was at `uidsBlock`."""

    hotkey: Hotkey
    uid: NetworkUid


class UidWeight(Model):
    """One entry of the vector that the chain gets."""

    uid: NetworkUid
    weight: Annotated[int, Field(ge=0, le=65535)]


class Era(Model):
    """The blocks in which signed bytes can be included, the last one excluded."""

    birth_block: Block
    death_block: Block


class Attempt(Model):
    """Signed bytes, stored before they are sent. Only these bytes are ever sent again."""

    nonce: Annotated[int, Field(ge=0, le=2**32 - 1)]
    era: Era
    bytes: Annotated[str, StringConstraints(max_length=65_536, pattern=r"^0x([0-9a-f]{2})+$")]
    hash: Hash
    signed_block: Block | None = None


class SpentNonce(Model):
    """A nonce with which nothing of ours can take effect any more."""

    nonce: Annotated[int, Field(ge=0, le=2**32 - 1)]
    block: Block
    """The finalized block at which that was certain."""
    reason: CamelCase


class Verification(Model):
    """What the chain holds, compared with what was meant."""

    block: Block
    matches: bool
    message: Text = ""


class WeightUpdateStatus(Model):
    """What the signer knows of the update."""

    model_config = ConfigDict(
        json_schema_extra=ruled(
            Rule(
                "!has(oldSelf.phase) || !(oldSelf.phase in ['Verified', 'Expired', 'Refused', 'Skipped'])"
                " || (has(self.phase) && self.phase == oldSelf.phase)",
                "is final: Verified, Expired, Refused and Skipped do not change",
                ".phase",
                "FieldValueForbidden",
            ),
            Rule(
                "!has(oldSelf.attempts) || (has(self.attempts)"
                " && oldSelf.attempts.all(o, self.attempts.exists(n, n.hash == o.hash)))",
                "a stored attempt is never removed",
                ".attempts",
                "FieldValueForbidden",
            ),
            Rule(
                "!has(self.attempts) || self.attempts.all(a,"
                " a.nonce == self.attempts[self.attempts.size() - 1].nonce"
                " || (has(self.spentNonces) && self.spentNonces.exists(s, s.nonce == a.nonce)))",
                "every attempt must have the nonce of the last unless its own is spent:"
                " two nonces could pay twice",
                ".attempts",
            ),
            Rule(
                "!has(oldSelf.spentNonces) || (has(self.spentNonces)"
                " && oldSelf.spentNonces.all(o, self.spentNonces.exists(n, n.nonce == o.nonce)))",
                "a spent nonce stays spent",
                ".spentNonces",
                "FieldValueForbidden",
            ),
            Rule(
                "!has(oldSelf.recordedBlock)"
                " || (has(self.recordedBlock) && self.recordedBlock == oldSelf.recordedBlock)",
                "is immutable",
                ".recordedBlock",
                "FieldValueForbidden",
            ),
        )
    )

    observed_generation: ObservedGeneration = 0
    phase: WeightUpdatePhase | None = None
    conditions: Conditions = ()
    recorded_block: Block | None = None
    """Block of the ledger at which the weights were recorded."""
    uids_block: Block | None = None
    """Block at which hotkeys were looked up."""
    uids: Annotated[tuple[HotkeyUid, ...], Field(max_length=MAX_UIDS), ListMap("hotkey")] = ()
    vector: Annotated[tuple[UidWeight, ...], Field(max_length=MAX_UIDS), ListMap("uid")] = ()
    attempts: Annotated[
        tuple[
            Annotated[Attempt, immutable("a stored attempt does not change: only its bytes are ever sent")],
            ...,
        ],
        Field(max_length=8),
        ListMap("hash"),
    ] = ()
    spent_nonces: Annotated[
        tuple[Annotated[SpentNonce, immutable("does not change: what is spent stays spent")], ...],
        Field(max_length=8),
        ListMap("nonce"),
    ] = ()
    """Nonces of attempts that ended without effect, and why."""
    submitted_time: datetime | None = None
    included_block: Block | None = None
    included_hash: Hash | None = None
    """Of the block that holds the extrinsic."""
    finalized_block: Block | None = None
    reveal_round: Annotated[int, Field(ge=0, le=2**53)] | None = None
    """Round of the public randomness at which the chain reveals committed weights."""
    verification: Verification | None = None
    reason: CamelCase | None = None
    """Why it ended without being verified."""
    message: Text = ""


class WeightUpdate(Resource):
    """One epoch's weights of one subnet, set exactly once. It has no owner and is kept as a record."""

    spec: WeightUpdateSpec
    status: WeightUpdateStatus = WeightUpdateStatus()
