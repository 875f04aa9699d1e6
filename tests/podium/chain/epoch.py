"""One epoch's weights: an update in an API server in memory, a signer, and a node that fails when told."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from fractions import Fraction
from typing import cast

from prometheus_client import CollectorRegistry

from podium.api.translate.subnet import subnet_from_stored
from podium.api.translate.weight_update import update_from_stored
from podium.chain.protocol import SigningChain
from podium.cluster.client import Client
from podium.cluster.resources import SUBNETS, WEIGHT_UPDATES, Raw
from podium.cluster.store import Store
from podium.core.clock import ChainClock
from podium.core.conditions import Condition, find_condition
from podium.core.kinds import UpdatePhase, WeightUpdate
from podium.core.plan import CreateWeightUpdate
from podium.core.shares import apportion
from podium.core.subnet import SubnetWorld, decide_subnet
from podium.errors import ChainError, ClusterError
from podium.manifests import records
from podium.observability.metrics import Metrics
from podium.reconcile.chain_signing import Binding
from podium.reconcile.execute import Executor
from podium.reconcile.signing import Signing
from tests.podium.chain.stage import MINERS, Stage
from tests.podium.core.ledgers import earning
from tests.podium.core.objects import GENESIS
from tests.podium.reconcile.recording import Recording

__all__ = ["EVERY", "EXPECTED", "Epoch", "assert_settled"]

EVERY = 120
EXPECTED = {2: 65535, 3: 21845}
"""The row of the first two miners, who earned three quarters and one."""
_ALICE, _BOB = MINERS[0].ss58_address, MINERS[1].ss58_address


@dataclass
class Epoch:
    """Composes the update of the epoch that the chain is in, and lets signers work on it.

    Attributes:
        errors: What passes ended with.
        chain: What the signer speaks to, if it is not the stage's own.
    """

    stage: Stage
    every: int = EVERY
    server: Recording = field(default_factory=Recording)
    errors: list[str] = field(default_factory=list)
    chain: SigningChain | None = None

    def __post_init__(self) -> None:
        target = self.stage.target
        bittensor = {
            "endpoints": ["ws://127.0.0.1:9944"],
            "genesisHash": target.genesis_hash,
            "netuid": target.netuid,
            "mechanism": target.mechanism,
            "hotkey": target.hotkey,
        }
        spec = {"bittensor": bittensor, "weights": {"everyBlocks": self.every}}
        metadata = {"name": "main", "namespace": "games", "uid": "uid-main", "generation": 1}
        head = {"apiVersion": "podium.dev/v1alpha1", "kind": "Subnet"}
        self.subnet = self.server.hold(SUBNETS, {**head, "metadata": metadata, "spec": spec})
        self.signer = self.new_signer()

    # --- the processes ----------------------------------------------------------------------------

    def new_signer(self) -> Signing:
        """A signer that remembers nothing."""
        client, self.store = cast("Client", self.server), Store()
        executor = Executor(client, self.store, Metrics(CollectorRegistry()), "signer")
        binding = Binding("games", "main", self.stage.target, self.chain or self.stage.signer)
        return Signing(client, self.store, executor, bindings=[binding], now=lambda: GENESIS)

    async def compose(self) -> None:
        """A pass of the operator."""
        final = self.stage.chain.final
        clock = ChainClock(final, GENESIS + timedelta(seconds=12 * final))
        subnet = replace(subnet_from_stored(self.subnet), clock=clock)
        average = apportion({_ALICE: Fraction(3), _BOB: Fraction(1)})
        world = SubnetWorld(subnet, (earning("small", average, 1),), {}, tuple(self.updates), clock.time)
        for action in decide_subnet(world).actions:
            if isinstance(action, CreateWeightUpdate):
                body = records.weight_update_object(self.subnet, action)
                await self.server.create(WEIGHT_UPDATES, "games", body)

    async def work(self) -> None:
        """A pass of the signer."""
        self.store.replace_all(WEIGHT_UPDATES, "games", self._raws, 10**9)
        try:
            await self.signer.namespace("games")
        except (ChainError, ClusterError) as error:
            self.errors.append(f"{type(error).__name__}: {error}")

    async def run(self, blocks: int, *, compose: bool = True) -> None:
        """So many blocks, with a pass after each."""
        for _ in range(blocks):
            if compose:
                await self.compose()
            await self.work()
            await self.stage.node.advance()

    async def run_epoch(self) -> None:
        """To the end of the epoch and until its weights must be known."""
        await self.run(self.every - self.stage.chain.height % self.every)

    @property
    def _raws(self) -> list[Raw]:
        return [one for (kind, _, _), one in self.server.objects.items() if kind == "weightupdates"]

    # --- what came of it --------------------------------------------------------------------------

    @property
    def updates(self) -> list[WeightUpdate]:
        """All that exist, oldest epoch first."""
        raws: list[Raw] = [
            one for (kind, _, _), one in self.server.objects.items() if kind == "weightupdates"
        ]
        return sorted(map(update_from_stored, raws), key=lambda one: one.epoch_start_block)

    @property
    def update(self) -> WeightUpdate:
        """The first one."""
        return self.updates[0]

    @property
    def effects(self) -> list[int]:
        """Blocks in which weights, or a commit of some, took effect."""
        return [
            block.number
            for block in self.stage.chain.blocks
            for one in block.included
            if one.error is None and "weights" in one.extrinsic.function
        ]

    def condition(self, kind: str) -> Condition:
        """A condition of the first update."""
        found = find_condition(self.update.status.conditions, kind)
        assert found is not None, self.update.status.conditions
        return found


def assert_settled(epoch: Epoch) -> None:
    """The update is verified, there was exactly one effect, and who earned something has it."""
    assert epoch.update.status.phase is UpdatePhase.VERIFIED, (epoch.update.status.conditions, epoch.errors)
    assert len(epoch.effects) == 1
    assert epoch.stage.row().items() >= EXPECTED.items()
