"""The option whose text is most likely after the question is chosen."""

import pytest

from podium_evaluator.datasets.base import ChoiceSample
from podium_evaluator.methods.base import Answers
from podium_evaluator.methods.choice_by_likelihood import plan_likely_choice
from tests.podium_evaluator.methods.worlds import BOS, context, lossy


@pytest.mark.parametrize(
    ("losses", "error"),
    [([3.0, 1.0, 2.0], 0.0), ([1.0, 3.0, 2.0], 1.0), ([1.0, 1.0, 2.0], 1.0)],
    ids=["the right one is most likely", "another is", "a tie is no answer"],
)
def test_the_most_likely_option_is_chosen(losses: list[float], error: float) -> None:
    plan = plan_likely_choice(ChoiceSample("1", "question", ("x", "yes", "no"), 1), context())

    assert [one.scored for one in plan.sequences] == [1, 3, 2]
    assert plan.score(Answers(losses, ())) == error


def test_an_option_without_tokens_is_never_chosen() -> None:
    plan = plan_likely_choice(ChoiceSample("1", "question", ("aei", "xyz"), 0), lossy())

    assert len(plan.sequences) == 1
    assert plan.score(Answers([100.0], ())) == 1.0


@pytest.mark.parametrize("bos", [False, True])
def test_a_question_that_is_too_long_is_cut_at_the_same_place_for_all_its_options(*, bos: bool) -> None:
    found = context(bos=bos, sequence_length=16)

    plan = plan_likely_choice(ChoiceSample("1", "abcdefghijklmnopqrst", ("x", "yes"), 1), found)

    question = found.encoder.encode("[abcdefghijklmnopqrst]>")[-13 + bos :]
    assert [one.ids[: one.first] for one in plan.sequences] == [(*found.start, *question)] * 2
    assert max(len(one.ids) for one in plan.sequences) == 16
    assert all(one.ids.count(BOS) == bos for one in plan.sequences)
