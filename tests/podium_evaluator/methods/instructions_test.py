"""Samples count as often as they check rules, and a model that says the same twice has failed."""

import pytest

from podium_evaluator.contract import TaskScore
from podium_evaluator.datasets.base import InstructionSample
from podium_evaluator.methods.base import Answers
from podium_evaluator.methods.instructions import longest_instruction, plan_instruction_task
from podium_evaluator.sequences import Generated
from tests.podium_evaluator.methods.worlds import context, task

_ALIKE = Answers((), [Generated((), "the same words"), Generated((), "the same words")])
_DIFFERENT = Answers((), [Generated((), "abcdefgh"), Generated((), "12345678")])
_SAMPLE = InstructionSample("1", ("first", "second!"), ())


@pytest.mark.parametrize(
    ("alike", "total", "failed"),
    [(0, 10, False), (1, 10, False), (2, 10, True), (1, 9, True), (2, 20, False)],
)
def test_more_than_a_tenth_of_answers_alike_fail_every_sample(
    alike: int, total: int, *, failed: bool
) -> None:
    answers = [_ALIKE] * alike + [_DIFFERENT] * (total - alike)
    plan = plan_instruction_task(task("InstructionFollowing"), [_SAMPLE] * total, context())

    scores, message = plan.revise(answers, [0.25] * total)

    assert list(scores) == [1.0 if failed else 0.25] * total
    assert (f"{alike} of {total} samples" in message) is failed
    assert TaskScore(name="t", score=1.0, samples=total, message=message).message == message


def test_both_prompts_are_answered_in_two_hundred_tokens() -> None:
    found = context()
    plan = plan_instruction_task(task("InstructionFollowing"), [_SAMPLE], found)

    (one,) = plan.plans
    assert [generation.prompt for generation in one.generations] == [
        found.encoder.encode("[first]>"),
        found.encoder.encode("[second!]>"),
    ]
    assert {(each.maximum_tokens, each.repetition_penalty) for each in one.generations} == {(200, 1.2)}
    assert longest_instruction(_SAMPLE, found) == len("[second!]>") + 200
