"""A chain that its owner moves: blocks, a pool, finality that lags, state that is pruned."""

import json
from dataclasses import dataclass, field
from typing import Final

from bittensor._transport.codec import RuntimeCodec

from tests.chain.extrinsic import Extrinsic, hash_of, parse
from tests.chain.metadata import SPEC_VERSION
from tests.chain.pallet import DispatchError, dispatch
from tests.chain.scale import compact
from tests.chain.storage import Storage
from tests.chain.subnet import PALLET, Subnet

__all__ = ["Block", "Chain", "Dispatched", "RpcError", "new_subnet"]

GENESIS_TIME: Final = 1_767_225_600
"""1 January 2026."""

_KEPT_STATES: Final = 256


class RpcError(Exception):
    """What a node answers instead of a result."""

    def __init__(self, code: int, message: str, data: str | None = None) -> None:
        super().__init__(message)
        self.error = {"code": code, "message": message, **({} if data is None else {"data": data})}


@dataclass(frozen=True)
class Dispatched:
    """An extrinsic that a block includes, and the error that it ended with."""

    extrinsic: Extrinsic
    error: str | None


@dataclass
class Block:
    """One block; its state is None once it is pruned."""

    number: int
    hash: str
    header: dict[str, object]
    state: Storage | None
    included: tuple[Dispatched, ...] = ()


