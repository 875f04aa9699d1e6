"""The resources that Podium reads and writes, and how objects of each are grouped in the store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from podium.api.base import GROUP, VERSION

__all__ = [
    "COMPETITIONS",
    "COMPETITION_UID",
    "CONFIG_MAPS",
    "EVENTS",
    "JOBS",
    "JOB_NAME",
    "MANAGED_BY",
    "MANAGED_BY_PODIUM",
    "PODS",
    "ROUNDS",
    "SUBMISSIONS",
    "SUBNETS",
    "WATCHED",
    "WEIGHT_UPDATES",
    "Resource",
    "controller_uid",
]

Raw = dict[str, Any]  # Any: the JSON of a Kubernetes object

MANAGED_BY: Final = "app.kubernetes.io/managed-by"
MANAGED_BY_PODIUM: Final = f"{MANAGED_BY}=podium"
COMPETITION_UID: Final = f"{GROUP}/competition-uid"
JOB_NAME: Final = "batch.kubernetes.io/job-name"
"""Label that the Job controller puts on a Job's pods."""


def label(raw: Raw, key: str) -> str:
    """A label of an object; empty when it has none."""
    value = (raw.get("metadata") or {}).get("labels", {}).get(key)
    return value if isinstance(value, str) else ""


def controller_uid(raw: Raw) -> str:
    """UID of the object that controls this one; empty when nothing does."""
    for owner in (raw.get("metadata") or {}).get("ownerReferences") or ():
        if owner.get("controller"):
            return str(owner.get("uid", ""))
    return ""


@dataclass(frozen=True)
class Resource:
    """One resource of the API.

    Attributes:
        group: Empty for the core group.
        selector: Label selector that every list and watch of ours uses.
        group_by: The key under which an object is found in the store: what it belongs to.
    """

    group: str
    version: str
    plural: str
    kind: str
    selector: str = ""
    group_by: Callable[[Raw], str] = lambda _: ""

    @property
    def api_version(self) -> str:
        """As in `apiVersion:`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def path(self, namespace: str, name: str = "", subresource: str = "") -> str:
        """URL path of the collection, an object or a subresource."""
        root = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        parts = [root, "namespaces", namespace, self.plural, name, subresource]
        return "/".join(part for part in parts if part)


def _spec(raw: Raw, *path: str) -> str:
    value: Any = raw.get("spec") or {}
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""


SUBNETS: Final = Resource(GROUP, VERSION, "subnets", "Subnet")
COMPETITIONS: Final = Resource(
    GROUP, VERSION, "competitions", "Competition", group_by=lambda raw: _spec(raw, "subnet")
)
SUBMISSIONS: Final = Resource(
    GROUP, VERSION, "modelsubmissions", "ModelSubmission", group_by=lambda raw: _spec(raw, "competition")
)
ROUNDS: Final = Resource(
    GROUP, VERSION, "rounds", "Round", group_by=lambda raw: _spec(raw, "competition", "uid")
)
WEIGHT_UPDATES: Final = Resource(GROUP, VERSION, "weightupdates", "WeightUpdate")
JOBS: Final = Resource(
    "batch",
    "v1",
    "jobs",
    "Job",
    selector=MANAGED_BY_PODIUM,
    group_by=lambda raw: label(raw, COMPETITION_UID),
)
PODS: Final = Resource("", "v1", "pods", "Pod", selector=MANAGED_BY_PODIUM, group_by=controller_uid)
CONFIG_MAPS: Final = Resource("", "v1", "configmaps", "ConfigMap", selector=MANAGED_BY_PODIUM)
EVENTS: Final = Resource("events.k8s.io", "v1", "events", "Event")

WATCHED: Final = (SUBNETS, COMPETITIONS, SUBMISSIONS, ROUNDS, WEIGHT_UPDATES, JOBS, PODS)
"""What the operator keeps in its store."""
