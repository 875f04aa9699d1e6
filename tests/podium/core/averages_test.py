"""Averages from round to round: leaders that are missing, and hotkeys that left."""

from __future__ import annotations

from fractions import Fraction

from podium.core.faults import Fault
from podium.core.jobs import Purpose
from podium.core.kinds import RoundPhase
from podium.core.shares import UNIT
from tests.podium.core.objects import a_competition, a_submission, failed, scored
from tests.podium.core.worlds import World

GONE = [failed()] * 3


def _world(**scores: str) -> World:
    """One model a block from block 0 on, where the first round is."""
    world = World(scores=scores)
    world.add(*(a_submission(name, block) for block, name in enumerate(scores)))
    return world


def _contenders(world: World, block: int) -> list[str]:
    return [one.submission for one in world.round(block).contenders]


def test_averages_are_carried_from_round_to_round() -> None:
    world = _world(alice="0.5", bob="0.9")
    world.run_to(90)
    world.scores |= {"bob": "0.1"}
    world.run_to(190)
    assert world.round(100).previous_average == world.round(0).status.moving_average
    assert {one.hotkey: one.units for one in world.competition.status.moving_average} == {
        "hotkey-alice": 9 * UNIT // 10,
        "hotkey-bob": UNIT // 10,
    }


def test_a_missing_leader_postpones_twice_and_then_the_round_counts() -> None:
    world = _world(alice="0.5", bob="0.9")
    world.run_to(90)
    world.script[Purpose.EVALUATE, "alice"] = [None, *GONE, *GONE, *GONE]
    world.run_to(390)
    found = [(world.round(block).status.phase, world.ended(block)) for block in (100, 200, 300)]
    postponed = (RoundPhase.ABANDONED, "LeaderMissing")
    assert found == [postponed, postponed, (RoundPhase.COMPLETED, "Ranked")]
    units = {one.hotkey: one.units for one in world.competition.status.moving_average}
    assert units["hotkey-bob"] == UNIT // 10


def test_a_leader_that_comes_back_ends_the_postponements() -> None:
    world = _world(alice="0.5", bob="0.9")
    world.run_to(90)
    world.script[Purpose.EVALUATE, "alice"] = [None, *GONE, scored("0.5"), *GONE]
    world.run_to(390)
    assert [world.round(block).status.phase for block in (100, 200, 300)] == [
        RoundPhase.ABANDONED,
        RoundPhase.COMPLETED,
        RoundPhase.ABANDONED,
    ]


def test_a_leader_that_failed_by_its_own_fault_postpones_nothing() -> None:
    world = _world(alice="0.5", bob="0.9")
    world.run_to(90)
    world.script[Purpose.EVALUATE, "alice"] = [None, failed(Fault.SUBMISSION, "Broken")]
    world.run_to(190)
    assert world.round(100).status.phase is RoundPhase.COMPLETED


def test_a_leader_that_was_withdrawn_postpones_nothing() -> None:
    world = _world(alice="0.5", bob="0.9")
    world.run_to(90)
    world.delete("alice")
    world.run_to(190)
    assert world.round(100).status.phase is RoundPhase.COMPLETED


def test_publishing_without_the_leader_is_the_organisers_choice() -> None:
    world = _world(alice="0.5", bob="0.9")
    world.competition = a_competition(when_leader_missing="Publish")
    world.run_to(90)
    world.script[Purpose.EVALUATE, "alice"] = [None, *GONE]
    world.run_to(190)
    assert world.round(100).status.phase is RoundPhase.COMPLETED


def test_a_leader_that_stays_away_does_not_postpone_again_after_a_round_counted_without_it() -> None:
    world = _world(alice="0.5", bob="0.9")
    world.competition = a_competition(history_limit=20, alpha=Fraction(9, 10))
    world.run_to(90)
    world.script[Purpose.EVALUATE, "alice"] = [None, *GONE * 20]
    world.run_to(1290)
    reasons = [world.ended(block) for block in range(100, 1300, 100)]
    assert reasons[:3] == ["LeaderMissing", "LeaderMissing", "Ranked"]
    assert set(reasons[3:]) == {"Ranked"}
    leader = world.competition.status.leader
    assert leader is not None
    assert leader.submission == "bob"


def test_a_hotkey_that_left_hands_nothing_on() -> None:
    world = _world(alice="0.1", bob="0.5")
    world.run_to(90)
    world.delete("alice")
    world.run_to(190)
    assert world.round(100).previous_average == ()
    assert [(share.hotkey, share.units) for share in world.round(100).status.moving_average] == [
        ("hotkey-bob", UNIT)
    ]


def test_what_the_others_hold_is_made_whole() -> None:
    world = _world(alice="0.1", bob="0.5", carol="0.9")
    world.run_to(90)
    world.scores["alice"] = "0.9"
    world.run_to(190)
    assert len(world.round(100).status.moving_average) == 2
    world.delete("alice")
    world.run_to(290)
    assert [(share.hotkey, share.units) for share in world.round(200).previous_average] == [
        ("hotkey-bob", UNIT)
    ]


def test_on_a_chain_a_hotkey_that_registered_again_does_not_inherit() -> None:
    world = _world(alice="0.1", bob="0.5")
    world.registered = {"hotkey-alice": 0, "hotkey-bob": 0}
    world.run_to(90)
    world.registered = {"hotkey-alice": 95, "hotkey-bob": 0}
    world.run_to(190)
    assert world.round(100).previous_average == ()
    assert [one.submission for one in world.round(100).contenders] == ["bob"]
