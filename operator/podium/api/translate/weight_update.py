"""WeightUpdate, between the cluster and the decisions."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from podium.api import subnet as stored_subnet
from podium.api import weight_update as stored
from podium.api.translate.common import (
    conditions_from,
    conditions_to,
    created,
    instant,
    shares_from,
    shares_to,
)
from podium.core.conditions import find_condition
from podium.core.kinds import (
    Attempt,
    ChainTarget,
    SpentNonce,
    UpdatePhase,
    Verification,
    WeightInput,
    WeightUpdate,
    WeightUpdateStatus,
)
from podium.core.names import digest
from podium.core.plan import CreateWeightUpdate
from podium.core.shares import UNIT, format_units, parse_units

__all__ = ["target_of", "update_from_stored", "update_spec_to_stored", "update_status_to_stored"]


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
        target=target_of(spec.target.bittensor),
        version_key=spec.version_key,
        status=_status(status),
    )


def target_of(stored_target: stored_subnet.BittensorTarget | None) -> ChainTarget | None:
    """The chain target; None for the embedded ledger."""
    if stored_target is None:
        return None
    return ChainTarget(
        stored_target.genesis_hash, stored_target.netuid, stored_target.mechanism, stored_target.hotkey
    )


def _status(status: stored.WeightUpdateStatus) -> WeightUpdateStatus:
    verification = status.verification
    return WeightUpdateStatus(
        observed_generation=status.observed_generation,
        phase=UpdatePhase(status.phase or "Pending"),
        conditions=conditions_to(status.conditions),
        recorded_block=status.recorded_block,
        uids_block=status.uids_block,
        uids=tuple((one.hotkey, one.uid) for one in status.uids),
        vector=tuple((one.uid, one.weight) for one in status.vector),
        attempts=tuple(_attempt(one) for one in status.attempts),
        spent=tuple(SpentNonce(one.nonce, one.block, one.reason) for one in status.spent_nonces),
        submitted=instant(status.submitted_time),
        included_block=status.included_block,
        included_hash=status.included_hash,
        finalized_block=status.finalized_block,
        reveal_round=status.reveal_round,
        verification=Verification(verification.block, verification.matches, verification.message)
        if verification is not None
        else None,
    )


def _attempt(one: stored.Attempt) -> Attempt:
    era = one.era
    signed = one.signed_block if one.signed_block is not None else era.birth_block
    return Attempt(one.nonce, era.birth_block, era.death_block, one.bytes, one.hash, signed)


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
    done = find_condition(status.conditions, "Complete") or find_condition(status.conditions, "Preflight")
    verification = status.verification
    return stored.WeightUpdateStatus(
        observed_generation=status.observed_generation,
        phase=status.phase.value,
        conditions=conditions_from(status.conditions),
        recorded_block=status.recorded_block,
        uids_block=status.uids_block,
        uids=tuple(stored.HotkeyUid(hotkey=hotkey, uid=uid) for hotkey, uid in status.uids),
        vector=tuple(stored.UidWeight(uid=uid, weight=weight) for uid, weight in status.vector),
        attempts=tuple(_stored_attempt(one) for one in status.attempts),
        spent_nonces=tuple(
            stored.SpentNonce(nonce=one.nonce, block=one.block, reason=one.reason) for one in status.spent
        ),
        submitted_time=status.submitted,
        included_block=status.included_block,
        included_hash=status.included_hash,
        finalized_block=status.finalized_block,
        reveal_round=status.reveal_round,
        verification=stored.Verification(
            block=verification.block, matches=verification.matches, message=verification.message
        )
        if verification is not None
        else None,
        reason=done.reason if done else None,
        message=done.message if done else "",
    ).stored()


def _stored_attempt(one: Attempt) -> stored.Attempt:
    return stored.Attempt(
        nonce=one.nonce,
        era=stored.Era(birth_block=one.birth_block, death_block=one.death_block),
        bytes=one.bytes,
        hash=one.hash,
        signed_block=one.signed_block,
    )
