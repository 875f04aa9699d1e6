"""The API server as cases use it: objects in, refusals out."""

import json
from dataclasses import dataclass
from typing import Any

from kubernetes import client

from podium.api.base import GROUP, VERSION
from podium.api.kinds import KINDS

__all__ = ["Server"]

_PLURALS = {kind.name: kind.plural for kind in KINDS}
_UNCHECKED = "some validation rules were not checked"
"""What the server adds when a wrong type or length kept it from evaluating rules."""

# Any, here and below: the JSON of Kubernetes objects.
Refusals = list[tuple[str, str]]


@dataclass(frozen=True)
class Server:
    """Sends objects of our kinds to one namespace.

    Attributes:
        objects: The client; kubernetes publishes no types.
    """

    objects: Any
    namespace: str

    def refusals_of_creation(self, raw: dict[str, Any]) -> Refusals:
        """Field and sentence of each thing that is wrong with a new object; nothing is stored."""
        try:
            self.create(raw, dry_run="All")
        except client.ApiException as error:
            return _causes(error)
        return []

    def refusals_of_update(self, before: dict[str, Any], after: dict[str, Any], *, status: bool) -> Refusals:
        """What is wrong with changing a stored object; it is deleted again."""
        stored = self.create(before)
        name = stored["metadata"]["name"]
        try:
            if "status" in before:
                stored = self.replace({**stored, "status": before["status"]}, status=True)
            version = stored["metadata"]["resourceVersion"]
            sent = {**after, "metadata": {**after["metadata"], "resourceVersion": version}}
            return self._refusals_of_replacement(sent, status=status)
        finally:
            self.objects.delete_namespaced_custom_object(*self._place(before["kind"]), name)

    def _refusals_of_replacement(self, raw: dict[str, Any], *, status: bool) -> Refusals:
        try:
            self.replace(raw, status=status)
        except client.ApiException as error:
            return _causes(error)
        return []

    def create(self, raw: dict[str, Any], **options: str) -> dict[str, Any]:
        """The object as it is stored, defaults filled in."""
        place = self._place(raw["kind"])
        stored: dict[str, Any] = self.objects.create_namespaced_custom_object(*place, raw, **options)
        return stored

    def replace(self, raw: dict[str, Any], *, status: bool) -> dict[str, Any]:
        """The object as it is stored after its spec, or its status, was replaced."""
        place = (*self._place(raw["kind"]), raw["metadata"]["name"])
        if status:
            stored: dict[str, Any] = self.objects.replace_namespaced_custom_object_status(*place, raw)
        else:
            stored = self.objects.replace_namespaced_custom_object(*place, raw)
        return stored

    def _place(self, kind: str) -> tuple[str, str, str, str]:
        return GROUP, VERSION, self.namespace, _PLURALS[kind]


def _causes(error: client.ApiException) -> Refusals:
    answer = json.loads(error.body)
    if answer["reason"] != "Invalid":
        raise error
    causes = answer["details"]["causes"]
    return [(cause["field"], cause["message"]) for cause in causes if _UNCHECKED not in cause["message"]]
