"""The decision about a subnet: one weight update an epoch, composed from its competitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from podium.core.clock import epoch_at, sync_block
from podium.core.conditions import Condition, with_condition
from podium.core.discovery import Discovered, discover
from podium.core.kinds import (
    ChainView,
    Commitment,
    Competition,
    Round,
    Subnet,
    SubnetStatus,
    UpdatePhase,
    WeightInput,
    WeightUpdate,
)
from podium.core.names import update_name
from podium.core.opening import newest_completed
from podium.core.plan import (
    Action,
    CreateSubmission,
    CreateWeightUpdate,
    Plan,
    ReportCommitments,
    SetSubnetStatus,
    in_stages,
)
from podium.core.shares import UNIT, Share, apportion
from podium.core.standings import payable
from podium.core.weights import Earned, active_entry, compose

__all__ = ["SubnetWorld", "contributions", "decide_subnet", "last_paid"]


@dataclass(frozen=True)
class SubnetWorld:
    """A subnet and what its weights are made of, at one moment.

    Attributes:
        competitions: Those that name the subnet, without the ones whose id an older one holds.
        rounds: Rounds by the UID of their competition.
        updates: Weight updates of the subnet's chain target.
        chain_error: Why a chain could not be read, if it could not.
        view: On a chain, what was read of it last.
        commitments: As of `commitments_block`, which is negative before anything was read.
        recorded: Names of all submissions of the namespace.
        awaited: Submissions that other validators pay and that were never evaluated here.
    """

    subnet: Subnet
    competitions: tuple[Competition, ...]
    rounds: Mapping[str, tuple[Round, ...]]
    updates: tuple[WeightUpdate, ...]
    now: datetime
    chain_error: str | None = None
    view: ChainView | None = None
    commitments: tuple[Commitment, ...] = ()
    commitments_block: int = -1
    recorded: frozenset[str] = frozenset()
    awaited: tuple[str, ...] = ()


def decide_subnet(world: SubnetWorld) -> Plan:
    """The weight update of the current epoch, if it is due, and the subnet's status."""
    subnet, clock = world.subnet, world.subnet.clock
    if clock is None:
        text = world.chain_error or "no node of the chain has answered yet"
        return in_stages(_written(world, _status(world, None, "ChainUnavailable", text)), None)
    block = clock.block_at(world.now)
    begun = [one for one in world.updates if one.epoch_start_block <= block]
    newest = max(begun, key=lambda one: one.epoch_start_block, default=None)
    last = (newest.epoch_start_block, newest.epoch_end_block) if newest is not None else None
    start, end = epoch_at(block, subnet.every_blocks, last)
    actions: list[Action] = []
    name = update_name(subnet.target_digest, start)
    composes = subnet.mode != "Paused" and not _is_newcomer(world)
    if composes and not any(update.name == name for update in world.updates):
        update = _compose(world, name, start, end)
        actions += [update] if update is not None else []
    discovered = _discovered(world)
    actions += [CreateSubmission(one) for one in discovered.found]
    status = _status(world, start, *_connection(world))
    actions += _written(world, replace(status, discovered_block=_discovered_block(world, block)))
    if discovered.unusable:
        actions.append(ReportCommitments(subnet.uid, discovered.unusable))
    return in_stages(actions, clock.start_of(end + 1))


def _is_newcomer(world: SubnetWorld) -> bool:
    """A validator that has set no weights yet first measures what others pay, and does not vote blindly."""
    return bool(world.awaited) and all(one.status.included_block is None for one in world.updates)


def _discovered(world: SubnetWorld) -> Discovered:
    if world.view is None or not world.subnet.discovery:
        return Discovered((), {})
    return discover(
        world.subnet.target_digest, world.view, world.commitments, world.competitions, world.recorded
    )


def _discovered_block(world: SubnetWorld, block: int) -> int | None:
    """How far commitments are known; written when a round waits for it, and not with every block."""
    known = world.subnet.status.discovered_block
    due = max(
        (sync_block(block, one.every_blocks, one.sync_offset_block) for one in world.competitions),
        default=-1,
    )
    read = world.commitments_block
    return read if world.subnet.discovery and read >= max(due, 0) > (known or -1) else known


def contributions(world: SubnetWorld, block: int) -> tuple[WeightInput, ...]:
    """What each competition of the active schedule contributes at `block`, in order of name."""
    competitions = {one.name: one for one in world.competitions}
    inputs = []
    for name, percent in _percents(world, block):
        competition = competitions.get(name)
        if competition is None:
            inputs.append(WeightInput(name, percent, None, None, None, (), ()))
            continue
        source = _newest_average(competition, world.rounds.get(competition.uid, ()), block)
        paid = payable(source[3], competition.threshold)
        inputs.append(WeightInput(name, percent, *source, paid))
    return tuple(inputs)


