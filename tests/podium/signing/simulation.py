"""Epochs of a subnet whose chain, API server, operator and signer all fail at random."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from fractions import Fraction
from typing import cast

from prometheus_client import CollectorRegistry

from podium.api.translate.subnet import subnet_from_stored
from podium.cluster.client import Client
from podium.cluster.resources import SUBNETS, WEIGHT_UPDATES, Raw
from podium.cluster.store import Store
from podium.core.clock import ChainClock
from podium.core.kinds import ChainTarget, Neuron, WeightUpdate
from podium.core.plan import CreateWeightUpdate
from podium.core.shares import Share, apportion
from podium.core.subnet import SubnetWorld, decide_subnet
from podium.errors import ChainError, ClusterError
from podium.manifests import records
from podium.observability.metrics import Metrics
from podium.reconcile.chain_signing import Binding
from podium.reconcile.execute import Executor
from podium.reconcile.signing import Signing
from podium.reconcile.updates import Updates
from tests.podium.core.ledgers import earning
from tests.podium.core.objects import GENESIS
from tests.podium.signing.memory_chain import MemoryChain, State
from tests.podium.signing.server import SPACE, Killed, Server

__all__ = ["EPOCH", "Simulation", "hotkey"]

EPOCH = 60
SUBNET = "main"
GENESIS_HASH = "0x" + 64 * "9"
_MINERS = 10
_DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def hotkey(name: str) -> str:
    """An address that looks like one."""
    digest = hashlib.sha512(name.encode()).digest()[:47]
    return "5" + "".join(_DIGITS[byte % len(_DIGITS)] for byte in digest)


VALIDATOR, OWNER = hotkey("validator"), hotkey("owner")


@dataclass
class Simulation:
    """One subnet with one validator.

    Attributes:
        clean: Blocks during which nothing but processes failed.
        modes: The mode at each block.
        signed: Block and mode at every signature.
    """

    seed: int
    rng: random.Random = field(init=False)
    server: Server = field(init=False)
    chain: MemoryChain = field(init=False)
    clean: set[int] = field(default_factory=set)
    modes: dict[int, str] = field(default_factory=dict)
    signed: list[tuple[int, str]] = field(default_factory=list)
    average: tuple[Share, ...] = ()
    average_block: int = 0
    _store: Store = field(default_factory=Store)
    _stores: dict[Signing, Store] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._read = Updates(self._store)
        self.rng = random.Random(self.seed)  # noqa: S311  # a simulation must be repeatable
        self.server = Server(self.rng)
        neurons = [Neuron(0, VALIDATOR, 0, 1000, permit=True), Neuron(1, OWNER, 0)]
        neurons += [Neuron(uid + 2, hotkey(f"miner-{uid}"), 0) for uid in range(_MINERS)]
        self.chain = MemoryChain(VALIDATOR, State(neurons=tuple(neurons)), self.server.bytes.__contains__)
        self.chain.interrupt = self._interrupt
        memory = random.Random(self.seed)  # noqa: S311  # a simulation must be repeatable
        self.chain.forgets = lambda: memory.random() < 0.1
        bittensor = {
            "endpoints": ["ws://127.0.0.1:9944"],
            "genesisHash": GENESIS_HASH,
            "netuid": 37,
            "mechanism": 0,
            "hotkey": VALIDATOR,
        }
        weights = {"mode": "Set", "everyBlocks": EPOCH, "burnPercent": 10}
        metadata = {"name": SUBNET, "namespace": SPACE, "uid": "uid-main", "generation": 1}
        self.server.hold(
            SUBNETS,
            {
                "apiVersion": "podium.dev/v1alpha1",
                "kind": "Subnet",
                "metadata": metadata,
                "spec": {"bittensor": bittensor, "weights": weights},
            },
        )

    @property
    def updates(self) -> list[WeightUpdate]:
        """All that exist, oldest epoch first."""
        self._fill(self._store)
        return self._read.all(SPACE)

    @property
    def subnet(self) -> Raw:
        return self.server.objects[SUBNETS.plural, SPACE, SUBNET]

    async def run(self, epochs: int) -> None:
        """So many epochs, and then peace until everything has settled."""
        signing = self._signer()
        while self.chain.head.number < epochs * EPOCH:
            self._happen()
            signing = await self._work(signing)
        self._peace()
        for _ in range(EPOCH):
            self._step(1, quiet=True)
            await self._operate()
            signing = await self._sign(signing)

    # --- what happens -----------------------------------------------------------------------------

    def _happen(self) -> None:
        """A few blocks; the last third of most epochs is quiet, except for processes."""
        late = self.chain.head.number % EPOCH >= 2 * EPOCH // 3 - 1
        quiet = late and self.chain.head.number // EPOCH % 4 != 0
        if quiet:
            self._peace()
        else:
            self._trouble()
        self.server.kills = 0.03
        self._step(self.rng.randint(1, 5), quiet=quiet)

    def _peace(self) -> None:
        self.chain.up = self.chain.includes = True
        self.server.kills = 0.0
        self.server.edit(SUBNET, mode="Set", versionKey=9)

    def _trouble(self) -> None:
        roll = self.rng.random
        self.chain.up = roll() > 0.15
        self.chain.includes = roll() > 0.3
        if roll() < 0.03:
            self.server.edit(SUBNET, mode=self.rng.choice(["Paused", "DryRun", "Set"]))
        if roll() < 0.02:
            self.chain.use_key()
        if roll() < 0.01:
            self.chain.use_key(((self.rng.randrange(2, 12), 65535),))
        if roll() < 0.05:
            self.chain.pool.clear()
        if roll() < 0.02 and self.updates:
            gone = self.updates[-1]
            del self.server.objects[WEIGHT_UPDATES.plural, SPACE, gone.name]
        if roll() < 0.1:
            self.chain.fork(3)

    def _step(self, blocks: int, *, quiet: bool) -> None:
        for _ in range(blocks):
            self.chain.advance(_settled if quiet else self._changed)
            number = self.chain.head.number
            self.modes[number] = self.subnet["spec"]["weights"]["mode"]
            self.clean.discard(number)
            if quiet:
                self.clean.add(number)
                self.chain.finalize(3)
        if not quiet and self.rng.random() > 0.2:
            self.chain.finalize(self.rng.randint(1, 4))
        if self.rng.random() < 0.1:
            self._conclude_round()

    def _changed(self, state: State) -> State:
        """What the chain does by itself: places change hands, permits come and go, rules change."""
        roll, number = self.rng.random, self.chain.head.number + 1
        if roll() < 0.1:
            state = self._reassigned(state, number)
        if roll() < 0.02:
            first, *rest = state.neurons
            state = replace(state, neurons=(replace(first, permit=roll() < 0.5), *rest))
        if roll() < 0.02:
            state = replace(state, version_key=self.rng.choice([0, 9, 10]))
        if roll() < 0.03:
            state = replace(state, commit_reveal=not state.commit_reveal)
        return state

    def _reassigned(self, state: State, number: int) -> State:
        uid = self.rng.randrange(2, len(state.neurons))
        held = {one.hotkey for one in state.neurons}
        name = hotkey(f"miner-{self.rng.randrange(3 * _MINERS)}")
        if name in held:
            return state
        neurons = [Neuron(uid, name, number) if one.uid == uid else one for one in state.neurons]
        return replace(state, neurons=tuple(neurons))

    def _conclude_round(self) -> None:
        final = self.chain.blocks[self.chain.final]
        names = [one.hotkey for one in final.state.neurons if one.uid > 1]
        winners = self.rng.sample(names, 3)
        self.average = apportion({name: Fraction(self.rng.randint(1, 9)) for name in winners})
        self.average_block = final.number

    def _interrupt(self, call: str) -> None:
        if call == "sign":
            self.signed.append((self.chain.head.number, self.subnet["spec"]["weights"]["mode"]))
        if self.rng.random() < self.server.kills:
            raise Killed(call)

    # --- the processes ----------------------------------------------------------------------------

    async def _work(self, signing: Signing) -> Signing:
        try:
            await self._operate()
        except (Killed, ClusterError):
            return signing
        return await self._sign(signing)

    async def _operate(self) -> None:
        """A pass of the operator over the Subnet."""
        raw = self.subnet
        final = self.chain.final
        clock = ChainClock(final, GENESIS + timedelta(seconds=12 * final))
        subnet = replace(subnet_from_stored(raw), clock=clock)
        competitions = (earning("small", self.average, self.average_block),) if self.average else ()
        updates = tuple(one for one in self.updates if one.target_digest == subnet.target_digest)
        for action in decide_subnet(SubnetWorld(subnet, competitions, {}, updates, clock.time)).actions:
            if isinstance(action, CreateWeightUpdate):
                body = records.weight_update_object(raw, action)
                await self.server.create(WEIGHT_UPDATES, SPACE, body)

    def _signer(self) -> Signing:
        client = cast("Client", self.server)
        store = Store()
        executor = Executor(client, store, Metrics(CollectorRegistry()), "signer")
        target = update_target(self.subnet)
        binding = Binding(SPACE, SUBNET, target, self.chain)
        signing = Signing(client, store, executor, bindings=[binding], now=lambda: self.chain.now)
        self._stores[signing] = store
        self._fill(store)
        return signing

    def _fill(self, store: Store) -> None:
        raws = [raw for (plural, _, _), raw in self.server.objects.items() if plural == "weightupdates"]
        store.replace_all(WEIGHT_UPDATES, SPACE, raws, self.server._version)  # its list

    async def _sign(self, signing: Signing) -> Signing:
        """A pass of the signer, at times of two at once; a killed one comes back without memory."""
        signers: Sequence[Signing] = [signing]
        if self.rng.random() < 0.1:
            signers = [signing, self._signer()]
        if self.rng.random() < 0.8:
            for one in signers:
                self._fill(self._stores[one])
        ends = await asyncio.gather(*(self._pass(one) for one in signers))
        for gone in signers[1:] if ends[0] else signers:
            self._stores.pop(gone)
        return signing if ends[0] else self._signer()

    async def _pass(self, signing: Signing) -> bool:
        # As the loop around it does, which takes a pass that failed once more within the same block.
        for _ in range(2):
            try:
                await signing.namespace(SPACE)
            except (ChainError, ClusterError):
                continue
            except Killed:
                return False
            break
        return True


def update_target(subnet: Raw) -> ChainTarget:
    """The chain target of the Subnet."""
    target = subnet_from_stored(subnet).target
    assert target is not None
    return target


def _settled(state: State) -> State:
    """Nothing keeps a validator from setting weights."""
    first, *rest = state.neurons
    return replace(state, neurons=(replace(first, permit=True), *rest), version_key=0)
