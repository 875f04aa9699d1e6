"""Subnet, between the cluster and the decisions."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from podium.api import subnet as stored
from podium.api.translate.common import conditions_from, conditions_to, created, instant
from podium.api.translate.weight_update import target_of
from podium.core.clock import LedgerClock
from podium.core.kinds import Subnet, SubnetStatus
from podium.core.names import digest
from podium.core.weights import ScheduleEntry

__all__ = ["subnet_from_stored", "subnet_status_to_stored"]


# Any: the JSON of a Kubernetes object, here and below.
def subnet_from_stored(raw: dict[str, Any]) -> Subnet:
    """A Subnet as decisions see it.

    Raises:
        pydantic.ValidationError: The object does not fit the schema.
    """
    parsed = stored.Subnet.model_validate(raw)
    metadata, spec = parsed.metadata, parsed.spec
    clock = None
    if spec.ledger is not None:
        genesis = instant(spec.ledger.genesis_time) or created(metadata)
        clock = LedgerClock(genesis, spec.ledger.start_block, spec.ledger.block_seconds)
    return Subnet(
        name=metadata.name,
        uid=metadata.uid,
        namespace=metadata.namespace,
        generation=metadata.generation,
        clock=clock,
        target_digest=_target_digest(parsed),
        schedule=tuple(
            ScheduleEntry(entry.start_block, tuple((one.competition, one.percent) for one in entry.shares))
            for entry in spec.schedule
        ),
        every_blocks=spec.weights.every_blocks,
        burn_percent=spec.weights.burn_percent,
        mode=spec.weights.mode,
        when_nobody_earned=spec.weights.when_nobody_earned,
        target=target_of(spec.bittensor),
        endpoints=_endpoints(spec.bittensor),
        version_key=spec.weights.version_key,
        discovery=spec.discovery == "Enabled",
        consensus_min_stake=rao(spec.consensus_min_stake) if spec.consensus_min_stake else None,
        status=_status(parsed.status),
    )


def _status(status: stored.SubnetStatus) -> SubnetStatus:
    head, update = status.head, status.last_weight_update
    return SubnetStatus(
        observed_generation=status.observed_generation,
        conditions=conditions_to(status.conditions),
        head_block=head.block if head else None,
        head_time=instant(head.time) if head else None,
        discovered_block=status.discovered_block,
        last_update=update.name if update else None,
        last_update_epoch=update.epoch_start_block if update else None,
        last_update_phase=update.phase if update else None,
    )


def _endpoints(target: stored.BittensorTarget | None) -> tuple[str, ...]:
    if target is None:
        return ()
    return target.endpoints if target.endpoints is not None else (target.network or "",)


def rao(stake: str) -> int:
    """A stake in the chain's smallest unit, 10⁻⁹ of the one that people write."""
    return int(Fraction(stake) * 10**9)


def _target_digest(parsed: stored.Subnet) -> str:
    """Names where weights go. Two Subnets of one chain target share it, and so their locks."""
    target = parsed.spec.bittensor
    if target is None:
        return digest("ledger", parsed.metadata.uid)
    return digest("bittensor", target.genesis_hash, target.netuid, target.mechanism, target.hotkey)


def subnet_status_to_stored(status: SubnetStatus) -> dict[str, Any]:
    """A decided status as the API server stores it."""
    head = None
    if status.head_block is not None and status.head_time is not None:
        head = stored.Head(block=status.head_block, time=status.head_time)
    update = None
    if status.last_update is not None and status.last_update_epoch is not None:
        update = stored.LastWeightUpdate(
            name=status.last_update,
            epoch_start_block=status.last_update_epoch,
            phase=status.last_update_phase or "Pending",
        )
    return stored.SubnetStatus(
        observed_generation=status.observed_generation,
        conditions=conditions_from(status.conditions),
        head=head,
        discovered_block=status.discovered_block,
        last_weight_update=update,
    ).stored()
