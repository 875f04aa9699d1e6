"""A chain in memory: blocks, forks, finality, a pool, nonces, eras, and places that change hands."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from podium.core.kinds import Attempt, ChainView, Commitment, Inclusion, Neuron
from podium.core.signing.world import Sign
from podium.errors import ChainUnavailableError, ExtrinsicRefusedError
from tests.podium.core.objects import GENESIS

__all__ = ["Effect", "Extrinsic", "MemoryChain", "State"]

_PRUNED_AFTER = 256


@dataclass(frozen=True)
class Extrinsic:
    """Weights, or nothing that matters, signed by the validator's key."""

    nonce: int
    birth: int
    death: int
    vector: tuple[tuple[int, int], ...]
    commit: bool
    version_key: int
    salt: int
    foreign: bool = False

    @property
    def data(self) -> str:
        return "0x" + json.dumps(self.__dict__).encode().hex()

    @property
    def hash(self) -> str:
        return "0x" + hashlib.sha256(self.data.encode()).hexdigest()

    @classmethod
    def parsed(cls, data: str) -> Extrinsic:
        fields = json.loads(bytes.fromhex(data[2:]))
        return cls(**{**fields, "vector": tuple((uid, weight) for uid, weight in fields["vector"])})


@dataclass(frozen=True)
class State:
    """What holds after a block.

    Attributes:
        pending: Reveal round, block of the reveal, and vector of commits that wait.
    """

    nonce: int = 0
    neurons: tuple[Neuron, ...] = ()
    row: tuple[tuple[int, int], ...] = ()
    pending: tuple[tuple[int, int, tuple[tuple[int, int], ...]], ...] = ()
    version_key: int = 0
    commit_reveal: bool = False
    rate_limit: int = 10


@dataclass(frozen=True)
class Effect:
    """One extrinsic in a block that became final, and who held which uid then."""

    block: int
    extrinsic: Extrinsic
    error: str | None
    holders: dict[int, str]


@dataclass(frozen=True)
class Block:
    number: int
    hash: str
    state: State
    included: tuple[tuple[Extrinsic, str | None], ...] = ()


