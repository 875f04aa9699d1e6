"""What a chain says of one subnet at one finalized block, and what has been signed for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

__all__ = ["Attempt", "ChainTarget", "ChainView", "Commitment", "Inclusion", "Neuron", "SpentNonce"]


@dataclass(frozen=True)
class ChainTarget:
    """Where weights go: one mechanism of one subnet of one chain, by one hotkey."""

    genesis_hash: str
    netuid: int
    mechanism: int
    hotkey: str


@dataclass(frozen=True)
class Neuron:
    """A place on a subnet and who holds it.

    Attributes:
        registered_block: When the hotkey got the place.
        stake: In the chain's smallest unit.
        permit: Whether its weights count.
        last_update: When it last set or committed weights; its registration where it never did.
    """

    uid: int
    hotkey: str
    registered_block: int
    stake: int = 0
    permit: bool = False
    last_update: int = 0


@dataclass(frozen=True)
class Commitment:
    """What a hotkey has written on the chain for a subnet."""

    hotkey: str
    block: int
    value: str


@dataclass(frozen=True)
class ChainView:
    """A subnet as one hotkey sees it at one finalized block; everything is of that block.

    Attributes:
        time: When the block was made.
        nonce: Of the hotkey's next extrinsic: how many it has had included.
        neurons: In order of uid.
        stake_threshold: Least stake that sets weights.
        rate_limit: Blocks that must lie between two weight sets of a hotkey.
        max_weight: Largest part of a vector that one entry may have, of 65535.
        commit_reveal: Whether weights must be committed first.
        reveal_period: Epochs of the chain between a commit and its reveal.
        tempo: Blocks of an epoch of the chain.
        row: The hotkey's own weights, by uid.
        pending: Reveal rounds of the hotkey's commits that have not been revealed.
    """

    block: int
    hash: str
    time: datetime
    nonce: int
    neurons: tuple[Neuron, ...]
    owner_hotkey: str | None = None
    stake_threshold: int = 0
    version_key: int = 0
    rate_limit: int = 100
    min_allowed: int = 1
    max_weight: int = 65535
    commit_reveal: bool = False
    reveal_period: int = 1
    tempo: int = 360
    row: Mapping[int, int] = field(default_factory=dict)
    pending: frozenset[int] = frozenset()

    @cached_property
    def by_hotkey(self) -> Mapping[str, Neuron]:
        """Neurons by the hotkey that holds them."""
        return {neuron.hotkey: neuron for neuron in self.neurons}


@dataclass(frozen=True)
class Attempt:
    """Signed bytes: stored before they are sent, and the only ones that are ever sent again.

    Attributes:
        birth_block: First block that may include them.
        death_block: First block that may not.
        bytes: ``0x`` and hex.
        signed_block: The finalized block that they were signed from.
    """

    nonce: int
    birth_block: int
    death_block: int
    bytes: str
    hash: str
    signed_block: int


@dataclass(frozen=True)
class SpentNonce:
    """A nonce with which nothing of ours can take effect any more, and why."""

    nonce: int
    block: int
    reason: str


@dataclass(frozen=True)
class Inclusion:
    """One of our extrinsics in a finalized block.

    Attributes:
        error: The chain's name of what went wrong; None when it took effect or nobody can tell any more.
        known: Whether the block's events could still be read.
        holders: Who had which uid in that block; None when its state is gone.
    """

    hash: str
    block: int
    block_hash: str
    error: str | None = None
    known: bool = True
    holders: Mapping[int, str] | None = None
