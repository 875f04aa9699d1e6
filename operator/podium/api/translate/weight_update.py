"""WeightUpdate, between the cluster and the decisions."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from podium.api import subnet as stored_subnet
from podium.api import weight_update as stored
from podium.api.translate.common import conditions_from, conditions_to, created, shares_from, shares_to
from podium.core.kinds import UpdatePhase, WeightInput, WeightUpdate, WeightUpdateStatus
from podium.core.names import digest
from podium.core.plan import CreateWeightUpdate
from podium.core.shares import UNIT, format_units, parse_units

__all__ = ["update_from_stored", "update_spec_to_stored", "update_status_to_stored"]


# Any: the JSON of a Kubernetes object, here and below.
def update_from_stored(raw: dict[str, Any]) -> WeightUpdate:
    """A WeightUpdate as decisions see it.

    Raises:
        pydantic.ValidationError: The object does not fit the schema.
    """
    parsed = stored.WeightUpdate.model_validate(raw)
    metadata, spec, status = parsed.metadata, parsed.spec, parsed.status
    return WeightUpdate(
        name=metadata.name,
        uid=metadata.uid,
        namespace=metadata.namespace,
        generation=metadata.generation,
        created=created(metadata),
        subnet=spec.subnet.name,
        subnet_uid=spec.subnet.uid,
        target_digest=_target_digest(spec),
        epoch_start_block=spec.epoch.start_block,
        epoch_end_block=spec.epoch.end_block,
        valid_until_block=spec.valid_until_block,
        weights=shares_to(spec.weights),
        burn_units=parse_units(spec.burn_share),
        inputs=tuple(_input(one) for one in spec.inputs),
        status=WeightUpdateStatus(
            observed_generation=status.observed_generation,
            phase=UpdatePhase(status.phase or "Pending"),
            conditions=conditions_to(status.conditions),
            recorded_block=status.recorded_block,
        ),
    )


def _input(one: stored.WeightInput) -> WeightInput:
    return WeightInput(
        competition=one.competition,
        percent=Fraction(one.percent),
        round=one.round.name if one.round else None,
        round_uid=one.round.uid if one.round else None,
        round_block=one.round.block if one.round else None,
        average=shares_to(one.average),
        payable=shares_to(one.payable),
    )


def _target_digest(spec: stored.WeightUpdateSpec) -> str:
    target = spec.target.bittensor
    if target is None:
        return digest("ledger", spec.subnet.uid)
    return digest("bittensor", target.genesis_hash, target.netuid, target.mechanism, target.hotkey)


def update_spec_to_stored(action: CreateWeightUpdate, subnet_raw: dict[str, Any]) -> dict[str, Any]:
    """The spec of a new update, its target copied from the Subnet."""
    subnet = stored_subnet.Subnet.model_validate(subnet_raw)
    return stored.WeightUpdateSpec(
        subnet=stored.SubnetReference(name=subnet.metadata.name, uid=subnet.metadata.uid),
        target=stored.Target(ledger=subnet.spec.ledger, bittensor=subnet.spec.bittensor),
        epoch=stored.Epoch(start_block=action.epoch_start_block, end_block=action.epoch_end_block),
        valid_until_block=action.valid_until_block,
        mode="DryRun" if subnet.spec.weights.mode == "DryRun" else "Set",
        version_key=subnet.spec.weights.version_key,
        weights=shares_from(action.weights),
        burn_share=format_units(action.burn_units),
        inputs=tuple(_stored_input(one) for one in action.inputs),
    ).stored()


def _stored_input(one: WeightInput) -> stored.WeightInput:
    reference = None
    if one.round is not None and one.round_uid is not None and one.round_block is not None:
        reference = stored.RoundReference(name=one.round, uid=one.round_uid, block=one.round_block)
    return stored.WeightInput(
        competition=one.competition,
        percent=_percent_text(one.percent),
        round=reference,
        average=shares_from(one.average),
        payable=shares_from(one.payable),
    )


def _percent_text(percent: Fraction) -> str:
    """A percent as a decimal; exact, since percents are whole units of 10⁻¹⁸."""
    units = percent / 100 * UNIT
    return f"{(Decimal(units.numerator) / (UNIT // 100)).normalize():f}"


def update_status_to_stored(status: WeightUpdateStatus) -> dict[str, Any]:
    """A decided status as the API server stores it."""
    done = next((one for one in status.conditions if one.type == "Complete"), None)
    return stored.WeightUpdateStatus.model_validate(
        {
            "observedGeneration": status.observed_generation,
            "phase": status.phase.value,
            "conditions": [one.stored() for one in conditions_from(status.conditions)],
            "recordedBlock": status.recorded_block,
            "reason": done.reason if done else None,
            "message": done.message if done else "",
        }
    ).stored()
