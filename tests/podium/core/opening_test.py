"""Opening rounds: when, with whom, and what is carried over from round to round."""

from __future__ import annotations

from fractions import Fraction

from podium.core.clock import seed_of
from podium.core.conditions import find_condition
from podium.core.jobs import Purpose
from podium.core.kinds import Normalization, RoundPhase, RoundTask, TaskEntry
from tests.podium.core.objects import a_competition, a_submission, failed, ledger_moment
from tests.podium.core.worlds import World

GONE = [failed()] * 3


def _world(**scores: str) -> World:
    """One model a block from block 0 on, where the first round is."""
    world = World(scores=scores)
    world.add(*(a_submission(name, block) for block, name in enumerate(scores)))
    return world


def _contenders(world: World, block: int) -> list[str]:
    return [one.submission for one in world.round(block).contenders]


def test_beside_a_round_that_cannot_be_read_no_other_opens() -> None:
    world = _world(alice="0.5")
    world.unreadable_rounds = ("small-7",)
    world.run_to(201)
    assert world.rounds == {}
    ready = find_condition(world.competition.status.conditions, "Ready")
    assert ready is not None
    assert (ready.status, ready.reason) == (False, "RoundUnreadable")
    assert "small-7" in ready.message


def test_a_round_opens_at_its_sync_block_and_not_before() -> None:
    world = _world(alice="0.5")
    world.run_to(99)
    assert [one.block for one in world.rounds.values()] == [0]
    world.run_to(101)
    assert {one.block for one in world.rounds.values()} == {0, 100}


def test_sync_blocks_are_shifted_by_the_offset() -> None:
    world = _world(alice="0.5")
    world.competition = a_competition(sync_offset_block=30)
    world.run_to(190)
    assert {one.block for one in world.rounds.values()} == {30, 130}


def test_missed_rounds_are_skipped() -> None:
    world = _world(alice="0.5")
    world.run_to(20)
    world.now = ledger_moment(520)
    world.run_to(590)
    assert sorted(one.block for one in world.rounds.values()) == [0, 500]


def test_without_anybody_in_the_store_there_is_no_round() -> None:
    world = _world()
    world.run_to(290)
    assert world.rounds == {}


def test_after_its_deadline_a_round_is_not_opened_any_more() -> None:
    world = World()
    world.competition = a_competition(deadline_blocks=20)
    world.now = ledger_moment(125)
    world.add(a_submission("alice", 1))
    world.run_to(195)
    assert world.rounds == {}


def test_a_submission_waits_until_it_is_old_enough_at_the_sync_block() -> None:
    world = World()
    world.competition = a_competition(submission_delay_blocks=120)
    world.add(a_submission("alice", 1), a_submission("bob", 90))
    world.now = ledger_moment(95)
    world.run_to(190)
    assert world.rounds == {}
    world.run_to(290)
    assert _contenders(world, 200) == ["alice"]
    world.run_to(390)
    assert _contenders(world, 300) == ["alice", "bob"]


def test_the_best_keep_their_seats_and_new_ones_come_by_commitment() -> None:
    world = _world(alice="0.5", bob="0.7", carol="0.9", dave="0.8")
    world.competition = a_competition(keep_top=2, max_contenders=5)
    world.now = ledger_moment(10)
    world.run_to(190)
    world.add(*(a_submission(f"new-{number}", 190 - number) for number in range(4)))
    world.run_to(290)
    assert _contenders(world, 200) == ["alice", "bob", "new-3", "new-2", "new-1"]


def test_the_seed_is_drawn_once() -> None:
    world = _world(alice="0.5")
    world.run_to(101)
    assert world.round(100).seed == (b"\x07" * 32).hex()


def test_tasks_are_the_ones_that_are_active_at_the_sync_block() -> None:
    world = _world(alice="0.5")
    tasks = [(RoundTask(name, Fraction(1), Normalization()),) for name in ("sorting", "reading")]
    world.competition = a_competition(task_schedule=(TaskEntry(50, tasks[0]), TaskEntry(150, tasks[1])))
    world.run_to(240)
    assert [world.round(block).tasks for block in (100, 200)] == tasks
    assert {one.block for one in world.rounds.values()} == {100, 200}


