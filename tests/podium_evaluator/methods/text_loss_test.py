"""All tokens of a text that have one before them are scored, padding never."""

import pytest

from podium_evaluator.datasets.base import TextSample
from podium_evaluator.methods.base import Answers
from podium_evaluator.methods.text_loss import longest_text, plan_text, plan_text_loss
from podium_evaluator.sequences import TokenSequence
from tests.podium_evaluator.methods.worlds import BOS, context, lossy, task


def test_without_a_start_token_the_first_token_is_context() -> None:
    found = context()

    plan = plan_text(TextSample("1", "abcd"), found)

    assert plan.sequences == (TokenSequence(found.encoder.encode("abcd"), 1),)
    assert plan.score(Answers([6.0], ())) == 2.0


def test_with_a_start_token_the_first_token_is_scored_after_it() -> None:
    found = context(bos=True)

    plan = plan_text(TextSample("1", "abcd"), found)

    assert plan.sequences == (TokenSequence((BOS, *found.encoder.encode("abcd")), 1),)
    assert plan.score(Answers([6.0], ())) == 1.5


def test_the_mean_of_a_long_text_is_over_all_its_windows() -> None:
    plan = plan_text(TextSample("1", "abcdefg"), context(sequence_length=4))

    assert [one.scored for one in plan.sequences] == [3, 3]
    assert plan.score(Answers([6.0, 12.0], ())) == 3.0


def test_a_text_of_a_single_token_has_nothing_to_score() -> None:
    plan = plan_text(TextSample("1", "a"), context())

    assert plan.sequences == ()
    assert plan.score(Answers((), ())) == 0.0


def test_a_participants_tokenizer_must_give_the_text_back() -> None:
    for text in ("a cat", "aei"):
        assert plan_text(TextSample("1", text), lossy()).sequences == ()


def test_its_length_is_that_of_the_text_with_the_start_token() -> None:
    assert longest_text(TextSample("1", "abcd"), context()) == 4
    assert longest_text(TextSample("1", "abcd"), context(bos=True)) == 5


@pytest.mark.parametrize(("choice", "gated"), [("Reject", True), ("Ignore", False)])
def test_the_task_says_whether_there_is_a_gate(choice: str, *, gated: bool) -> None:
    samples = [TextSample("1", "abcd"), TextSample("2", "efgh")]

    plan = plan_text_loss(task("TextLoss", degenerateOutput=choice), samples, context())

    assert (plan.gate is not None) is gated
    assert len(plan.plans) == 2
