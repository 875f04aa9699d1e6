"""A case: a change to a valid object, and the server's answer."""

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tests.podium.api.objects import VALID

__all__ = ["ABSENT", "Case", "changed", "valid"]

ABSENT: Final = object()
"""As a changed value: remove the field."""

# Any, here and below: the JSON of Kubernetes objects.
Change = Mapping[str, Any]


@dataclass(frozen=True)
class Case:
    """A change to the valid object of a kind.

    Attributes:
        title: Completes "the server accepts/refuses …".
        change: Paths with slashes to new values.
        refusals: Field to the sentence about it; empty where the change is accepted.
        first: Makes the case one about updates: the valid object with this change exists already.
        status: Whether the update is one of the status.
    """

    kind: str
    title: str
    change: Change
    refusals: Mapping[str, str] = field(default_factory=dict)
    first: Change | None = None
    status: bool = False

    def sentence(self) -> str:
        """What the case says, as the name of its test."""
        verb = "refuses" if self.refusals else "accepts"
        return f"{self.kind} {verb} {self.title}"

    def before(self) -> dict[str, Any]:
        """The object that is updated."""
        return changed(valid(self.kind), (self.first or {}).items())

    def after(self) -> dict[str, Any]:
        """The object that is sent."""
        return changed(self.before(), self.change.items())


def changed(raw: dict[str, Any], changes: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """A copy of `raw` with values put at paths; missing objects on the way are made."""
    result = copy.deepcopy(raw)
    for path, value in changes:
        *way, last = [int(part) if part.isdigit() else part for part in path.split("/")]
        place: Any = result
        for part in way:
            place = place[part] if isinstance(part, int) else place.setdefault(part, {})
        if value is ABSENT:
            del place[last]
        else:
            place[last] = copy.deepcopy(value)
    return result


def valid(kind: str) -> dict[str, Any]:
    """The valid object of a kind."""
    head = {"apiVersion": "podium.dev/v1alpha1", "kind": kind, "metadata": {"name": "case"}}
    return {**head, **VALID[kind]}
