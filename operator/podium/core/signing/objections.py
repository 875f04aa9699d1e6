"""Whether an update follows from what it says that it was made of."""

from __future__ import annotations

from fractions import Fraction

from podium.core.kinds import RoundPhase, Subnet, WeightInput, WeightUpdate
from podium.core.names import update_name
from podium.core.shares import UNIT
from podium.core.signing.world import SignerWorld
from podium.core.standings import payable
from podium.core.weights import Earned, active_entry, compose

__all__ = ["objection_of_content"]


def objection_of_content(world: SignerWorld, subnet: Subnet) -> str | None:
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
