"""From the store to the worlds that decisions look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeVar

import structlog
from pydantic import ValidationError

from podium.api.translate.competition import competition_from_stored
from podium.api.translate.round import round_from_stored
from podium.api.translate.submission import submission_from_stored
from podium.api.translate.subnet import subnet_from_stored
from podium.api.translate.weight_update import update_from_stored
from podium.cluster.resources import (
    COMPETITIONS,
    JOBS,
    ROUNDS,
    SUBMISSIONS,
    SUBNETS,
    WEIGHT_UPDATES,
    Raw,
)
from podium.cluster.store import Store
from podium.core.clock import sync_block
from podium.core.consensus import awaited
from podium.core.jobs import Job
from podium.core.kinds import Competition, Round, Submission, Subnet
from podium.core.subnet import SubnetWorld
from podium.core.world import CompetitionWorld
from podium.reconcile.chains import Chains, ChainSeen
from podium.reconcile.endings import Endings

__all__ = ["Observer"]

_log = structlog.get_logger(__name__)
_T = TypeVar("_T")


class Observer:
    """Reads worlds out of the store, and keeps what it has parsed for as long as it is current."""

    def __init__(self, store: Store, endings: Endings, chains: Chains | None = None) -> None:
        self._store = store
        self._endings = endings
        self._chains = chains
        self._parsed: dict[str, tuple[str, object]] = {}

    async def competition_world(self, raw: Raw, now: datetime, entropy: bytes) -> CompetitionWorld | None:
        """The world of a competition; None when the object itself cannot be read.

        Raises:
            ClusterError: The result of an ended Job could not be read now.
        """
        competition = self._one(raw, competition_from_stored)
        if competition is None:
            return None
        namespace = competition.namespace
        subnet = self.subnet(namespace, competition.subnet)
        rounds = self._rounds(namespace, competition.uid)
        submitted = self._store.group(SUBMISSIONS, namespace, competition.name)
        submissions = self._many(submitted, submission_from_stored)
        return CompetitionWorld(
            competition=competition,
            subnet=subnet,
            same_id=tuple(one.name for one in self._elder_namesakes(competition)),
            submissions=submissions,
            rounds=rounds,
            unreadable_rounds=self._unreadable_rounds(namespace, competition.uid, rounds),
            unreadable_submissions=len(submitted) - len(submissions),
            jobs=await self._jobs(namespace, competition.uid, now),
            now=now,
            entropy=entropy,
            block_hash=await self._sync_hash(competition, subnet, now),
            registered=self._registered(subnet),
            paid_elsewhere=self._paid_elsewhere(subnet),
        )

    async def _sync_hash(self, competition: Competition, subnet: Subnet | None, now: datetime) -> str | None:
        """On a chain, hash of the newest sync block."""
        if self._chains is None or subnet is None or subnet.target is None or subnet.clock is None:
            return None
        block = subnet.clock.block_at(now)
        sync = sync_block(block, competition.every_blocks, competition.sync_offset_block)
        return await self._chains.block_hash(subnet, sync)

    def _paid_elsewhere(self, subnet: Subnet | None) -> frozenset[str]:
        if self._chains is None or subnet is None:
            return frozenset()
        return self._chains.seen(subnet.uid).paid

    def _registered(self, subnet: Subnet | None) -> dict[str, int] | None:
        """On a chain, who is registered and since when."""
        if self._chains is None or subnet is None or subnet.target is None:
            return None
        view = self._chains.seen(subnet.uid).view
        return {one.hotkey: one.registered_block for one in view.neurons} if view is not None else {}

    async def subnet_world(self, raw: Raw, now: datetime) -> SubnetWorld | None:
        """The world of a subnet, its chain read afresh; None when the object itself cannot be read."""
        subnet = self._one(raw, subnet_from_stored)
        if subnet is None:
            return None
        seen = await self._chains.read(subnet) if self._chains is not None else ChainSeen()
        subnet = self._chains.clocked(subnet) if self._chains is not None else subnet
        namespace = subnet.namespace
        competitions = self._many(
            self._store.group(COMPETITIONS, namespace, subnet.name), competition_from_stored
        )
        eldest = tuple(one for one in competitions if not self._elder_namesakes(one))
        updates = self._many(self._store.all(WEIGHT_UPDATES, namespace), update_from_stored)
        return SubnetWorld(
            subnet=subnet,
            competitions=eldest,
            rounds={one.uid: self._rounds(namespace, one.uid) for one in eldest},
            updates=tuple(one for one in updates if one.target_digest == subnet.target_digest),
            now=now,
            chain_error=seen.error,
            view=seen.view,
            commitments=seen.commitments,
            commitments_block=seen.commitments_block,
            recorded=frozenset(one["metadata"]["name"] for one in self._store.all(SUBMISSIONS, namespace))
            if seen.commitments
            else frozenset(),
            awaited=self._awaited(namespace, eldest, seen.paid),
        )

    def _awaited(
        self, namespace: str, competitions: Iterable[Competition], paid: frozenset[str]
    ) -> tuple[str, ...]:
        """Submissions that other validators pay and that were never evaluated here."""
        if not paid:
            return ()
        names = [one.name for one in competitions]
        raws = [raw for name in names for raw in self._store.group(SUBMISSIONS, namespace, name)]
        return awaited(self._many(raws, submission_from_stored), paid)

    def orphans(self, namespace: str) -> tuple[Submission, ...]:
        """Submissions that name no competition of their namespace."""
        names = {raw["metadata"]["name"] for raw in self._store.all(COMPETITIONS, namespace)}
        raws = [
            raw
            for raw in self._store.all(SUBMISSIONS, namespace)
            if raw.get("spec", {}).get("competition") not in names
        ]
        return self._many(raws, submission_from_stored)

    def subnet(self, namespace: str, name: str) -> Subnet | None:
        """The subnet of this name."""
        raw = self._store.find(SUBNETS, namespace, name)
        subnet = self._one(raw, subnet_from_stored) if raw is not None else None
        return self._chains.clocked(subnet) if subnet is not None and self._chains is not None else subnet

    def chain_block(self, uid: str) -> int | None:
        """The newest finalized block that the pass of a Subnet has read; None on a ledger."""
        view = self._chains.seen(uid).view if self._chains is not None else None
        return view.block if view is not None else None

    def forget(self, uid: str) -> None:
        """Drops what was parsed of an object that is gone."""
        self._parsed.pop(uid, None)
        if self._chains is not None:
            self._chains.forget(uid)

    def _elder_namesakes(self, competition: Competition) -> list[Competition]:
        """Older competitions of the subnet with the same competition id; the oldest has none."""
        others = self._many(
            self._store.group(COMPETITIONS, competition.namespace, competition.subnet),
            competition_from_stored,
        )
        mine = (competition.created, competition.name)
        return [
            one
            for one in others
            if one.competition_id == competition.competition_id and (one.created, one.name) < mine
        ]

    def _rounds(self, namespace: str, competition_uid: str) -> tuple[Round, ...]:
        return self._many(self._store.group(ROUNDS, namespace, competition_uid), round_from_stored)

    def _unreadable_rounds(
        self, namespace: str, competition_uid: str, rounds: Iterable[Round]
    ) -> tuple[str, ...]:
        read = {one.uid for one in rounds}
        raws = self._store.group(ROUNDS, namespace, competition_uid)
        return tuple(sorted(raw["metadata"]["name"] for raw in raws if raw["metadata"]["uid"] not in read))

    async def _jobs(self, namespace: str, competition_uid: str, now: datetime) -> dict[str, Job]:
        raws = [
            raw
            for raw in self._store.group(JOBS, namespace, competition_uid)
            if not raw["metadata"].get("deletionTimestamp")
        ]
        jobs = [await self._endings.job(raw, now) for raw in raws]
        return {job.name: job for job in jobs if job is not None}

    def _many(self, raws: Iterable[Raw], parse: Callable[[Raw], _T]) -> tuple[_T, ...]:
        parsed = (self._one(raw, parse) for raw in raws)
        return tuple(one for one in parsed if one is not None)

    def _one(self, raw: Raw, parse: Callable[[Raw], _T]) -> _T | None:
        """The parsed object. One that cannot be read is left out: it must not stop the others."""
        metadata = raw["metadata"]
        uid, version = metadata["uid"], str(metadata.get("resourceVersion"))
        known = self._parsed.get(uid)
        if known is not None and known[0] == version:
            return known[1]  # type: ignore[return-value]  # a UID has one kind, so one parser
        try:
            value: _T | None = parse(raw)
        except (ValidationError, ValueError, KeyError, TypeError) as error:
            name = f"{metadata.get('namespace')}/{metadata.get('name')}"
            _log.error("object cannot be read", object=name, kind=raw.get("kind"), error=str(error)[:512])
            value = None
        self._parsed[uid] = (version, value)
        return value
