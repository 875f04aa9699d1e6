"""Which method serves a task. To add one: write its file beside this one and its line in `_TABLE`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from podium_evaluator.contract import Method, Task
from podium_evaluator.datasets.base import (
    ChoiceSample,
    InstructionSample,
    ReferenceSample,
    Sample,
    TextSample,
)
from podium_evaluator.methods.base import Context, TaskPlan
from podium_evaluator.methods.instructions import longest_instruction, plan_instruction_task
from podium_evaluator.methods.multiple_choice import longest_choice, plan_multiple_choice
from podium_evaluator.methods.reference_loss import longest_reference, plan_reference_loss
from podium_evaluator.methods.text_loss import longest_text, plan_text_loss
from podium_evaluator.templates import ChatTemplate
from podium_evaluator.tokenizers import Encoder

__all__ = ["plan_task", "token_count"]

_UNLIMITED: Final = 2**62
_Kind = TypeVar("_Kind")


@dataclass(frozen=True, slots=True)
class _Row(Generic[_Kind]):
    """A method.

    Attributes:
        kind: What its samples are.
        plan: From samples to what the engine is asked.
        longest: Tokens of the longest sequence that a sample takes.
    """

    kind: type[_Kind]
    plan: Callable[[Task, Sequence[_Kind], Context], TaskPlan]
    longest: Callable[[_Kind, Context], int]


# Any: each row has its own kind of sample, and the kind is checked where a row is used.
_TABLE: Final[Mapping[Method, _Row[Any]]] = {
    Method.MULTIPLE_CHOICE: _Row(ChoiceSample, plan_multiple_choice, longest_choice),
    Method.REFERENCE_LOSS: _Row(ReferenceSample, plan_reference_loss, longest_reference),
    Method.TEXT_LOSS: _Row(TextSample, plan_text_loss, longest_text),
    Method.INSTRUCTION_FOLLOWING: _Row(InstructionSample, plan_instruction_task, longest_instruction),
}


def plan_task(task: Task, samples: Sequence[Sample], context: Context) -> TaskPlan:
    """The plan of one task, with one part for each sample in their order.

    Raises:
        TypeError: A sample is not of the method's kind.
        Failure: The tokenizer fails, or sequences are too short for the method.
    """
    row = _TABLE[task.method]
    if strange := [sample for sample in samples if not isinstance(sample, row.kind)]:
        raise TypeError(f"{task.method} scores {row.kind.__name__}, found {type(strange[0]).__name__}")
    return row.plan(task, samples, context)


def token_count(sample: Sample, encoder: Encoder, template: ChatTemplate) -> int:
    """Tokens of the longest sequence that the sample takes, its answer included."""
    context = Context(encoder, template, _UNLIMITED, "Token", own=False)
    return next(row.longest(sample, context) for row in _TABLE.values() if isinstance(sample, row.kind))
