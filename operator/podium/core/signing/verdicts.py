"""Writing down what was concluded about an update, and nothing when it is known already."""

from __future__ import annotations

from dataclasses import replace

from podium.core.conditions import Condition, with_condition
from podium.core.kinds import UpdatePhase, WeightUpdateStatus
from podium.core.signing.world import Record, SignerWorld, Step, Wait

__all__ = ["held", "over", "with_verdict"]


def with_verdict(  # the parts of a condition
    world: SignerWorld, status: WeightUpdateStatus, kind: str, reason: str, message: str, *, holds: bool
) -> WeightUpdateStatus:
    """The status with one condition of this moment."""
    generation = world.update.generation
    new = Condition(kind, holds, reason, message, world.now, generation)
    conditions = with_condition(status.conditions, new)
    return replace(status, observed_generation=generation, conditions=conditions)


def held(world: SignerWorld, reason: str, message: str) -> Step:
    """Not now, and why; it is tried again when the chain has moved."""
    status = with_verdict(world, world.update.status, "Preflight", reason, message, holds=False)
    return Wait() if status == world.update.status else Record(status)


def over(
    world: SignerWorld,
    phase: UpdatePhase,
    reason: str,
    message: str,
    status: WeightUpdateStatus | None = None,
) -> Step:
    """The end of an update."""
    status = replace(world.update.status if status is None else status, phase=phase)
    holds = phase is UpdatePhase.VERIFIED
    return Record(with_verdict(world, status, "Complete", reason, message, holds=holds))
