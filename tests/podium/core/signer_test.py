"""The signer: it records what follows from its inputs, and refuses everything else."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from podium.core.conditions import find_condition
from podium.core.kinds import RoundPhase, Subnet, UpdatePhase, WeightUpdate
from podium.core.plan import SetUpdateStatus
from podium.core.shares import UNIT, Share
from podium.core.signer import SignerWorld, decide_update
from podium.core.weights import ScheduleEntry
from tests.podium.core.ledgers import ALICE, Ledger, a_round, earning
from tests.podium.core.objects import a_subnet, ledger_moment


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
        {"valid_until_block": 10_000},
        {"epoch_end_block": 10_000},
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


def test_paying_somebody_who_is_not_in_the_average_is_refused_even_if_the_sums_agree() -> None:
    ledger = _composed()
    (one,) = ledger.newest.inputs
    stolen = (Share("mallory", UNIT),)
    ledger.rounds = {}
    refused = _signed(
        ledger,
        inputs=(replace(one, payable=stolen),),
        weights=(Share("mallory", UNIT * 9 // 10),),
    )
    assert (refused.status.phase, _reason(refused)) == (UpdatePhase.REFUSED, "Inconsistent")


def test_percents_that_are_not_the_schedules_are_refused() -> None:
    ledger = _composed()
    entry = ScheduleEntry(0, (("another", 100),))
    ledger.subnet = replace(ledger.subnet, schedule=(entry,))
    refused = _signed(ledger)
    assert (refused.status.phase, _reason(refused)) == (UpdatePhase.REFUSED, "Inconsistent")


def test_what_was_paid_last_may_be_paid_again() -> None:
    ledger = _composed()
    ledger.sign()
    competition = replace(ledger.competitions[0], threshold=Fraction(1))
    ledger.competitions = (competition,)
    ledger.now = ledger_moment(1080)
    ledger.settle()
    ledger.sign()
    assert ledger.phases == [UpdatePhase.VERIFIED, UpdatePhase.VERIFIED]


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