def test_old_rounds_are_swept_and_nothing_that_the_next_one_needs() -> None:
    world = _world(alice="0.5", bob="0.9")
    world.competition = a_competition(history_limit=1)
    world.run_to(590)
    kept = _world(alice="0.5", bob="0.9")
    kept.competition = a_competition(history_limit=99)
    kept.run_to(590)
    assert [one.block for one in world.rounds.values()] == [500]
    assert world.round(500) == kept.round(500)
    assert world.submissions == kept.submissions


def test_when_only_abandoned_rounds_are_left_the_average_is_still_known() -> None:
    world = _world(alice="0.5", bob="0.9")
    world.competition = a_competition(history_limit=1)
    world.run_to(90)
    world.script |= {(Purpose.EVALUATE, "alice"): [None, *GONE], (Purpose.EVALUATE, "bob"): GONE}
    world.run_to(190)
    world.rounds = {uid: one for uid, one in world.rounds.items() if one.block}
    assert [(one.block, one.status.phase) for one in world.rounds.values()] == [(100, RoundPhase.ABANDONED)]
    world.run_to(290)
    assert [share.hotkey for share in world.round(200).previous_average] == ["hotkey-alice"]
    assert world.competition.status.average_round == "small-200"


def test_all_rounds_may_be_deleted_by_hand() -> None:
    world = _world(alice="0.5", bob="0.9")
    world.run_to(190)
    world.rounds.clear()
    world.run_to(195)
    assert world.rounds == {}
    world.run_to(290)
    assert [share.hotkey for share in world.round(200).previous_average] == ["hotkey-alice"]


def test_an_older_competition_of_the_same_id_keeps_it() -> None:
    world = _world(alice="0.5")
    world.same_id = ("elder",)
    world.run_to(190)
    ready = find_condition(world.competition.status.conditions, "Ready")
    assert ready is not None
    assert (ready.status, ready.reason, world.rounds) == (False, "DuplicateCompetitionId", {})


def test_what_this_version_does_not_do_is_refused_and_not_ignored() -> None:
    world = _world(alice="0.5")
    world.competition = a_competition(unsupported=("ranking.dethrone Significant",))
    world.run_to(190)
    ready = find_condition(world.competition.status.conditions, "Ready")
    assert ready is not None
    assert ready.reason == "NotSupported"
    assert "dethrone" in ready.message
    assert world.jobs == {}


def test_models_that_never_yield_a_result_do_not_keep_new_ones_out() -> None:
    world = World(scores={"honest": "0.5"})
    world.competition = a_competition(max_contenders=2, keep_top=0)
    world.add(*(a_submission(f"hostile-{number}", number) for number in range(4)))
    world.script = {(Purpose.EVALUATE, f"hostile-{number}"): GONE * 9 for number in range(4)}
    world.add(a_submission("honest", 90))
    world.run_to(590)
    assert [_contenders(world, block) for block in (300, 400)] == [
        ["hostile-0", "hostile-3"],
        ["hostile-0", "honest"],
    ]


def test_whose_attempts_came_to_nothing_keeps_its_place_before_later_ones() -> None:
    world = _world(alice="0.5", bob="0.6", carol="0.7", dave="0.8", eve="0.9")
    world.competition = a_competition(max_contenders=2, keep_top=0)
    world.script = {(Purpose.EVALUATE, "alice"): GONE * 2}
    world.run_to(290)
    assert _contenders(world, 100) == ["alice", "bob"]
    assert _contenders(world, 200) == ["alice", "carol"]


def test_on_a_chain_the_seed_follows_from_the_sync_blocks_hash() -> None:
    world = _world(alice="0.5")
    world.block_hash = "0x" + 64 * "a"
    world.run_to(10)
    assert world.round(0).seed == seed_of(world.block_hash)