@dataclass
class Chain:
    """Everything that one node knows.

    Attributes:
        state: After the best block; what a test changes here is in the next block.
        lag: How many blocks finality is behind.
        final: Number of the newest finalized block.
        stalled: Whether finality stands still.
        includes: Whether blocks take extrinsics out of the pool.
        refuses: Name of the error that every call of the subnets' pallet ends with, whatever it asks for.
        pool_limit: How many extrinsics wait at most.
        genesis_time: When block 0 was made, in seconds since 1970.
        block_seconds: What lies between two blocks by their timestamps.
    """

    metadata: bytes
    spec_version: int = SPEC_VERSION
    lag: int = 3
    final: int = 0
    stalled: bool = False
    includes: bool = True
    refuses: str | None = None
    pool_limit: int = 100
    genesis_time: int = GENESIS_TIME
    block_seconds: int = 12
    blocks: list[Block] = field(default_factory=list)
    pool: dict[str, Extrinsic] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.codec = RuntimeCodec(
            self.metadata,
            spec_version=self.spec_version,
            transaction_version=1,
            spec_name="node-subtensor",
        )
        self.state = Storage(self.codec)
        self.numbers: dict[str, int] = {}
        self._errors = {
            (pallet.name, error.name): bytes([3, pallet.index, error.index, 0, 0, 0])
            for pallet in self.codec.metadata_ir().pallets
            for error in pallet.errors
        }
        self._seal(())

    # --- reading ----------------------------------------------------------------------------------

    @property
    def height(self) -> int:
        """Number of the best block."""
        return len(self.blocks) - 1

    @property
    def genesis(self) -> str:
        """Hash of block 0."""
        return self.blocks[0].hash

    def block(self, block_hash: str | None) -> Block:
        """The block of a hash; the best one without."""
        if block_hash is None:
            return self.blocks[-1]
        number = self.numbers.get(block_hash)
        if number is None:
            raise RpcError(-32000, f"Client error: UnknownBlock: Header was not found: {block_hash}")
        return self.blocks[number]

    def state_of(self, block_hash: str | None) -> Storage:
        """The state after a block, as long as the node keeps it."""
        block = self.block(block_hash)
        if block.state is None:
            text = f"Client error: UnknownBlock: State already discarded for {block.hash}"
            raise RpcError(4003, text)
        return block.state

    def nonce(self, account: str, state: Storage | None = None) -> int:
        """How many extrinsics of an account have been included."""
        account_info = (self.state if state is None else state).get("System", "Account", account)
        return int(account_info["nonce"])

    def next_index(self, account: str) -> int:
        """The first nonce that is neither used nor waiting."""
        nonce = self.nonce(account)
        waiting = {one.nonce for one in self.pool.values() if one.signer == account}
        while nonce in waiting:
            nonce += 1
        return nonce

    def subnet(self, netuid: int) -> Subnet:
        """A subnet in the state that the next block begins with."""
        return Subnet(self.state, netuid)

    # --- the pool ---------------------------------------------------------------------------------

    def submit(self, raw: bytes) -> Extrinsic:
        """Takes an extrinsic into the pool, or says why not, in a node's words."""
        try:
            one = parse(raw, self.codec, self.height, self.genesis, self._hash)
        except (ValueError, IndexError, KeyError) as error:
            raise RpcError(1002, "Verification Error: Runtime error: Execution failed", str(error)) from error
        invalid = "Invalid Transaction"
        if one.hash in self.pool or any(one.hash == seen.hash for seen in self._recent()):
            raise RpcError(1013, f"Transaction is already imported: {one.hash}")
        if not one.signature_valid:
            # A wrong era changes what was signed, so it shows as a signature that does not fit.
            raise RpcError(1010, invalid, "Transaction has a bad signature")
        if not one.alive(self.height + 1):
            raise RpcError(1010, invalid, "Transaction has an ancient birth block")
        if one.nonce < self.nonce(one.signer):
            raise RpcError(1010, invalid, "Transaction is outdated")
        if any((other.signer, other.nonce) == (one.signer, one.nonce) for other in self.pool.values()):
            raise RpcError(1014, "Priority is too low: (1 vs 1)", "The transaction has too low priority")
        if len(self.pool) >= self.pool_limit:
            raise RpcError(1016, "Immediately Dropped", "The transaction couldn't enter the pool")
        self.pool[one.hash] = one
        return one

    def _recent(self) -> list[Extrinsic]:
        return [done.extrinsic for block in self.blocks[-8:] for done in block.included]

    def _hash(self, number: int) -> str | None:
        return self.blocks[number].hash if 0 <= number <= self.height else None

    # --- blocks -----------------------------------------------------------------------------------

    def advance(self, blocks: int = 1) -> None:
        """Makes blocks; each includes what the pool has and can be included."""
        for _ in range(blocks):
            number = self.height + 1
            waiting = sorted(self.pool.values(), key=lambda one: one.nonce) if self.includes else ()
            # One after another: each makes room for the next nonce.
            included = [
                self._include(one, number)
                for one in waiting
                if one.nonce == self.nonce(one.signer) and one.alive(number)
            ]
            self._seal(tuple(included))
            if not self.stalled:
                self.final = max(self.final, self.height - self.lag)

    def _include(self, one: Extrinsic, number: int) -> Dispatched:
        account = self.state.get("System", "Account", one.signer)
        self.state.put("System", "Account", one.signer, value={**account, "nonce": one.nonce + 1})
        attempt = self.state.copy()
        try:
            self._carry_out(attempt, one, number)
        except DispatchError as error:
            return Dispatched(one, f"{error.pallet}.{error.name}")
        self.state = attempt
        return Dispatched(one, None)

    def _carry_out(self, state: Storage, one: Extrinsic, number: int) -> None:
        if self.refuses is not None:
            raise DispatchError(self.refuses)
        dispatch(state, one, number)

    def _seal(self, included: tuple[Dispatched, ...]) -> None:
        number = len(self.blocks)
        parent = self.blocks[-1].hash if self.blocks else "0x" + 64 * "0"
        self.state.put("Timestamp", "Now", value=1000 * (self.genesis_time + self.block_seconds * number))
        self.state.values[self.state.key("System", "Events")] = self._events(included)
        roots = {
            "stateRoot": hash_of(repr(sorted(self.state.values.items())).encode()),
            "extrinsicsRoot": hash_of(b"".join(one.extrinsic.raw for one in included)),
        }
        header: dict[str, object] = {"parentHash": parent, "number": hex(number), "digest": {"logs": []}}
        header |= roots
        block_hash = hash_of(json.dumps(header).encode())
        self.blocks.append(Block(number, block_hash, header, self.state.copy(), included))
        self.numbers[block_hash] = number
        if number > _KEPT_STATES:
            self.blocks[number - _KEPT_STATES].state = None
        gone = {one.extrinsic.hash for one in included}
        self.pool = {
            key: one
            for key, one in self.pool.items()
            if key not in gone and one.alive(number + 1) and one.nonce >= self.nonce(one.signer)
        }

    def _events(self, included: tuple[Dispatched, ...]) -> bytes:
        """`System.Events`: a fee and an end of each extrinsic."""
        info = compact(1000) + compact(0) + b"\x00\x00"
        records = b""
        for index, one in enumerate(included):
            phase = b"\x00" + index.to_bytes(4, "little")
            records += phase + b"\x06\x00" + _public(one.extrinsic.raw) + (0).to_bytes(16, "little") + b"\x00"
            if one.error is None:
                records += phase + b"\x00\x00" + info + b"\x00"
            else:
                pallet, name = one.error.split(".")
                records += phase + b"\x00\x01" + self._errors[pallet, name] + info + b"\x00"
        return compact(2 * len(included)) + records

    def forget_states(self) -> None:
        """Prunes everything that is not the newest finalized block or after it."""
        for block in self.blocks[: self.final]:
            block.state = None


def _public(raw: bytes) -> bytes:
    """The signer's public key out of an extrinsic's bytes."""
    start = 1 if raw[0] & 3 == 0 else 2 if raw[0] & 3 == 1 else 4
    return raw[start + 2 : start + 34]


def new_subnet(chain: Chain, netuid: int) -> Subnet:
    """An empty subnet with the usual rules."""
    chain.state.put(PALLET, "NetworksAdded", netuid, value=True)
    chain.state.put(PALLET, "SubnetworkN", netuid, value=0)
    subnet = chain.subnet(netuid)
    subnet.set_rule("Tempo", 360)
    subnet.set_rule("WeightsSetRateLimit", 100)
    subnet.set_rule("MinAllowedWeights", 1)
    subnet.set_rule("MaxWeightsLimit", 65535)
    subnet.set_rule("CommitRevealWeightsEnabled", False)
    subnet.set_rule("RevealPeriodEpochs", 1)
    return subnet
