"""A sample is two greedy answers, and their texts make its score."""

from dataclasses import dataclass

import pytest

from podium_evaluator.datasets.base import InstructionSample, Rule
from podium_evaluator.methods.base import Answers
from podium_evaluator.methods.instruction_following.plan import plan_instructions
from podium_evaluator.sequences import Generated

SAMPLE = InstructionSample("a+b", ("First?", "Second question?"), (Rule("NoCommas", ((), ())),))


@dataclass(frozen=True)
class Lengths:
    """A context whose prompts are one token: how long the text is, and another: the room left after it."""

    def prompt(self, text: str, *, room: int, system: str = "") -> tuple[int, ...]:
        assert not system
        return (len(text), room)


PLAN = plan_instructions(SAMPLE, Lengths())


def test_both_prompts_are_continued_by_two_hundred_tokens_with_a_penalty() -> None:
    assert PLAN.sequences == ()
    assert [generation.prompt for generation in PLAN.generations] == [(6, 200), (16, 200)]
    for generation in PLAN.generations:
        assert (generation.maximum_tokens, generation.repetition_penalty) == (200, 1.2)
        assert generation.finished is None


@pytest.mark.parametrize(
    ("first", "second", "score"),
    [("None", "None", 0.0), ("None", "One, two", 0.5), ("One, two", "One, two", 1.0)],
)
def test_the_score_is_that_of_the_texts(first: str, second: str, score: float) -> None:
    assert PLAN.score(Answers((), (Generated((1,), first), Generated((2,), second)))) == score