@dataclass
class MemoryChain:
    """Implements `SigningChain`; the simulation moves it.

    Attributes:
        hotkey: Whose key it signs with.
        final: Number of the newest finalized block.
        stored: Whether somebody has stored these bytes: asked of everything that is sent.
        up: Whether nodes answer.
        includes: Whether blocks take extrinsics.
        forgets: Whether a node has no events and no state of an old block any more.
        reads_best: Whether it shows blocks that are not final, as a careless client does.
        unstored: Bytes that were sent without having been stored.
    """

    hotkey: str
    state: State
    stored: Callable[[str], bool]
    blocks: list[Block] = field(default_factory=list)
    pool: dict[str, Extrinsic] = field(default_factory=dict)
    final: int = 0
    up: bool = True
    includes: bool = True
    reads_best: bool = False
    forgets: Callable[[], bool] = lambda: False
    interrupt: Callable[[str], None] = lambda _: None
    unstored: list[str] = field(default_factory=list)
    _salt: int = 0

    def __post_init__(self) -> None:
        self.blocks.append(Block(0, _hash(0, 0), self.state))

    @property
    def head(self) -> Block:
        return self.blocks[-1]

    @property
    def now(self) -> datetime:
        """When the best block was made."""
        return GENESIS + timedelta(seconds=12 * self.head.number)

    # --- what happens to it -----------------------------------------------------------------------

    def advance(self, change: Callable[[State], State] = lambda state: state) -> None:
        """One more block: what changes by itself, what is revealed, what the pool has."""
        number = self.head.number + 1
        state = _revealed(change(self.head.state), number)
        included = []
        for extrinsic in sorted(self.pool.values(), key=lambda one: one.nonce):
            if not self.includes or extrinsic.nonce != state.nonce or not self._alive(extrinsic, number):
                continue
            state, error = self._dispatched(extrinsic, replace(state, nonce=state.nonce + 1), number)
            included.append((extrinsic, error))
        self._salt += 1
        self.blocks.append(Block(number, _hash(number, self._salt), state, tuple(included)))
        self._prune()

    def fork(self, depth: int) -> None:
        """Takes back up to `depth` blocks that are not final; what they included is in the pool again."""
        for _ in range(min(depth, self.head.number - self.final)):
            dropped = self.blocks.pop()
            self.pool.update({one.hash: one for one, _ in dropped.included})

    def finalize(self, lag: int) -> None:
        """Everything but the newest `lag` blocks cannot be taken back any more."""
        self.final = max(self.final, self.head.number - lag)

    def use_key(self, vector: tuple[tuple[int, int], ...] = ()) -> None:
        """Somebody else has the key: an extrinsic that is not stored anywhere."""
        self._salt += 1
        birth = self.head.number
        nonce = self.head.state.nonce
        foreign = Extrinsic(nonce, birth, birth + 64, vector, False, 1 << 30, self._salt, foreign=True)
        self.pool[foreign.hash] = foreign

    def effects(self) -> list[Effect]:
        """Every extrinsic that a finalized block includes, oldest first."""
        return [
            Effect(block.number, one, error, {n.uid: n.hotkey for n in block.state.neurons})
            for block in self.blocks[: self.final + 1]
            for one, error in block.included
        ]

    def _prune(self) -> None:
        head = self.head
        known = {one.hash for one, _ in head.included}
        self.pool = {
            key: one
            for key, one in self.pool.items()
            if key not in known and one.nonce >= head.state.nonce and self._alive(one, head.number + 1)
        }

    def _alive(self, extrinsic: Extrinsic, number: int) -> bool:
        return extrinsic.birth <= number < extrinsic.death

    def _dispatched(self, one: Extrinsic, state: State, number: int) -> tuple[State, str | None]:
        own = next((neuron for neuron in state.neurons if neuron.hotkey == self.hotkey), None)
        error = _objection(one, state, own, number)
        if error is not None or own is None:
            return state, error
        moved = replace(own, last_update=number)
        neurons = tuple(moved if neuron is own else neuron for neuron in state.neurons)
        if one.commit:
            pending = (*state.pending, (one.salt, number + 20, one.vector))
            return replace(state, neurons=neurons, pending=pending), None
        return replace(state, neurons=neurons, row=one.vector), None

    # --- SigningChain -----------------------------------------------------------------------------

    async def _answers(self, call: str) -> None:
        self.interrupt(call)
        await asyncio.sleep(0)
        if not self.up:
            raise ChainUnavailableError("no node answers")

    async def view(self) -> ChainView:
        await self._answers("view")
        block = self.head if self.reads_best else self.blocks[self.final]
        state = block.state
        return ChainView(
            block=block.number,
            hash=block.hash,
            time=GENESIS + timedelta(seconds=12 * block.number),
            nonce=state.nonce,
            neurons=state.neurons,
            owner_hotkey=state.neurons[1].hotkey if len(state.neurons) > 1 else None,
            version_key=state.version_key,
            rate_limit=state.rate_limit,
            commit_reveal=state.commit_reveal,
            row=dict(state.row),
            pending=frozenset(reveal for reveal, _, _ in state.pending),
        )

    async def block_hash(self, block: int) -> str:
        await self._answers("block_hash")
        return self.blocks[block].hash

    async def commitments(self, block: int) -> tuple[Commitment, ...]:
        raise NotImplementedError(f"nothing is committed here, at {block} neither")

    async def rows(self, block: int) -> dict[int, dict[int, int]]:
        raise NotImplementedError(f"nobody asks for the rows of block {block}")

    async def sign(self, request: Sign) -> tuple[Attempt, int | None]:
        await self._answers("sign")
        self._salt += 1
        birth = request.birth_block
        death = birth + request.period
        made = Extrinsic(
            request.nonce, birth, death, request.vector, request.commit, request.version_key, self._salt
        )
        attempt = Attempt(request.nonce, birth, death, made.data, made.hash, birth)
        return attempt, self._salt if request.commit else None

    async def submit(self, data: str) -> None:
        await self._answers("submit")
        if not self.stored(data):
            self.unstored.append(data)
        one = Extrinsic.parsed(data)
        if one.nonce < self.head.state.nonce:
            raise ExtrinsicRefusedError("NonceTooLow", "the transaction is outdated")
        if not self._alive(one, self.head.number + 1):
            raise ExtrinsicRefusedError("EraExpired", "the transaction has an ancient birth block")
        rival = next((o for o in self.pool.values() if o.nonce == one.nonce and o.hash != one.hash), None)
        if rival is not None:
            raise ExtrinsicRefusedError("PoolPriority", "another transaction has this nonce")
        self.pool[one.hash] = one
        self.interrupt("submitted")

    async def close(self) -> None:
        """There is no connection."""

    async def find(self, hashes: Sequence[str], first: int, last: int) -> Inclusion | None:
        await self._answers("find")
        for block in self.blocks[first : last + 1]:
            for one, error in block.included:
                if one.hash in hashes:
                    if self.forgets():
                        return Inclusion(one.hash, block.number, block.hash, known=False)
                    holders = {neuron.uid: neuron.hotkey for neuron in block.state.neurons}
                    return Inclusion(one.hash, block.number, block.hash, error, holders=holders)
        return None


def _objection(one: Extrinsic, state: State, own: Neuron | None, number: int) -> str | None:
    """Why the chain does not do what an extrinsic asks for."""
    too_fast = own is not None and own.last_update and number - own.last_update < state.rate_limit
    disabled = "CommitRevealEnabled" if state.commit_reveal else "CommitRevealDisabled"
    rules = {
        "Remark": not one.vector,
        "HotKeyNotRegisteredInSubNet": own is None,
        "NeuronNoValidatorPermit": own is not None and not own.permit,
        "SettingWeightsTooFast": too_fast,
        "IncorrectWeightVersionKey": one.version_key < state.version_key,
        disabled: one.commit != state.commit_reveal,
        "UidVecContainInvalidOne": any(uid >= len(state.neurons) for uid, _ in one.vector),
    }
    return next((name for name, broken in rules.items() if broken), None)


def _revealed(state: State, number: int) -> State:
    due = [one for one in state.pending if one[1] <= number]
    if not due:
        return state
    rest = tuple(one for one in state.pending if one[1] > number)
    return replace(state, row=due[-1][2], pending=rest)


def _hash(number: int, salt: int) -> str:
    return "0x" + hashlib.sha256(f"{number}/{salt}".encode()).hexdigest()