def _newest_average(
    competition: Competition, rounds: Sequence[Round], block: int
) -> tuple[str | None, str | None, int | None, tuple[Share, ...]]:
    """Name, UID and block of the round that an average comes from, and the average.

    A completed round is newer than the competition's status until its loop has caught up, and a
    swept one is known from there only. What lies ahead of `block` is of a clock that was set back.
    """
    status = competition.status
    newest = newest_completed([one for one in rounds if one.block <= block])
    known = status.average_block is not None and status.average_block <= block
    recorded = status.average_block if known and status.average_block is not None else -1
    if newest is not None and newest.block >= recorded:
        return newest.name, newest.uid, newest.block, newest.status.moving_average
    return status.average_round, status.average_round_uid, status.average_block, status.moving_average


def _percents(world: SubnetWorld, block: int) -> list[tuple[str, Fraction]]:
    """The active entry of the schedule; without a schedule all competitions share equally."""
    entry = active_entry(world.subnet.schedule, block)
    if entry is not None:
        return sorted((name, Fraction(percent)) for name, percent in entry.percents)
    if world.subnet.schedule or not world.competitions:
        return []
    # Whole units, so that the stored percents are exactly the ones that were composed with.
    equal = apportion({one.name: Fraction(1) for one in world.competitions})
    return [(share.hotkey, Fraction(100 * share.units, UNIT)) for share in equal]


def _connection(world: SubnetWorld) -> tuple[str, str]:
    if world.subnet.target is None:
        return "Ledger", "the wall clock tells the block; weights are recorded only"
    if world.chain_error is not None:
        return "ChainUnavailable", world.chain_error
    return "Connected", "finalized blocks are read"


def _permitted(world: SubnetWorld) -> list[tuple[str, bool, str, str]]:
    """On a chain, whether the hotkey's weights count."""
    target, view = world.subnet.target, world.view
    if target is None or view is None:
        return []
    neuron = view.by_hotkey.get(target.hotkey)
    if neuron is None:
        return [("Permitted", False, "NotRegistered", "the hotkey has no uid: register it")]
    if not neuron.permit:
        text = f"uid {neuron.uid} has no validator permit: its weights do not count without more stake"
        return [("Permitted", False, "NoPermit", text)]
    return [("Permitted", True, "Permitted", f"uid {neuron.uid} has a validator permit")]


def _compose(world: SubnetWorld, name: str, start: int, end: int) -> CreateWeightUpdate | None:
    subnet = world.subnet
    inputs = contributions(world, start)
    paid_before = last_paid(world.updates)
    earned = [
        Earned(one.competition, one.percent, one.payable, paid_before.get(one.competition, ()))
        for one in inputs
    ]
    composition = compose(earned, subnet.when_nobody_earned, subnet.burn_percent)
    if composition is None:
        return None
    return CreateWeightUpdate(
        name=name,
        epoch_start_block=start,
        epoch_end_block=end,
        valid_until_block=end,
        weights=composition.weights,
        burn_units=composition.burn_units,
        inputs=tuple(
            replace(one, payable=one.payable or paid_before.get(one.competition, ()))
            if subnet.when_nobody_earned == "KeepLast"
            else one
            for one in inputs
        ),
    )


def last_paid(updates: Sequence[WeightUpdate]) -> dict[str, tuple[Share, ...]]:
    """What each competition contributed to the newest update in which it paid somebody.

    Updates that the signer refused were never right, whatever they say.
    """
    paid: dict[str, tuple[Share, ...]] = {}
    for update in sorted(updates, key=lambda one: one.epoch_start_block):
        if update.status.phase is not UpdatePhase.REFUSED:
            paid.update({one.competition: one.payable for one in update.inputs if one.payable})
    return paid


def _status(world: SubnetWorld, head: int | None, reason: str, message: str) -> SubnetStatus:
    subnet, before = world.subnet, world.subnet.status
    clock = subnet.clock
    connected = clock is not None and world.chain_error is None
    newest = max(world.updates, key=lambda one: one.epoch_start_block, default=None)
    current = newest is not None and newest.status.phase.value == "Verified"
    standings = [
        ("Connected", connected, reason, message),
        ("WeightsCurrent", current, *_weights_sentence(world, newest)),
        ("Ready", connected, reason, message),
        *_permitted(world),
    ]
    conditions = before.conditions
    for kind, status, why, text in standings:
        new = Condition(kind, status, why, text, world.now, subnet.generation)
        conditions = with_condition(conditions, new)
    return replace(
        before,
        observed_generation=subnet.generation,
        conditions=conditions,
        head_block=head,
        head_time=clock.start_of(head) if clock is not None and head is not None else None,
        last_update=newest.name if newest is not None else None,
        last_update_epoch=newest.epoch_start_block if newest is not None else None,
        last_update_phase=newest.status.phase.value if newest is not None else None,
    )


def _weights_sentence(world: SubnetWorld, newest: WeightUpdate | None) -> tuple[str, str]:
    if _is_newcomer(world):
        text = f"models that other validators pay are measured first: {', '.join(world.awaited[:5])}"
        return "TopModelsNotEvaluated", text
    if newest is None:
        return "NobodyEarned", "no competition has an average to pay yet"
    return newest.status.phase.value, f"the update of the epoch at block {newest.epoch_start_block}"


def _written(world: SubnetWorld, status: SubnetStatus) -> list[Action]:
    if status == world.subnet.status:
        return []
    return [SetSubnetStatus(world.subnet.name, world.subnet.uid, status)]
