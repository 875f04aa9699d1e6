"""One weight update an epoch, composed from what competitions have earned."""

from __future__ import annotations

from fractions import Fraction

from podium.core.conditions import find_condition
from podium.core.kinds import UpdatePhase
from podium.core.shares import UNIT, Share
from podium.core.weights import ScheduleEntry
from tests.podium.core.ledgers import ALICE, BOB, Ledger, a_round, earning
from tests.podium.core.objects import a_subnet, ledger_moment


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


def test_a_crowd_below_the_threshold_is_paid_and_verified_even_where_nobody_would_burn() -> None:
    crowd = tuple(Share(f"hotkey-{number}", UNIT // 10) for number in range(10))
    ledger = Ledger(a_subnet(when_nobody_earned="Burn"), (earning("small", crowd),))
    ledger.settle()
    ledger.sign()
    assert (ledger.newest.weights, ledger.newest.burn_units) == (crowd, 0)
    assert ledger.newest.status.phase is UpdatePhase.VERIFIED


def test_a_competition_without_an_average_is_burned_when_the_organiser_said_so() -> None:
    ledger = Ledger(a_subnet(when_nobody_earned="Burn"), (earning("small", ()),))
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


def test_nothing_is_composed_before_a_chain_was_read() -> None:
    ledger = Ledger(a_subnet(clock=None), (earning("small", ALICE),))
    ledger.settle()
    ready = find_condition(ledger.subnet.status.conditions, "Ready")
    assert ready is not None
    assert (ready.status, ready.reason, ledger.updates) == (False, "ChainUnavailable", {})


def test_percents_are_exact() -> None:
    ledger = Ledger(competitions=tuple(earning(f"c{one}", ALICE) for one in range(7)))
    ledger.settle()
    assert sum(one.percent for one in ledger.newest.inputs) == Fraction(100)
