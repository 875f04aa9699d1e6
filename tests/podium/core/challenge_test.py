"""Challengers of the leader, compared sample by sample; where it must be, luck alone is not enough."""

from __future__ import annotations

from typing import Literal

from podium.core.kinds import Verdict
from podium.core.shares import UNIT
from tests.podium.core.objects import a_competition, a_submission
from tests.podium.core.worlds import World

_BASE = tuple(1 + 0.5 * (number % 7 - 3) / 7 for number in range(60))
_LUCKY = tuple(score + (0.4 if number % 2 else -0.45) for number, score in enumerate(_BASE))
_BETTER = tuple(score - 0.4 for score in _BASE)


def _world(
    dethrone: Literal["Score", "Significant"],
    leader_samples: tuple[float, ...] = _BASE,
    **challengers: tuple[str, tuple[float, ...]],
) -> World:
    """A leader since the first round, and models that come before the second."""
    world = World(competition=a_competition(), dethrone=dethrone, scores={"leader": "1.0"})
    world.samples["leader"] = leader_samples
    world.add(a_submission("leader", 1))
    world.run_to(190)
    for block, (name, (score, samples)) in enumerate(challengers.items(), start=191):
        world.scores[name], world.samples[name] = score, samples
        world.add(a_submission(name, block))
    world.run_to(290)
    return world


def _verdicts(world: World) -> dict[str, Verdict]:
    return {one.submission: one.verdict for one in world.round(200).status.comparisons}


def _paid(world: World) -> list[str]:
    status = world.round(200).status
    return [line.submission for line in status.ranking if line.units == UNIT]


def test_whoever_is_better_wins_and_is_told_by_how_much() -> None:
    world = _world("Significant", better=("0.6", _BETTER))
    (comparison,) = world.round(200).status.comparisons
    assert (comparison.submission, comparison.incumbent) == ("better", "leader")
    assert comparison.verdict is Verdict.BETTER
    assert comparison.low is not None
    assert float(comparison.low) > 0
    assert _paid(world) == ["better"]


def test_by_scores_alone_luck_wins_and_the_comparison_says_so() -> None:
    world = _world("Score", lucky=("0.9", _LUCKY))
    assert _verdicts(world) == {"lucky": Verdict.INCONCLUSIVE}
    assert _paid(world) == ["lucky"]


def test_where_it_must_be_significant_luck_waits() -> None:
    world = _world("Significant", lucky=("0.9", _LUCKY))
    ended = world.round(200).status
    assert _verdicts(world) == {"lucky": Verdict.INCONCLUSIVE}
    assert [line.submission for line in ended.ranking] == ["lucky", "leader"]
    assert _paid(world) == ["leader"]
    assert "more than luck" in next(one.message for one in ended.conditions if one.type == "Complete")


def test_the_best_that_is_certainly_better_wins() -> None:
    world = _world("Significant", lucky=("0.5", _LUCKY), better=("0.6", _BETTER))
    assert _verdicts(world) == {"lucky": Verdict.INCONCLUSIVE, "better": Verdict.BETTER}
    assert _paid(world) == ["better"]


def test_evidence_of_other_samples_or_none_is_inconclusive() -> None:
    world = _world("Significant", shorter=("0.5", _BETTER[:30]))
    assert _verdicts(world) == {"shorter": Verdict.INCONCLUSIVE}
    assert _paid(world) == ["leader"]


def test_too_few_samples_show_nothing() -> None:
    world = _world("Significant", leader_samples=_BASE[:7], few=("0.5", _BETTER[:7]))
    (comparison,) = world.round(200).status.comparisons
    assert (comparison.verdict, comparison.reason) == (Verdict.INCONCLUSIVE, "TooFewSamples")
    assert _paid(world) == ["leader"]


def test_a_leader_whose_samples_have_no_score_holds_nobody_back() -> None:
    world = _world("Significant", leader_samples=(*_BASE[:-1], float("inf")), better=("0.9", _BETTER))
    (comparison,) = world.round(200).status.comparisons
    assert (comparison.verdict, comparison.reason) == (Verdict.INCONCLUSIVE, "IncumbentIncomplete")
    assert _paid(world) == ["better"]


def test_a_leader_that_still_leads_is_compared_with_nobody() -> None:
    world = _world("Significant", worse=("1.5", _BASE))
    assert world.round(200).status.comparisons == ()
    assert _paid(world) == ["leader"]


def test_without_a_score_of_the_leader_nobody_is_held_back() -> None:
    world = World(competition=a_competition(when_leader_missing="Publish"), dethrone="Significant")
    world.add(a_submission("leader", 1))
    world.run_to(190)
    world.delete("leader")
    world.add(a_submission("other", 191))
    world.run_to(290)
    assert _paid(world) == ["other"]
