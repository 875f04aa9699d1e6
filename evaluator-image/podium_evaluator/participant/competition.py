"""A Competition as its file says: read strictly, with the field of whatever is wrong."""

from __future__ import annotations

import copy
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from pydantic import JsonValue, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import ErrorDetails

from podium_evaluator import contract
from podium_evaluator.errors import quoted
from podium_evaluator.participant.manifest import ManifestError, read_competition
from podium_evaluator.participant.schema import Datasets, Manifest, ScheduleEntry, Spec, Task
from podium_evaluator.participant.total import Weighing

__all__ = ["Competition", "TaskEntry", "field_path", "load_competition", "parse_competition", "sentence"]

_REPORTED: Final = 20
_SUBJECTS: Final = (
    ("Input should be", "expected"),
    ("String should have", "expected"),
    ("String should match pattern", "expected a text of the pattern"),
    ("Tuple should have", "expected"),
)
"""How the library begins its messages, and how ours begin."""
_KINDS: Final = tuple(name for name in Datasets.model_fields if name != "freshness")


@dataclass(frozen=True, slots=True)
class TaskEntry:
    """The tasks from a block on.

    Attributes:
        start_block: Where they begin.
        tasks: As pods get them.
        weighings: Their parts in the score, in the same order.
    """

    start_block: int
    tasks: tuple[contract.Task, ...]
    weighings: tuple[Weighing, ...]

    def only(self, names: Collection[str]) -> TaskEntry:
        """The entry with some of its tasks.

        Raises:
            ManifestError: It has no task of one of the names.
        """
        known = [task.name for task in self.tasks]
        if unknown := [name for name in names if name not in known]:
            raise ManifestError(f"no task {quoted(unknown[0])}, expected some of {', '.join(known)}")
        return TaskEntry(
            self.start_block,
            tuple(task for task in self.tasks if task.name in names),
            tuple(one for one in self.weighings if one.name in names),
        )


@dataclass(frozen=True, slots=True)
class Competition:
    """What decides a verdict.

    Attributes:
        name: Of the object; empty where the file gives none.
        spec: What the organiser decided.
        schedule: Its tasks over time.
        ignored: Paths of fields that no Competition has; the API server drops them.
    """

    name: str
    spec: Spec
    schedule: tuple[TaskEntry, ...]
    ignored: tuple[str, ...] = ()

    def active(self, block: int | None) -> TaskEntry:
        """The tasks at a block: the last entry that has started, or the newest of all.

        Raises:
            ManifestError: No entry has started by then.
        """
        started = [one for one in self.schedule if block is None or one.start_block <= block]
        if not started:
            starts = ", ".join(str(one.start_block) for one in self.schedule)
            raise ManifestError(f"no tasks have started at block {block}; entries start at blocks {starts}")
        return max(started, key=lambda one: one.start_block)


def load_competition(path: Path) -> Competition:
    """The one Competition of a YAML file.

    Raises:
        ManifestError: There is not exactly one, or its fields are not what they must be.
    """
    return parse_competition(read_competition(path))


def parse_competition(document: dict[str, JsonValue]) -> Competition:
    """A Competition from its object.

    Raises:
        ManifestError: A required field is missing or a value is not what it must be.
    """
    manifest, ignored = _parsed(document)
    entries = manifest.spec.task_schedule
    if problems := [line for number, entry in enumerate(entries) for line in _problems(number, entry)]:
        raise ManifestError(_lines(problems))
    schedule = tuple(_entry(entry) for entry in entries)
    return Competition(str(manifest.metadata.get("name") or ""), manifest.spec, schedule, ignored)


