"""Another try: only for what the winner's advantage alone held back, and once for what never had a score."""

from dataclasses import replace
from fractions import Fraction

import pytest

from podium.core.kinds import Evaluation
from podium.core.ranking import Epsilon
from podium.core.retry import may_try_again
from podium.core.staleness import Yardstick
from tests.podium.core.objects import a_competition, a_submission
from tests.podium.core.worlds import World

_TODAY = Yardstick("tasks", "image")
_DECAY = Epsilon("LinearDecay", Fraction(1, 10), Fraction(0), 1000)


def lost(score: str | None, winner: str | None = "0.50", committed: int | None = 0) -> Evaluation:
    return Evaluation("small-100", 100, "Scored" if score else "Failed", score, winner, "tasks", committed)


@pytest.mark.parametrize(
    ("evaluations", "block", "expected"),
    [
        pytest.param([], 500, False, id="a first try is none"),
        pytest.param([lost("0.48")], 500, False, id="epsilon is still 5 %, 4 % are not enough"),
        pytest.param([lost("0.48")], 700, True, id="epsilon is 3 %"),
        pytest.param([lost("0.51")], 1000, False, id="worse than the winner"),
        pytest.param([lost("0.50")], 1000, False, id="equal to the winner"),
        pytest.param([lost("0.48", winner=None)], 1000, False, id="nobody won"),
        pytest.param([lost("0.48", committed=None)], 1000, False, id="the winner's age is not known"),
        pytest.param([lost(None)], 500, True, id="failed once"),
        pytest.param([lost(None), lost(None)], 500, False, id="failed twice"),
        pytest.param([lost("0.48"), lost(None)], 700, True, id="the last score counts"),
        pytest.param([replace(lost("0.51"), tasks_digest="others")], 0, True, id="of other tasks"),
        pytest.param([replace(lost("0.51"), evaluator_image="other")], 0, True, id="of another image"),
        pytest.param([replace(lost("0.51"), evaluator_image="image")], 0, False, id="of this image"),
    ],
)
def test_the_rule(evaluations: list[Evaluation], block: int, *, expected: bool) -> None:
    assert may_try_again(evaluations, _DECAY, block, _TODAY) is expected


def test_a_better_model_gets_its_chance_when_epsilon_has_decayed() -> None:
    world = World(scores={"leader": "0.50", "better": "0.48", "third": "0.495"})
    world.competition = a_competition(epsilon=_DECAY, keep_top=1, max_contenders=3, history_limit=20)
    world.add(a_submission("leader", 0), a_submission("better", 1), a_submission("third", 2))
    world.run_to(1090)
    seated = {
        one.block: [contender.submission for contender in one.contenders] for one in world.rounds.values()
    }
    assert seated[100] == ["leader", "better", "third"]
    assert all(seated[block] == ["leader"] for block in range(200, 601, 100))
    assert seated[700] == ["leader", "better"]
    assert world.competition.status.leader is not None
    assert world.submission("better").status.place == 1


def test_the_retry_seat_keeps_no_new_model_out() -> None:
    world = World(scores={"leader": "0.50", "better": "0.48"})
    world.competition = a_competition(epsilon=_DECAY, keep_top=1, max_contenders=2)
    world.add(a_submission("leader", 0), a_submission("better", 1))
    world.run_to(690)
    world.add(a_submission("new", 695))
    world.run_to(790)
    assert [one.submission for one in world.round(700).contenders] == ["leader", "new"]
