"""The clone filter: who stays in the ranking, and what a dropped model is told and paid."""

from __future__ import annotations

from fractions import Fraction
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from podium.core.clones import clones
from podium.core.kinds import Outcome
from podium.core.ranking import Contestant, Epsilon
from tests.podium.core.objects import a_submission
from tests.podium.core.worlds import World

EPSILON = Epsilon("LinearDecay", Fraction(1, 20), Fraction(1, 100), 1000)


def _model(name: str, block: int, score: str | None) -> Contestant:
    return Contestant(name, f"hotkey-{name}", block, None if score is None else Fraction(score))


_MODELS = st.lists(
    st.tuples(st.integers(0, 4), st.sampled_from([None, "0", "0.5", "0.98", "0.99", "0.995", "1"])),
    max_size=8,
).map(lambda rows: [_model(f"model-{number}", *row) for number, row in enumerate(rows)])


def test_a_copy_of_the_leader_is_dropped_although_it_beats_a_mediocre_earlier_model() -> None:
    models = [_model("old", 1, "1"), _model("leader", 2, "0.5"), _model("copy", 3, "0.4999")]
    assert clones(models, EPSILON) == {"copy": "leader"}


def test_the_smallest_advantage_decides_and_must_be_passed() -> None:
    first = _model("first", 1, "1")
    assert clones([first, _model("second", 2, "0.99")], EPSILON) == {"second": "first"}
    assert clones([first, _model("second", 2, "0.9899")], EPSILON) == {}


def test_models_of_one_block_and_models_without_a_score_drop_nobody() -> None:
    models = [_model("broken", 0, None), _model("a", 1, "1"), _model("b", 1, "1")]
    assert clones(models, EPSILON) == {}


@given(models=_MODELS, random=st.randoms(use_true_random=False))
def test_it_is_the_definition_in_any_order(models: list[Contestant], random: Random) -> None:
    bar = 1 - EPSILON.end
    expected = {
        one.submission
        for one in models
        for other in models
        if one.score is not None
        and other.score is not None
        and other.commit_block < one.commit_block
        and one.score >= other.score * bar
    }
    found = clones(models, EPSILON)
    assert set(found) == expected
    assert clones(random.sample(models, len(models)), EPSILON) == found


def _world(*, filtered: bool, **scores: str) -> World:
    world = World(scores=scores, clone_filter=filtered)
    world.add(*(a_submission(name, block) for block, name in enumerate(scores, start=1)))
    return world


def test_a_dropped_model_is_told_why_is_not_ranked_and_not_paid() -> None:
    world = _world(filtered=True, alice="0.5", bob="0.499")
    world.run_to(190)
    ended = world.round(100).status
    assert [line.submission for line in ended.ranking] == ["alice"]
    bob = next(one for one in ended.results if one.submission == "bob")
    assert (bob.outcome, bob.score, bob.cause and bob.cause.reason) == (Outcome.SCORED, "0.499", "Clone")
    assert bob.cause is not None
    assert "alice" in bob.cause.message
    assert [share.hotkey for share in ended.moving_average] == [ended.ranking[0].hotkey]


def test_without_the_filter_everybody_is_ranked() -> None:
    world = _world(filtered=False, alice="0.5", bob="0.499")
    world.run_to(190)
    assert len(world.round(100).status.ranking) == 2


def test_a_dropped_model_is_still_in_the_store_and_accepted() -> None:
    world = _world(filtered=True, alice="0.5", bob="0.499")
    world.run_to(290)
    bob = world.submission("bob").status
    standings = {one.type: one.status for one in bob.conditions}
    assert (standings["Accepted"], standings["Fetched"], standings["Ranked"]) == (True, True, False)
    assert bob.failure is not None
    assert bob.failure.reason == "Clone"