def field_path(location: Sequence[int | str]) -> str:
    """A field as Kubernetes writes it, as in ``spec.taskSchedule[0].tasks``."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return "".join(parts).lstrip(".")


def sentence(problem: ErrorDetails, place: str) -> str:
    """What was expected of a field and what was found there."""
    if problem["type"] == "missing":
        return f"{place}: expected a value, found nothing: the field is required"
    expected = problem["msg"]
    for theirs, mine in _SUBJECTS:
        expected = expected.replace(theirs, mine)
    return f"{place}: {expected}, found {quoted(problem['input'], 160)}"


def _parsed(document: dict[str, JsonValue]) -> tuple[Manifest, tuple[str, ...]]:
    """The object without the fields that are not known, and those fields."""
    try:
        return _validated(document), ()
    except ValidationError as error:
        problems = _causes(error.errors(include_url=False))
    unknown = [one["loc"] for one in problems if one["type"] == "extra_forbidden"]
    ignored = tuple(field_path(one) for one in unknown)
    if wrong := [sentence(one, field_path(one["loc"])) for one in problems if one["loc"] not in unknown]:
        raise ManifestError(_lines([*wrong, *(f"{one}: no Competition has this field" for one in ignored)]))
    return _validated(_without(document, unknown)), ignored


def _causes(problems: Sequence[ErrorDetails]) -> list[ErrorDetails]:
    """Without lists that are only too short because their items are wrong."""
    places = [one["loc"] for one in problems]
    return [
        one
        for one in problems
        if one["type"] != "too_short" or not any(_is_inside(place, one["loc"]) for place in places)
    ]


def _is_inside(place: tuple[int | str, ...], other: tuple[int | str, ...]) -> bool:
    return len(place) > len(other) and place[: len(other)] == other


def _validated(document: dict[str, JsonValue]) -> Manifest:
    # From JSON, so that strictness is about what was written and not about Python's types.
    return Manifest.model_validate_json(json.dumps(document), strict=True, by_alias=True, by_name=False)


def _without(
    document: dict[str, JsonValue], locations: Sequence[tuple[int | str, ...]]
) -> dict[str, JsonValue]:
    left = copy.deepcopy(document)
    for *way, last in locations:
        place: Any = left  # JSON, and the way was found in it
        for part in way:
            place = place[part]
        del place[last]
    return left


def _problems(number: int, entry: ScheduleEntry) -> Iterator[str]:
    """What the API server would refuse and the schema alone does not tell."""
    here = f"spec.taskSchedule[{number}].tasks"
    names = [task.name for task in entry.tasks]
    if len(set(names)) < len(names):
        raise ManifestError(f"{here}: expected names that differ, found {', '.join(names)}")
    whole = sum((Fraction(task.weight) for task in entry.tasks), Fraction(0))
    if whole != 1:
        yield f"{here}: expected weights that sum to 1, found {float(whole):g}"
    for index, task in enumerate(entry.tasks):
        present = [name for name in _KINDS if getattr(task.dataset, name) is not None]
        if len(present) != 1:
            expected = f"expected exactly one of {', '.join(map(to_camel, _KINDS))}"
            found = ", ".join(map(to_camel, present)) or "none of them"
            yield f"{here}[{index}].dataset: {expected}, found {found}"
        ceiling = task.normalization.ceiling
        if task.normalization.kind == "InverseExponential" and (ceiling is None or Fraction(ceiling) == 0):
            place = f"{here}[{index}].normalization.ceiling"
            yield f"{place}: expected a number above 0, found {ceiling or 'none'}"


def _entry(entry: ScheduleEntry) -> TaskEntry:
    tasks, weighings = map(_task, entry.tasks), map(_weighing, entry.tasks)
    return TaskEntry(entry.start_block, tuple(tasks), tuple(weighings))


def _task(task: Task) -> contract.Task:
    (dataset,) = (found for name in _KINDS if (found := getattr(task.dataset, name)) is not None)
    given = {
        "loss_unit": task.loss_unit,
        "answer_by": task.answer_by,
        "degenerate_output": task.degenerate_output,
        "freshness": task.dataset.freshness,
    }
    present = {name: value for name, value in given.items() if value is not None}
    return contract.Task.model_validate(
        {"name": task.name, "method": task.method, "dataset": dataset, **present}
    )


def _weighing(task: Task) -> Weighing:
    normalization = task.normalization
    exponential = normalization.kind == "InverseExponential" and normalization.ceiling is not None
    ceiling = Fraction(normalization.ceiling) if exponential and normalization.ceiling else None
    return Weighing(task.name, task.method, Fraction(task.weight), ceiling)


def _lines(problems: Sequence[str]) -> str:
    more = len(problems) - _REPORTED
    return "\n".join([*problems[:_REPORTED], *([f"and {more} more"] if more > 0 else [])])
