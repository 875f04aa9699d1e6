"""The decision about a weight update: what the signer checks before it commits to anything."""

from __future__ import annotations

from podium.core.conditions import Condition, with_condition
from podium.core.kinds import UpdatePhase, WeightUpdateStatus
from podium.core.plan import Plan, SetUpdateStatus, in_stages
from podium.core.signing.objections import objection_of_content
from podium.core.signing.world import SignerWorld

__all__ = ["SignerWorld", "decide_update"]


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
    if status == update.status:
        return Plan()
    return in_stages([SetUpdateStatus(update.name, update.uid, status)], None)


def _outcome(world: SignerWorld) -> tuple[UpdatePhase, str, str, int | None]:
    update, subnet = world.update, world.subnet
    if subnet is None or subnet.uid != update.subnet_uid:
        text = f"there is no Subnet {update.subnet!r} with UID {update.subnet_uid}"
        return UpdatePhase.REFUSED, "SubnetNotFound", text, None
    if subnet.clock is None:
        return UpdatePhase.REFUSED, "NotALedger", "the Subnet is of a chain, and the update is not", None
    objection = objection_of_content(world, subnet)
    if objection is not None:
        return UpdatePhase.REFUSED, "Inconsistent", objection, None
    block = subnet.clock.block_at(world.now)
    if block > update.valid_until_block:
        text = f"valid until block {update.valid_until_block}, now {block}"
        phase, reason = (
            (UpdatePhase.SKIPPED, "Superseded") if world.newer else (UpdatePhase.EXPIRED, "Expired")
        )
        return phase, reason, text, None
    if subnet.mode != "Set":
        return UpdatePhase.SKIPPED, subnet.mode, f"spec.weights.mode of the Subnet is {subnet.mode}", None
    return UpdatePhase.VERIFIED, "Recorded", f"recorded on the ledger at block {block}", block
