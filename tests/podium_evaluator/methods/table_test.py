"""Every method has its line: which samples it takes, what it asks, how long a sample is."""

from typing import Any

import pytest

from podium_evaluator.contract import Method
from podium_evaluator.datasets.base import (
    ChoiceSample,
    InstructionSample,
    ReferenceSample,
    Sample,
    TextSample,
)
from podium_evaluator.methods.table import plan_task, token_count
from tests.podium_evaluator.methods.worlds import PLAIN, context, task

_SAMPLES: dict[Method, Sample] = {
    Method.MULTIPLE_CHOICE: ChoiceSample("1", "q", ("A", "B"), 0),
    Method.REFERENCE_LOSS: ReferenceSample("1", "q", "abc"),
    Method.TEXT_LOSS: TextSample("1", "abcd"),
    Method.INSTRUCTION_FOLLOWING: InstructionSample("1", ("q", "p"), ()),
}


@pytest.mark.parametrize("method", Method)
def test_a_task_has_one_part_for_each_of_its_samples(method: Method) -> None:
    plan = plan_task(task(method.value), [_SAMPLES[method]] * 3, context())

    assert len(plan.plans) == 3
    assert plan.weights is None or len(plan.weights) == 3


@pytest.mark.parametrize("method", Method)
def test_samples_of_another_kind_are_refused(method: Method) -> None:
    other = next(sample for kind, sample in _SAMPLES.items() if kind is not method)

    with pytest.raises(TypeError, match=type(other).__name__):
        plan_task(task(method.value), [_SAMPLES[method], other], context())


@pytest.mark.parametrize(("by", "sequences", "generations"), [("Likelihood", 2, 0), ("Generation", 0, 1)])
def test_the_task_says_how_an_option_is_chosen(by: str, sequences: int, generations: int) -> None:
    samples = [_SAMPLES[Method.MULTIPLE_CHOICE]]

    (one,) = plan_task(task("MultipleChoice", answerBy=by), samples, context()).plans

    assert (len(one.sequences), len(one.generations)) == (sequences, generations)


@pytest.mark.parametrize(
    ("sample", "tokens"),
    [
        (TextSample("1", "abcd"), 4),
        (ReferenceSample("1", "q", "abc"), len("[q]>abc")),
        (ReferenceSample("1", "q", "abc", "s"), len("[s][q]>abc")),
        (ChoiceSample("1", "q", ("A", "B"), 0), len("[q]>") + 20),
        (ChoiceSample("1", "q", ("A", "b" * 30), 0), len("[q]>") + 30),
        (InstructionSample("1", ("q", "two"), ()), len("[two]>") + 200),
    ],
)
@pytest.mark.parametrize("bos", [False, True])
def test_the_length_of_a_sample_is_that_of_its_longest_sequence(
    sample: Any, tokens: int, *, bos: bool
) -> None:
    assert token_count(sample, context(bos=bos).encoder, PLAIN) == tokens + bos
