"""One weight update an epoch, composed from what competitions have earned."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction

import pytest

from podium.core.conditions import find_condition
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
from podium.core.subnet import SubnetWorld, decide_subnet
from podium.core.weights import ScheduleEntry
from tests.podium.core.objects import a_competition, a_subnet, ledger_moment

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
            plan = decide_update(SignerWorld(update, self.subnet, known, newer, self.now))
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


def test_every_epoch_gets_exactly_one_update_also_when_nothing_changed() -> None:
    ledger = Ledger(competitions=(earning("small", ALICE),))
    for block in (720, 721, 1079, 1080, 1100, 1440):
        ledger.now = ledger_moment(block)
        ledger.settle()
    assert sorted(one.epoch_start_block for one in ledger.updates.values()) == [720, 1080, 1440]
    assert {one.weights for one in ledger.updates.values()} == {ALICE}


def test_an_update_covers_its_epoch() -> None:
    ledger = Ledger(competitions=(earning("small", ALICE),), now=ledger_moment(1000))
    ledger.settle()
    update = ledger.newest
    assert (update.epoch_start_block, update.epoch_end_block, update.valid_until_block) == (720, 1079, 1079)


def test_before_anybody_earned_there_is_nothing_to_keep() -> None:
    ledger = Ledger(competitions=(earning("small", ()),))
    ledger.settle()
    assert ledger.updates == {}
    condition = find_condition(ledger.subnet.status.conditions, "WeightsCurrent")
    assert condition is not None
    assert condition.reason == "NobodyEarned"


def test_nobody_below_the_threshold_is_burned_when_the_organiser_said_so() -> None:
    crowd = tuple(Share(f"hotkey-{number}", UNIT // 10) for number in range(10))
    ledger = Ledger(a_subnet(when_nobody_earned="Burn"), (earning("small", crowd),))
    ledger.settle()
    assert (ledger.newest.weights, ledger.newest.burn_units) == ((), UNIT)


def test_who_was_paid_last_is_paid_until_somebody_earns() -> None:
    ledger = Ledger(competitions=(earning("small", ALICE),))
    ledger.settle()
    ledger.competitions = (earning("small", ()),)
    for block in (1080, 1440):
        ledger.now = ledger_moment(block)
        ledger.settle()
        ledger.sign()
        assert ledger.newest.weights == ALICE
        assert ledger.newest.status.phase is UpdatePhase.VERIFIED
    ledger.competitions = (earning("small", BOB),)
    ledger.now = ledger_moment(1800)
    ledger.settle()
    assert ledger.newest.weights == BOB


def test_each_competition_follows_the_rule_on_its_own() -> None:
    schedule = (ScheduleEntry(0, (("large", 60), ("small", 40))),)
    ledger = Ledger(
        a_subnet(when_nobody_earned="Burn", schedule=schedule), (earning("large", ()), earning("small", BOB))
    )
    ledger.settle()
    assert ledger.newest.weights == (Share("bob", 4 * UNIT // 10),)
    assert ledger.newest.burn_units == 6 * UNIT // 10


def test_shares_follow_the_schedule() -> None:
    schedule = (
        ScheduleEntry(0, (("large", 100),)),
        ScheduleEntry(1080, (("large", 75), ("small", 25))),
    )
    ledger = Ledger(a_subnet(schedule=schedule), (earning("large", ALICE), earning("small", BOB)))
    ledger.settle()
    assert ledger.newest.weights == ALICE
    ledger.now = ledger_moment(1080)
    ledger.settle()
    assert ledger.newest.weights == (Share("alice", 3 * UNIT // 4), Share("bob", UNIT // 4))


def test_without_a_schedule_competitions_share_equally() -> None:
    ledger = Ledger(competitions=tuple(earning(f"c{one}", (Share(f"h{one}", UNIT),)) for one in range(3)))
    ledger.settle()
    assert [one.units for one in ledger.newest.weights] == [
        333333333333333334,
        333333333333333333,
        333333333333333333,
    ]
    ledger.sign()
    assert ledger.newest.status.phase is UpdatePhase.VERIFIED


def test_a_part_of_everything_may_be_burned() -> None:
    ledger = Ledger(a_subnet(burn_percent=20), (earning("small", ALICE),))
    ledger.settle()
    assert ledger.newest.burn_units == UNIT // 5


def test_a_round_that_its_competition_has_not_caught_up_with_counts_already() -> None:
    ledger = Ledger(competitions=(earning("small", ALICE),), rounds={"uid-small": (a_round("small", BOB),)})
    ledger.settle()
    assert ledger.newest.weights == BOB
    assert ledger.newest.inputs[0].round == "small-700"


def test_paused_weights_are_not_composed() -> None:
    ledger = Ledger(a_subnet(mode="Paused"), (earning("small", ALICE),))
    ledger.settle()
    assert ledger.updates == {}


def test_a_chain_is_said_to_be_unsupported() -> None:
    ledger = Ledger(a_subnet(clock=None), (earning("small", ALICE),))
    ledger.settle()
    ready = find_condition(ledger.subnet.status.conditions, "Ready")
    assert ready is not None
    assert (ready.status, ready.reason, ledger.updates) == (False, "ChainNotSupported", {})


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
        when_leader_missing="Publish",
        contenders=(),
        status=RoundStatus(phase=RoundPhase.COMPLETED, moving_average=average),
    )


# --- the signer ------------------------------------------------------------------------------


def _composed() -> Ledger:
    average = (Share("alice", UNIT * 6 // 10), Share("bob", UNIT * 4 // 10))
    ledger = Ledger(
        a_subnet(burn_percent=10),
        (earning("small", average, 700),),
        {"uid-small": (a_round("small", average),)},
    )
    ledger.settle()
    return ledger


def _signed(ledger: Ledger, **changes: object) -> WeightUpdate:
    name, update = next(iter(ledger.updates.items()))
    ledger.updates[name] = replace(update, **changes)  # type: ignore[arg-type]  # the parameters below
    ledger.sign()
    return ledger.updates[name]


def _reason(update: WeightUpdate) -> str:
    condition = find_condition(update.status.conditions, "Complete")
    assert condition is not None
    return condition.reason


def test_an_update_of_a_ledger_is_recorded_once() -> None:
    ledger = _composed()
    signed = _signed(ledger)
    assert (signed.status.phase, signed.status.recorded_block) == (UpdatePhase.VERIFIED, 720)
    ledger.now = ledger_moment(900)
    ledger.sign()
    assert ledger.updates[signed.name] == signed


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "weights-720"},
        {"epoch_start_block": 360},
        {"weights": ALICE},
        {"weights": (Share("mallory", UNIT * 54 // 100), Share("bob", UNIT * 36 // 100))},
        {"burn_units": 0},
        {"burn_units": UNIT},
        {"inputs": ()},
        {"weights": (), "burn_units": 0},
    ],
    ids=str,
)
def test_a_tampered_update_is_refused(changes: dict[str, object]) -> None:
    refused = _signed(_composed(), **changes)
    assert (refused.status.phase, _reason(refused)) == (UpdatePhase.REFUSED, "Inconsistent")


@pytest.mark.parametrize(
    "changes",
    [
        {"average": ALICE},
        {"payable": ALICE},
        {"payable": ()},
    ],
    ids=str,
)
def test_a_tampered_input_is_refused(changes: dict[str, object]) -> None:
    ledger = _composed()
    (one,) = ledger.newest.inputs
    refused = _signed(ledger, inputs=(replace(one, **changes),))  # type: ignore[arg-type]  # the parameters
    assert (refused.status.phase, _reason(refused)) == (UpdatePhase.REFUSED, "Inconsistent")


def test_an_average_of_a_round_that_was_swept_is_taken_from_the_update() -> None:
    ledger = _composed()
    ledger.rounds = {}
    assert _signed(ledger).status.phase is UpdatePhase.VERIFIED


def test_an_input_of_a_round_that_did_not_complete_is_refused() -> None:
    ledger = _composed()
    (round_,) = ledger.rounds["uid-small"]
    failed_round = replace(round_, status=replace(round_.status, phase=RoundPhase.FAILED))
    ledger.rounds = {"uid-small": (failed_round,)}
    assert _signed(ledger).status.phase is UpdatePhase.REFUSED


@pytest.mark.parametrize("subnet", [None, a_subnet(uid="another")], ids=["gone", "another"])
def test_an_update_of_a_subnet_that_is_gone_is_refused(subnet: Subnet | None) -> None:
    ledger = _composed()
    world = SignerWorld(ledger.newest, subnet, {}, newer=False, now=ledger.now)
    (action,) = decide_update(world).actions
    assert isinstance(action, SetUpdateStatus)
    assert action.status.phase is UpdatePhase.REFUSED


def test_an_update_that_nobody_signed_in_time_expires() -> None:
    ledger = _composed()
    ledger.now = ledger_moment(1080)
    ledger.sign()
    assert (ledger.phases, _reason(ledger.newest)) == ([UpdatePhase.EXPIRED], "Expired")


def test_the_last_block_of_the_epoch_is_still_in_time() -> None:
    ledger = _composed()
    ledger.now = ledger_moment(1079)
    ledger.sign()
    assert ledger.phases == [UpdatePhase.VERIFIED]


def test_after_downtime_the_newest_is_caught_up_with_and_the_rest_are_skipped() -> None:
    ledger = _composed()
    for block in (1080, 1440):
        ledger.now = ledger_moment(block)
        ledger.settle()
    ledger.sign()
    assert ledger.phases == [UpdatePhase.SKIPPED, UpdatePhase.SKIPPED, UpdatePhase.VERIFIED]


@pytest.mark.parametrize("mode", ["DryRun", "Paused"])
def test_what_is_not_to_be_set_is_skipped(mode: str) -> None:
    ledger = _composed()
    ledger.subnet = replace(ledger.subnet, mode=mode)  # type: ignore[arg-type]  # the parameters
    ledger.sign()
    assert (ledger.phases, _reason(ledger.newest)) == ([UpdatePhase.SKIPPED], mode)


def test_percents_are_exact() -> None:
    ledger = Ledger(competitions=tuple(earning(f"c{one}", ALICE) for one in range(7)))
    ledger.settle()
    assert sum(one.percent for one in ledger.newest.inputs) == Fraction(100)
