"""The signer's pass: every unfinished weight update of a namespace, oldest epoch first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog
from pydantic import ValidationError

from podium.api.translate.round import round_from_stored
from podium.api.translate.subnet import subnet_from_stored
from podium.api.translate.weight_update import update_from_stored
from podium.cluster.client import Client
from podium.cluster.resources import ROUNDS, SUBNETS, WEIGHT_UPDATES
from podium.cluster.store import Store
from podium.core.kinds import Round, Subnet, WeightUpdate
from podium.core.signer import SignerWorld, decide_update
from podium.core.subnet import last_paid
from podium.errors import NotFoundError
from podium.reconcile.execute import Executor

__all__ = ["Signing"]

_log = structlog.get_logger(__name__)


class Signing:
    """Completes weight updates; it reads what they name afresh, and never from a cache."""

    def __init__(
        self, client: Client, store: Store, executor: Executor, *, now: Callable[[], datetime]
    ) -> None:
        self._client = client
        self._store = store
        self._executor = executor
        self._now = now

    async def namespace(self, namespace: str) -> datetime | None:
        """One pass; there is nothing to wait for but new updates.

        Raises:
            ClusterError: The API server did not answer.
        """
        updates = [
            update
            for raw in self._store.all(WEIGHT_UPDATES, namespace)
            if (update := _readable(raw)) is not None
        ]
        for update in sorted(updates, key=lambda one: (one.epoch_start_block, one.name)):
            if update.status.phase.terminal:
                continue
            try:
                await self._complete(update, updates)
            except ValueError as error:  # pydantic's ValidationError is one
                # What one update names cannot be read: that must not stop the others.
                _log.error("weight update cannot be checked", name=update.name, error=str(error)[:512])
        return None

    async def _complete(self, update: WeightUpdate, updates: list[WeightUpdate]) -> None:
        now = self._now().replace(microsecond=0)
        world = SignerWorld(
            update=update,
            subnet=await self._subnet(update),
            rounds=await self._rounds(update),
            newer=any(
                one.target_digest == update.target_digest and one.epoch_start_block > update.epoch_start_block
                for one in updates
            ),
            now=now,
            last_paid=last_paid(
                [
                    one
                    for one in updates
                    if one.target_digest == update.target_digest
                    and one.status.phase.terminal
                    and one.epoch_start_block < update.epoch_start_block
                ]
            ),
        )
        owner = {"metadata": {"namespace": update.namespace}}
        await self._executor.execute(decide_update(world), owner, now)

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


def _readable(raw: dict[str, object]) -> WeightUpdate | None:
    try:
        return update_from_stored(raw)
    except (ValidationError, ValueError) as error:
        _log.error(
            "weight update cannot be read", object=str(raw.get("metadata"))[:256], error=str(error)[:512]
        )
        return None
