"""The decision about a weight update: what the signer checks before it commits to anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from podium.core.conditions import Condition, with_condition
from podium.core.kinds import Round, RoundPhase, Subnet, UpdatePhase, WeightUpdate, WeightUpdateStatus
from podium.core.names import update_name
from podium.core.plan import Plan, SetUpdateStatus, in_stages
from podium.core.shares import UNIT
from podium.core.weights import Earned, compose

__all__ = ["SignerWorld", "decide_update"]


@dataclass(frozen=True)
class SignerWorld:
    """A weight update and what it can be checked against, at one moment.

    Attributes:
        subnet: By the name in the update; None when it does not exist.
        rounds: The rounds that the inputs name, by UID, as far as they still exist.
        newer: Whether a later epoch's update of the same target exists.
    """

    update: WeightUpdate
    subnet: Subnet | None
    rounds: Mapping[str, Round]
    newer: bool
    now: datetime


def decide_update(world: SignerWorld) -> Plan:
    """Completes an update of the embedded ledger, or says why it does not."""
    update = world.update
    if update.status.phase.terminal:
        return Plan()
    phase, reason, message, block = _outcome(world)
    generation = update.generation
    done = Condition("Complete", phase is UpdatePhase.VERIFIED, reason, message, world.now, generation)
    status = WeightUpdateStatus(
        observed_generation=generation,
        phase=phase,
        conditions=with_condition(update.status.conditions, done),
        recorded_block=block,
    )
    if status == replace(update.status):
        return Plan()
    return in_stages([SetUpdateStatus(update.name, update.uid, status)], None)


def _outcome(world: SignerWorld) -> tuple[UpdatePhase, str, str, int | None]:
    update, subnet = world.update, world.subnet
    if subnet is None or subnet.uid != update.subnet_uid:
        text = f"there is no Subnet {update.subnet!r} with UID {update.subnet_uid}"
        return UpdatePhase.REFUSED, "SubnetNotFound", text, None
    if subnet.clock is None:
        return UpdatePhase.REFUSED, "ChainNotSupported", "this signer completes ledger updates only", None
    objection = _objection(world, subnet)
    if objection is not None:
        return UpdatePhase.REFUSED, "Inconsistent", objection, None
    block = subnet.clock.block_at(world.now)
    if block > update.valid_until_block:
        text = f"valid until block {update.valid_until_block}, now {block}"
        return (
            (UpdatePhase.SKIPPED, "Superseded", text, None)
            if world.newer
            else (
                UpdatePhase.EXPIRED,
                "Expired",
                text,
                None,
            )
        )
    if subnet.mode != "Set":
        return UpdatePhase.SKIPPED, subnet.mode, f"spec.weights.mode of the Subnet is {subnet.mode}", None
    return UpdatePhase.VERIFIED, "Recorded", f"recorded on the ledger at block {block}", block


def _objection(world: SignerWorld, subnet: Subnet) -> str | None:
    """What is wrong with the update's content, if anything is."""
    update = world.update
    if update.name != update_name(subnet.target_digest, update.epoch_start_block):
        return "the name is not the one of its target and epoch, so it does not lock them"
    total = sum(share.units for share in update.weights) + update.burn_units
    if total != UNIT:
        return f"weights and burned share sum to {Fraction(total, UNIT)}, expected 1"
    for one in update.inputs:
        round_ = world.rounds.get(one.round_uid) if one.round_uid is not None else None
        # A round may have been swept since; its average was copied into the update.
        if round_ is None:
            continue
        if round_.status.phase is not RoundPhase.COMPLETED or round_.status.moving_average != one.average:
            return f"the average of {one.competition} is not the one that round {round_.name} ended with"
    earned = [Earned(one.competition, one.percent, one.payable) for one in update.inputs]
    expected = compose(earned, subnet.when_nobody_earned, subnet.burn_percent)
    if expected is None or expected.weights != update.weights or expected.burn_units != update.burn_units:
        return "the weights do not follow from the inputs"
    return None
