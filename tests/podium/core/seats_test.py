"""Seats: whatever comes, the best so far are measured again before anybody takes their place."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import example, given, settings
from hypothesis import strategies as st

from podium.core.kinds import RoundPhase
from podium.core.standings import leading
from tests.podium.core.objects import a_competition, a_submission
from tests.podium.core.worlds import World

_SCORES = st.sampled_from(["0.1", "0.3", "0.5", "0.7", "0.9"])
_KEPT = 2


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(_SCORES, max_size=7), min_size=2, max_size=4))
# A late winner, whose average is still below those of two that it has beaten.
@example([["0.3"], [], ["0.1"], []])
def test_no_sequence_of_submissions_displaces_who_was_not_beaten(waves: list[list[str]]) -> None:
    world = World(competition=a_competition(keep_top=_KEPT, max_contenders=4, history_limit=9))
    for wave, scores in enumerate([["0.5", "0.6"], *waves]):
        for number, score in enumerate(scores):
            name = f"model-{wave}-{number}"
            world.scores[name] = score
            world.add(a_submission(name, 100 * wave + number + 1))
        world.run_to(100 * wave + 195)
    rounds = sorted(world.rounds.values(), key=lambda one: one.block)
    assert all(one.status.phase is RoundPhase.COMPLETED for one in rounds)
    for before, after in pairwise(rounds):
        seated = [one.submission for one in after.contenders]
        leader = leading(before.status.moving_average).hotkey.removeprefix("hotkey-")
        assert leader in seated[:_KEPT]
        winners = [line.submission for line in before.status.ranking[:1]]
        assert set(winners) <= set(seated[:_KEPT])


def test_with_a_single_kept_seat_a_winner_and_the_leader_are_both_measured_again() -> None:
    world = World(competition=a_competition(keep_top=1, max_contenders=4))
    for number, score in enumerate(["0.5", "0.3"]):
        world.scores[f"model-{number}"] = score
        world.add(a_submission(f"model-{number}", 100 * number + 1))
        world.run_to(100 * number + 195)
    world.run_to(395)
    assert [one.submission for one in world.round(300).contenders] == ["model-0", "model-1"]


@settings(max_examples=30, deadline=None)
@given(st.permutations(range(6)), st.integers(1, 5))
def test_the_order_in_which_submissions_arrive_never_changes_who_is_seated(
    order: list[int], seats: int
) -> None:
    seated = []
    for numbers in (range(6), order):
        world = World(competition=a_competition(keep_top=1, max_contenders=seats + 1))
        world.add(*(a_submission(f"model-{number}", number + 1) for number in numbers))
        world.run_to(190)
        seated.append([one.submission for one in world.round(100).contenders])
    assert seated[0] == seated[1]
