"""Chains as the operator sees them: read now and then, kept when a node is away, by the hash of a block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from podium.chain.protocol import ReadChain
from podium.core.clock import ChainClock
from podium.core.kinds import ChainTarget, ChainView, Commitment, Neuron, Subnet
from podium.errors import ChainUnavailableError
from podium.reconcile.chains import Chains
from tests.podium.core.objects import GENESIS, a_subnet

_TARGET = ChainTarget("0x" + 64 * "9", 37, 0, "we")
_SUBNET = a_subnet(clock=None, target=_TARGET, endpoints=("ws://one",), discovery=True)


@dataclass
class Reader:
    """A chain of which a test says everything."""

    block: int = 10
    away: bool = False
    excuse: str = "no node answers"
    closed: bool = False
    asked: list[str] = field(default_factory=list)

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self.away:
            raise ChainUnavailableError(self.excuse)

    async def view(self) -> ChainView:
        self._ask("view")
        neurons = (Neuron(0, "we", 0), Neuron(1, "other", 0, 50, permit=True), Neuron(2, "miner", 0))
        return ChainView(self.block, "0x1", GENESIS, 0, neurons)

    async def block_hash(self, block: int) -> str:
        self._ask(f"hash {block}")
        return f"0x{block}"

    async def commitments(self, block: int) -> tuple[Commitment, ...]:
        self._ask(f"commitments {block}")
        return (Commitment("miner", 5, "text"),)

    async def rows(self, block: int) -> dict[int, dict[int, int]]:
        self._ask(f"rows {block}")
        return {1: {2: 65535}}

    async def close(self) -> None:
        self.closed = True


@dataclass
class Bench:
    """Chains over one reader, and a clock."""

    reader: Reader = field(default_factory=Reader)
    opened: list[tuple[ChainTarget, Sequence[str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.now = GENESIS
        self.chains = Chains(self._open, lambda: self.now)

    def _open(self, target: ChainTarget, endpoints: Sequence[str]) -> ReadChain:
        self.opened.append((target, endpoints))
        return self.reader

    async def later(self, blocks: int, subnet: Subnet = _SUBNET) -> None:
        """So many blocks later the Subnet's pass reads again."""
        self.reader.block += blocks
        self.now += timedelta(seconds=12 * blocks)
        await self.chains.read(subnet)


async def test_a_subnet_has_the_time_of_its_chain_once_that_was_read() -> None:
    bench = Bench()
    assert bench.chains.clocked(_SUBNET).clock is None
    await bench.later(1)
    assert bench.chains.clocked(_SUBNET).clock == ChainClock(11, GENESIS)


async def test_a_ledger_is_never_asked_for() -> None:
    bench = Bench()
    await bench.chains.read(a_subnet())
    assert bench.opened == []
    assert bench.chains.clocked(a_subnet()) == a_subnet()


async def test_it_is_read_once_a_moment_and_commitments_every_few_blocks() -> None:
    bench = Bench()
    await bench.later(1)
    await bench.chains.read(_SUBNET)
    assert bench.reader.asked == ["view", "commitments 11"]
    for _ in range(5):
        await bench.later(1)
    assert bench.reader.asked == ["view", "commitments 11", *["view"] * 5, "commitments 16"]


async def test_without_discovery_nobody_asks_for_commitments() -> None:
    bench = Bench()
    await bench.later(1, replace(_SUBNET, discovery=False))
    assert bench.reader.asked == ["view"]


async def test_what_others_pay_is_read_with_the_commitments() -> None:
    bench = Bench()
    await bench.later(1, replace(_SUBNET, consensus_min_stake=50))
    assert bench.chains.seen(_SUBNET.uid).paid == {"miner"}


async def test_while_no_node_answers_the_last_view_stays_and_the_reason_is_told() -> None:
    bench = Bench()
    await bench.later(1)
    bench.reader.away = True
    await bench.later(3)
    seen = bench.chains.seen(_SUBNET.uid)
    assert seen.view is not None
    assert (seen.view.block, seen.error) == (11, "no node answers")
    bench.reader.away = False
    await bench.later(1)
    assert bench.chains.seen(_SUBNET.uid).error is None


async def test_nodes_that_fail_in_turn_do_not_change_what_is_told_until_their_list_is_another() -> None:
    bench = Bench()
    bench.reader.away = True
    await bench.later(1)
    bench.reader.excuse = "another node does not answer"
    await bench.later(1)
    assert bench.chains.seen(_SUBNET.uid).error == "no node answers"
    await bench.later(1, replace(_SUBNET, endpoints=("ws://two",)))
    assert bench.chains.seen(_SUBNET.uid).error == "another node does not answer"


async def test_an_image_that_cannot_open_a_chain_says_so() -> None:
    def refuse(target: ChainTarget, endpoints: Sequence[str]) -> ReadChain:
        raise ChainUnavailableError("the SDK is missing")

    chains = Chains(refuse, lambda: GENESIS)
    assert (await chains.read(_SUBNET)).error == "the SDK is missing"
    assert await chains.block_hash(_SUBNET, 5) is None


async def test_a_hash_is_asked_for_once_and_its_absence_is_no_error() -> None:
    bench = Bench()
    bench.reader.away = True
    assert await bench.chains.block_hash(_SUBNET, 5) is None
    bench.reader.away = False
    assert [await bench.chains.block_hash(_SUBNET, 5) for _ in range(2)] == ["0x5", "0x5"]
    assert bench.reader.asked == ["hash 5", "hash 5"]
    assert await bench.chains.block_hash(_SUBNET, -3) is None
    assert await bench.chains.block_hash(a_subnet(), 5) is None


async def test_hashes_are_not_kept_for_ever() -> None:
    bench = Bench()
    for block in range(200):
        await bench.chains.block_hash(_SUBNET, block)
    bench.reader.asked.clear()
    assert await bench.chains.block_hash(_SUBNET, 199) == "0x199"
    assert bench.reader.asked == []
    assert await bench.chains.block_hash(_SUBNET, 0) == "0x0"
    assert bench.reader.asked == ["hash 0"]


async def test_readers_that_nobody_asks_any_more_are_closed() -> None:
    bench = Bench()
    await bench.later(1)
    first, bench.reader = bench.reader, Reader()
    await bench.later(1, replace(_SUBNET, endpoints=("ws://two",)))
    second, bench.reader = bench.reader, Reader()
    assert (first.closed, second.closed) == (True, False)
    bench.chains.forget(_SUBNET.uid)
    await bench.later(1, replace(_SUBNET, uid="another-uid"))
    assert (second.closed, bench.reader.closed) == (True, False)


async def test_other_endpoints_are_another_reader_and_a_gone_subnet_is_forgotten() -> None:
    bench = Bench()
    await bench.later(1)
    await bench.later(1, replace(_SUBNET, endpoints=("ws://two",)))
    assert [endpoints for _, endpoints in bench.opened] == [("ws://one",), ("ws://two",)]
    bench.chains.forget(_SUBNET.uid)
    assert bench.chains.seen(_SUBNET.uid).view is None
