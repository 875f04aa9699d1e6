"""Subnet: what time it is and where weights go."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field, StringConstraints

from podium.api.base import Block, Decimal, Hotkey, Label, Model, Name, Resource, Shares, Word
from podium.api.conditions import Conditions, ObservedGeneration
from podium.api.extensions import ListMap, ListSet, Rule, Sentence, immutable, ruled

__all__ = [
    "SUBNET_RULES",
    "BittensorTarget",
    "CompetitionShare",
    "Head",
    "LastWeightUpdate",
    "LedgerTarget",
    "ScheduleEntry",
    "Subnet",
    "SubnetSpec",
    "SubnetStatus",
    "WeightSettings",
]

SUBNET_RULES: Final = (
    Rule(
        "self.metadata.name.size() <= 63",
        "must have at most 63 characters: it becomes a label",
        ".metadata.name",
    ),
)

Endpoint = Annotated[
    str,
    StringConstraints(max_length=256, pattern=r"^wss?://[^\s/]+(/\S*)?$"),
    Sentence("must be a WebSocket address, ws:// or wss://"),
]
GenesisHash = Annotated[
    str,
    StringConstraints(max_length=66, pattern=r"^0x[0-9a-f]{64}$"),
    Sentence("must be 0x and 64 lower-case hexadecimal digits"),
]


class LedgerTarget(Model):
    """The embedded ledger: blocks follow the wall clock, weights are recorded and go nowhere."""

    genesis_time: datetime | None = None
    """When block `startBlock` began; the Subnet's creation by default."""
    start_block: Block = 0
    block_seconds: Annotated[int, Field(ge=1, le=3600)] = 12


class BittensorTarget(Model):
    """A subnet of a Bittensor chain. What the hotkey signs for cannot be changed."""

    model_config = ConfigDict(
        json_schema_extra=ruled(
            Rule("has(self.network) != has(self.endpoints)", "needs exactly one of network and endpoints")
        )
    )

    network: Name | None = None
    """A network that the SDK knows by name, such as finney or test."""
    endpoints: Annotated[tuple[Endpoint, ...], Field(min_length=1, max_length=8), ListSet()] | None = None
    """Nodes of the chain, tried in this order."""
    genesis_hash: Annotated[GenesisHash, immutable("is immutable: another chain is another Subnet")]
    """A node of another chain is refused by it."""
    netuid: Annotated[int, Field(ge=1, le=65535), immutable("is immutable: create another Subnet")]
    mechanism: Annotated[int, Field(ge=0, le=15), immutable("is immutable: create another Subnet")] = 0
    hotkey: Annotated[
        Hotkey,
        Sentence("must be an SS58 address of 47 or 48 base58 characters"),
        immutable("is immutable: create another Subnet for another hotkey"),
    ]
    """The validator's hotkey; the key itself is in the signer only."""


class CompetitionShare(Model):
    """What one competition gets of the subnet's reward."""

    competition: Name
    percent: Annotated[int, Field(ge=1, le=100)]


class ScheduleEntry(Model):
    """How the reward is shared from a block on."""

    start_block: Block
    shares: Annotated[
        tuple[CompetitionShare, ...],
        Field(min_length=1, max_length=32),
        ListMap("competition"),
        Rule("self.map(s, s.percent).sum() == 100", "percents of an entry must sum to 100"),
    ]


class WeightSettings(Model):
    """When and how weights are set."""

    mode: Literal["Set", "DryRun", "Paused"] = "Set"
    """DryRun composes and checks but sends nothing; Paused composes nothing."""
    every_blocks: Annotated[int, Field(ge=1, le=1_000_000)] = 360
    """Length of an epoch where the chain does not say it."""
    version_key: Annotated[int, Field(ge=0, le=2**53)] = 0
    burn_percent: Annotated[int, Field(ge=0, le=100)] = 0
    """What the subnet owner's hotkey gets instead of participants."""
    when_nobody_earned: Literal["KeepLast", "Burn"] = "KeepLast"
    """What happens to the share of a competition that has nobody to pay."""


class SubnetSpec(Model):
    """Target, shares over time, and how weights are set."""

    model_config = ConfigDict(
        json_schema_extra=ruled(
            Rule("has(self.ledger) != has(self.bittensor)", "needs exactly one of ledger and bittensor"),
            Rule(
                "has(self.ledger) == has(oldSelf.ledger)",
                "cannot change from ledger to bittensor or back: create another Subnet",
                reason="FieldValueForbidden",
            ),
            Rule(
                "self.discovery == 'Disabled' || has(self.bittensor)",
                "Enabled needs bittensor: a ledger has no commitments to read",
                ".discovery",
            ),
        )
    )

    ledger: Annotated[LedgerTarget, immutable("is immutable: create another Subnet")] | None = None
    bittensor: BittensorTarget | None = None
    schedule: Annotated[
        tuple[ScheduleEntry, ...],
        Field(max_length=64),
        ListMap("startBlock"),
        Rule("self.map(e, e.startBlock).isSorted()", "entries must ascend by startBlock"),
    ] = ()
    """Shares over time; without an entry all competitions of the Subnet share equally."""
    discovery: Literal["Enabled", "Disabled"] = "Disabled"
    """Whether commitments on the chain become ModelSubmissions."""
    consensus_min_stake: Decimal | None = None
    """Least stake of a validator whose weights tell which models others pay."""
    weights: WeightSettings = WeightSettings()


class Head(Model):
    """The newest block, written at round and epoch boundaries only."""

    block: Block
    time: datetime


class LastWeightUpdate(Model):
    """The newest WeightUpdate of the Subnet."""

    name: Label
    epoch_start_block: Block
    phase: Word = "Pending"


class SubnetStatus(Model):
    """What the operator knows of the Subnet."""

    observed_generation: ObservedGeneration = 0
    conditions: Conditions = ()
    head: Head | None = None
    discovered_block: Block | None = None
    """Commitments have been read up to here."""
    last_weight_update: LastWeightUpdate | None = None
    last_paid: Shares = ()


class Subnet(Resource):
    """What time it is and where weights go: a Bittensor subnet, or the embedded ledger."""

    spec: SubnetSpec
    status: SubnetStatus = SubnetStatus()
