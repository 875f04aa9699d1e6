"""The decision about a weight update: what the signer checks before it commits to anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction

from podium.core.conditions import Condition, with_condition
from podium.core.kinds import (
    Round,
    RoundPhase,
    Subnet,
    UpdatePhase,
    WeightInput,
    WeightUpdate,
    WeightUpdateStatus,
)
from podium.core.names import update_name
from podium.core.plan import Plan, SetUpdateStatus, in_stages
from podium.core.shares import UNIT, Share
from podium.core.standings import payable
from podium.core.weights import Earned, active_entry, compose

__all__ = ["SignerWorld", "decide_update"]


@dataclass(frozen=True)
class SignerWorld:
    """A weight update and what it can be checked against, at one moment.

    Attributes:
        subnet: By the name in the update; None when it does not exist.
        rounds: The rounds that the inputs name, by UID, as far as they still exist.
        newer: Whether a later epoch's update of the same target exists.
        last_paid: What each competition contributed to the newest earlier update that was checked.
    """

    update: WeightUpdate
    subnet: Subnet | None
    rounds: Mapping[str, Round]
    newer: bool
    now: datetime
    last_paid: Mapping[str, tuple[Share, ...]] = field(default_factory=dict)


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
    if update.valid_until_block != update.epoch_end_block:
        return "it would be valid beyond its epoch"
    objection = _schedule_objection(update, subnet)
    for one in update.inputs:
        objection = objection or _input_objection(one, world)
    if objection is not None:
        return objection
    earned = [Earned(one.competition, one.percent, one.payable) for one in update.inputs]
    expected = compose(earned, subnet.when_nobody_earned, subnet.burn_percent)
    if expected is None or expected.weights != update.weights or expected.burn_units != update.burn_units:
        return "the weights do not follow from the inputs"
    return None


def _schedule_objection(update: WeightUpdate, subnet: Subnet) -> str | None:
    """Whether the percents are the schedule's; without one they are equal shares of what was there."""
    entry = active_entry(subnet.schedule, update.epoch_start_block)
    if entry is None:
        return None
    expected = sorted((name, Fraction(percent)) for name, percent in entry.percents)
    if sorted((one.competition, one.percent) for one in update.inputs) != expected:
        return "the percents are not those of the Subnet's schedule"
    return None


def _input_objection(one: WeightInput, world: SignerWorld) -> str | None:
    """Whether a contribution follows from the average of its round."""
    round_ = world.rounds.get(one.round_uid) if one.round_uid is not None else None
    # A round may have been swept since; its average was copied into the update.
    if round_ is not None and (
        round_.status.phase is not RoundPhase.COMPLETED or round_.status.moving_average != one.average
    ):
        return f"the average of {one.competition} is not the one that round {round_.name} ended with"
    if not one.payable or one.payable == world.last_paid.get(one.competition):
        return None
    held = {share.hotkey: share.units for share in one.average}
    # Whatever the threshold was, it was not above the smallest share that is paid.
    threshold = Fraction(min(held.get(share.hotkey, 0) for share in one.payable), UNIT)
    if not threshold or payable(one.average, threshold) != one.payable:
        return f"what {one.competition} pays does not follow from its average"
    return None
