"""Conditions: what is true of an object, why, and since when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

__all__ = ["Condition", "find_condition", "is_true", "with_condition"]

_MESSAGE_LENGTH = 1024


@dataclass(frozen=True)
class Condition:
    """One condition of a status.

    Attributes:
        status: True, False, or None for Unknown.
        since: When `status` last changed.
        generation: The generation of the object that this was concluded from.
    """

    type: str
    status: bool | None
    reason: str
    message: str
    since: datetime
    generation: int


def with_condition(
    conditions: Sequence[Condition],
    new: Condition,
) -> tuple[Condition, ...]:
    """`conditions` with `new` in place of the one of its type, in order of type.

    The moment of the transition is kept while the status stays the same, so that an unchanged
    conclusion is an unchanged object.
    """
    old = find_condition(conditions, new.type)
    since = old.since if old is not None and old.status == new.status else new.since
    message = new.message[:_MESSAGE_LENGTH]
    kept = [condition for condition in conditions if condition.type != new.type]
    changed = Condition(new.type, new.status, new.reason, message, since, new.generation)
    return tuple(sorted([*kept, changed], key=lambda condition: condition.type))


def find_condition(conditions: Sequence[Condition], kind: str) -> Condition | None:
    """The condition of this type, if there is one."""
    return next((condition for condition in conditions if condition.type == kind), None)


def is_true(conditions: Sequence[Condition], kind: str) -> bool:
    """Whether the condition of this type exists and holds."""
    condition = find_condition(conditions, kind)
    return condition is not None and condition.status is True
