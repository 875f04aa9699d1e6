"""Setting the weights of an update on a chain: one step after another, each stored before the next."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction
from typing import Final

import structlog

from podium.api.translate.weight_update import update_status_to_stored
from podium.chain.protocol import SigningChain
from podium.cluster.resources import WEIGHT_UPDATES, Raw
from podium.core.kinds import ChainTarget, ChainView, Inclusion, UpdatePhase, WeightUpdate, WeightUpdateStatus
from podium.core.signing.following import decide_chain_update, open_attempts
from podium.core.signing.verdicts import held, with_verdict
from podium.core.signing.world import ChainSide, Record, Sign, SignerWorld, Step, Submit, Wait
from podium.errors import ChainError, ExtrinsicRefusedError
from podium.reconcile.execute import Executor
from podium.reconcile.updates import Updates

__all__ = ["Binding", "ChainSigning"]

_log = structlog.get_logger(__name__)

_STEPS: Final = 12
"""In a row; an update that is not settled by then waits for the chain like all others."""

Surroundings = Callable[[WeightUpdate], Awaitable[SignerWorld]]
"""Reads afresh what an update is checked against."""


@dataclass(frozen=True)
class Binding:
    """What a signer signs for: one target on behalf of one Subnet, and of nobody else.

    Attributes:
        most_share: Largest part of a vector that one hotkey may get.
    """

    namespace: str
    subnet: str
    target: ChainTarget
    chain: SigningChain
    most_share: Fraction = Fraction(1)

    def covers(self, update: WeightUpdate) -> bool:
        """Whether an update is of this target and Subnet."""
        return (update.namespace, update.subnet, update.target) == (self.namespace, self.subnet, self.target)


@dataclass
class ChainSigning:
    """Takes the steps that are decided, for any number of targets; one update of a key at a time.

    Attributes:
        sent: Which attempt of an update was last sent, by its hash, and at which finalized block; of
            unfinished updates, by their UID, and forgotten with the process.
    """

    updates: Updates
    executor: Executor
    bindings: Sequence[Binding]
    surroundings: Surroundings
    now: Callable[[], datetime]
    sent: dict[str, tuple[str, int]] = field(default_factory=dict)
    _locks: dict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    async def advance(self, update: WeightUpdate, away: set[ChainTarget]) -> None:
        """Takes as many steps as can be taken until the chain has moved.

        Args:
            update: An unfinished one.
            away: Targets whose chain is known not to be there: waiting for it once is enough. Is added to.

        Raises:
            ChainError: The chain was not there; nothing is lost, the next pass goes on.
            ClusterError: A status could not be written; what rests on it was not done.
        """
        binding = next((one for one in self.bindings if one.covers(update)), None)
        if binding is None:
            await self._say_unbound(update)
            return
        if binding.target in away:
            return
        world = await self.surroundings(update)
        # One key has one nonce, whatever it signs for.
        async with self._locks[f"{binding.target.genesis_hash}/{binding.target.hotkey}"]:
            try:
                view = await binding.chain.view()
            except ChainError:
                away.add(binding.target)
                raise
            for _ in range(_STEPS):
                newest = self.updates.newest(update.uid)
                if newest is None or newest[1].status.phase.terminal:
                    self.sent.pop(update.uid, None)
                    return
                raw, current = newest
                side = await self._side(binding, current, view)
                world = replace(world, update=current, chain=side)
                step = decide_chain_update(world)
                if isinstance(step, Wait):
                    return
                await self._take(binding, world, step, raw)

    async def _take(self, binding: Binding, world: SignerWorld, step: Step, raw: Raw) -> None:
        match step:
            case Record():
                await self._write(raw, step.status)
            case Sign():
                attempt, reveal_round = await binding.chain.sign(step)
                attempts = (*step.status.attempts, attempt)
                # Under the version that was decided on: of two signers one stores its bytes.
                await self._write(raw, replace(step.status, attempts=attempts, reveal_round=reveal_round))
            case Submit():
                await self._submit(binding, world, step, raw)
            case Wait():
                return

    async def _submit(self, binding: Binding, world: SignerWorld, step: Submit, raw: Raw) -> None:
        status = world.update.status
        side = world.chain
        self.sent[world.update.uid] = (step.attempt.hash, side.view.block if side is not None else 0)
        try:
            await binding.chain.submit(step.attempt.bytes)
        except ExtrinsicRefusedError as error:
            _log.warning("bytes refused", update=world.update.name, reason=error.reason, error=str(error))
            status = with_verdict(world, status, "Preflight", error.reason, str(error), holds=False)
        else:
            _log.info("bytes sent", update=world.update.name, hash=step.attempt.hash)
            submitted = status.submitted or self.now().replace(microsecond=0)
            status = replace(status, phase=UpdatePhase.SUBMITTED, submitted=submitted)
            text = f"a node has the bytes; they may be included before block {step.attempt.death_block}"
            status = with_verdict(world, status, "Preflight", "Submitted", text, holds=True)
        await self._write(raw, status)

    async def _say_unbound(self, update: WeightUpdate) -> None:
        newest = self.updates.newest(update.uid)
        world = SignerWorld(update, None, {}, newer=False, now=self.now().replace(microsecond=0))
        text = (
            "this signer has no key for the target on behalf of this Subnet: see signer.targets in its values"
        )
        step = held(world, "TargetNotBound", text)
        if newest is not None and isinstance(step, Record):
            await self._write(newest[0], step.status)

    async def _write(self, raw: Raw, status: WeightUpdateStatus) -> None:
        now = self.now().replace(microsecond=0)
        await self.executor.set_status(WEIGHT_UPDATES, raw, update_status_to_stored(status), now)

    async def _side(self, binding: Binding, update: WeightUpdate, view: ChainView) -> ChainSide:
        attempts = open_attempts(update.status)
        sent_hash, sent_block = self.sent.get(update.uid, (None, None))
        newer, busy = [], None
        for other in self._others(update, binding.target):
            if other.status.phase in {UpdatePhase.SIGNED, UpdatePhase.SUBMITTED} or (
                other.status.phase is UpdatePhase.PENDING and open_attempts(other.status)
            ):
                busy = other.name
            later = other.epoch_start_block > update.epoch_start_block and other.target == update.target
            if later and other.status.included_block is not None:
                newer.append(other.status.vector)
        return ChainSide(
            view=view,
            inclusion=await self._inclusion(binding, update, view),
            sent_block=sent_block if attempts and attempts[-1].hash == sent_hash else None,
            busy=busy,
            newer_rows=tuple(newer),
            most_share=binding.most_share,
        )

    def _others(self, update: WeightUpdate, target: ChainTarget) -> list[WeightUpdate]:
        """All other updates that the same key signs."""
        return [
            other
            for namespace in sorted({one.namespace for one in self.bindings})
            for other in self.updates.all(namespace)
            if other.uid != update.uid
            and other.target is not None
            and (other.target.genesis_hash, other.target.hotkey) == (target.genesis_hash, target.hotkey)
        ]

    @staticmethod
    async def _inclusion(binding: Binding, update: WeightUpdate, view: ChainView) -> Inclusion | None:
        """Where our bytes are, once a finalized block shows that their nonce has been used."""
        attempts = open_attempts(update.status)
        if not attempts or view.nonce <= attempts[0].nonce or view.block < attempts[-1].signed_block:
            return None
        first = min(one.birth_block for one in attempts)
        last = min(max(one.death_block for one in attempts) - 1, view.block)
        return await binding.chain.find([one.hash for one in attempts], first, last)
