"""A subnet on a ledger with its competitions and weight updates, in memory."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from podium.core.kinds import (
    Competition,
    CompetitionStatus,
    Round,
    RoundPhase,
    RoundStatus,
    Subnet,
    UpdatePhase,
    WeightUpdate,
)
from podium.core.plan import CreateWeightUpdate, SetSubnetStatus, SetUpdateStatus
from podium.core.shares import UNIT, Share
from podium.core.signer import SignerWorld, decide_update
from podium.core.subnet import SubnetWorld, decide_subnet, last_paid
from tests.podium.core.objects import a_competition, a_subnet, ledger_moment

__all__ = ["ALICE", "BOB", "Ledger", "a_round", "earning"]

ALICE, BOB = (Share("alice", UNIT),), (Share("bob", UNIT),)


def earning(name: str, average: tuple[Share, ...], block: int = 100) -> Competition:
    """A competition with an average."""
    round_name = f"{name}-{block}" if average else None
    status = CompetitionStatus(
        moving_average=average,
        average_round=round_name,
        average_round_uid=round_name,
        average_block=block if average else None,
    )
    return a_competition(name=name, uid=f"uid-{name}", status=status)


@dataclass
class Ledger:
    """A subnet with its competitions, and a signer that may be asked to work."""

    subnet: Subnet = field(default_factory=a_subnet)
    competitions: tuple[Competition, ...] = ()
    rounds: dict[str, tuple[Round, ...]] = field(default_factory=dict)
    updates: dict[str, WeightUpdate] = field(default_factory=dict)
    now: datetime = field(default_factory=lambda: ledger_moment(720))

    def settle(self) -> None:
        """Passes of the operator until nothing is left to do."""
        for _ in range(9):
            world = SubnetWorld(
                self.subnet, self.competitions, self.rounds, tuple(self.updates.values()), self.now
            )
            plan = decide_subnet(world)
            if not plan.actions:
                assert plan.wake_at is None or plan.wake_at > self.now
                return
            for action in plan.actions:
                match action:
                    case SetSubnetStatus():
                        self.subnet = replace(self.subnet, status=action.status)
                    case CreateWeightUpdate():
                        assert action.name not in self.updates
                        self.updates[action.name] = self._stored(action)
        raise AssertionError("never settles")

    def sign(self) -> None:
        """A pass of the signer over everything."""
        for name, update in self.updates.items():
            newer = any(one.epoch_start_block > update.epoch_start_block for one in self.updates.values())
            known = {one.uid: one for rounds in self.rounds.values() for one in rounds}
            earlier = [
                one
                for one in self.updates.values()
                if one.status.phase.terminal and one.epoch_start_block < update.epoch_start_block
            ]
            paid = last_paid(earlier)
            plan = decide_update(SignerWorld(update, self.subnet, known, newer, self.now, paid))
            for action in plan.actions:
                assert isinstance(action, SetUpdateStatus)
                self.updates[name] = replace(update, status=action.status)

    def _stored(self, action: CreateWeightUpdate) -> WeightUpdate:
        return WeightUpdate(
            name=action.name,
            uid=f"uid-{action.name}",
            namespace="games",
            generation=1,
            created=self.now,
            subnet=self.subnet.name,
            subnet_uid=self.subnet.uid,
            target_digest=self.subnet.target_digest,
            epoch_start_block=action.epoch_start_block,
            epoch_end_block=action.epoch_end_block,
            valid_until_block=action.valid_until_block,
            weights=action.weights,
            burn_units=action.burn_units,
            inputs=action.inputs,
        )

    @property
    def newest(self) -> WeightUpdate:
        """The update of the latest epoch."""
        return max(self.updates.values(), key=lambda one: one.epoch_start_block)

    @property
    def phases(self) -> list[UpdatePhase]:
        """Of all updates, oldest epoch first."""
        ordered = sorted(self.updates.values(), key=lambda one: one.epoch_start_block)
        return [one.status.phase for one in ordered]


def a_round(competition: str, average: tuple[Share, ...], block: int = 700) -> Round:
    """A completed round that left an average."""
    owner = a_competition()
    name = f"{competition}-{block}"
    return Round(
        name=name,
        uid=name,
        namespace="games",
        created=ledger_moment(block),
        competition=competition,
        competition_uid=f"uid-{competition}",
        block=block,
        deadline_block=block + 1,
        seed="",
        tasks=(),
        tasks_digest="",
        epsilon=owner.epsilon,
        selection=owner.selection,
        alpha=owner.alpha,
        max_parallel=1,
        max_attempts=1,
        pending_seconds=1,
        previous_average=(),
        postponements=0,
        task_postponements=0,
        when_leader_missing="Publish",
        when_task_unavailable="Postpone",
        contenders=(),
        status=RoundStatus(phase=RoundPhase.COMPLETED, moving_average=average),
    )
