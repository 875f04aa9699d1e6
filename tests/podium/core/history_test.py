"""What submissions are told while a round is open and after it."""

from __future__ import annotations

from dataclasses import replace

from podium.core.conditions import find_condition
from podium.core.jobs import Purpose
from tests.podium.core.objects import a_competition, a_submission
from tests.podium.core.worlds import World


def _told(world: World, name: str) -> tuple[str, str]:
    """The phase, and the reason of the condition Evaluated."""
    status = world.submission(name).status
    condition = find_condition(status.conditions, "Evaluated")
    assert condition is not None
    return status.phase, condition.reason


def test_who_has_been_scored_waits_for_the_others_of_the_round() -> None:
    competition = a_competition()
    world = World(replace(competition, max_parallel=2))
    world.add(a_submission("alice", 1), a_submission("bob", 2))
    world.stuck.add((Purpose.EVALUATE, "bob"))
    sync = competition.every_blocks
    world.run_to(sync + competition.deadline_blocks - 1)
    assert _told(world, "alice") == ("Evaluated", "AwaitingOthers")
    assert _told(world, "bob") == ("Evaluating", "Evaluating")
    world.run_to(sync + competition.deadline_blocks)
    # The next round opens at the same block: both take part again.
    assert _told(world, "alice") == ("Evaluating", "Scored")
    assert world.submission("alice").status.place == 1
    assert world.submission("bob").status.place is None


def test_who_was_rejected_is_not_told_to_wait_for_a_round() -> None:
    world = World()
    world.add(a_submission("alice", 1), a_submission("eve", 2))
    world.contents["eve"] = "alice"
    world.run_to(50)
    assert _told(world, "eve") == ("Rejected", "Rejected")
