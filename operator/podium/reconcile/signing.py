"""The signer's pass: every unfinished weight update of a namespace, oldest epoch first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog

from podium.api.translate.round import round_from_stored
from podium.api.translate.subnet import subnet_from_stored
from podium.cluster.client import Client
from podium.cluster.resources import ROUNDS, SUBNETS
from podium.cluster.store import Store
from podium.core.clock import BLOCK_SECONDS
from podium.core.kinds import ChainTarget, Round, Subnet, WeightUpdate
from podium.core.signer import SignerWorld, decide_update
from podium.core.signing.earlier import paid_before
from podium.errors import ChainError, NotFoundError
from podium.reconcile.chain_signing import Binding, ChainSigning
from podium.reconcile.execute import Executor
from podium.reconcile.updates import Updates

__all__ = ["Signing"]

_log = structlog.get_logger(__name__)


class Signing:
    """Completes weight updates; it reads what they name afresh, and never from a cache."""

    def __init__(
        self,
        client: Client,
        store: Store,
        executor: Executor,
        *,
        bindings: Sequence[Binding] = (),
        block_seconds: int = BLOCK_SECONDS,
        now: Callable[[], datetime],
    ) -> None:
        self._client = client
        self._updates = Updates(store)
        self._executor = executor
        self._chains = ChainSigning(self._updates, executor, bindings, self._surroundings, now)
        self._pause = timedelta(seconds=block_seconds)
        self._now = now

    async def namespace(self, namespace: str) -> datetime | None:
        """One pass; an update of a chain is looked at again when the next block may be final.

        Raises:
            ClusterError: The API server did not answer.
            ChainError: A chain did not answer; updates of other targets were not kept from theirs.
        """
        unfinished = [one for one in self._updates.all(namespace) if not one.status.phase.terminal]
        unavailable: ChainError | None = None
        away: set[ChainTarget] = set()
        for update in unfinished:
            try:
                if update.target is None:
                    await self._record(update)
                else:
                    await self._chains.advance(update, away)
            except ValueError as error:  # pydantic's ValidationError is one
                # What one update names cannot be read: that must not stop the others.
                _log.error("weight update cannot be checked", name=update.name, error=str(error)[:512])
            except ChainError as error:
                unavailable = error
        if unavailable is not None:
            raise unavailable
        chained = any(one.target is not None for one in unfinished)
        return self._now() + self._pause if chained else None

    async def _record(self, update: WeightUpdate) -> None:
        """Completes an update of the embedded ledger."""
        now = self._now().replace(microsecond=0)
        owner = {"metadata": {"namespace": update.namespace}}
        await self._executor.execute(decide_update(await self._surroundings(update)), owner, now)

    async def _surroundings(self, update: WeightUpdate) -> SignerWorld:
        updates = self._updates.all(update.namespace)
        return SignerWorld(
            update=update,
            subnet=await self._subnet(update),
            rounds=await self._rounds(update),
            newer=any(
                one.target_digest == update.target_digest and one.epoch_start_block > update.epoch_start_block
                for one in updates
            ),
            now=self._now().replace(microsecond=0),
            last_paid=paid_before(update, updates),
        )

    async def _subnet(self, update: WeightUpdate) -> Subnet | None:
        try:
            raw = await self._client.get(SUBNETS, update.namespace, update.subnet)
        except NotFoundError:
            return None
        return subnet_from_stored(raw)

    async def _rounds(self, update: WeightUpdate) -> dict[str, Round]:
        """The rounds that the inputs name, as far as they still exist, by UID."""
        found = {}
        for one in update.inputs:
            if one.round is None:
                continue
            try:
                round_ = round_from_stored(await self._client.get(ROUNDS, update.namespace, one.round))
            except NotFoundError:
                continue
            found[round_.uid] = round_
        return found
