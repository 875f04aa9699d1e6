"""Waiting until custom resources are served."""

import json

from tests.cluster.access import ClusterAccess
from tests.cluster.waiting import wait_for

__all__ = ["wait_until_served"]


def wait_until_served(access: ClusterAccess, *which: str, seconds: float = 60.0) -> None:
    """Wait until CustomResourceDefinitions are Established.

    `kubectl wait` gives up at once on one whose conditions have not been written yet.

    Args:
        access: The cluster.
        which: Words for `kubectl get`: ``crd`` and names, or ``--filename=…``.
        seconds: The deadline.
    """

    def served() -> bool:
        found = json.loads(access.kubectl("get", *which, "--output=json").stdout)
        items = found["items"] if found["kind"] == "List" else [found]
        return bool(items) and all(_is_established(one) for one in items)

    wait_for(served, f"{' '.join(which)} is served", seconds)


def _is_established(kind: dict[str, dict[str, list[dict[str, str]]]]) -> bool:
    conditions = (kind.get("status") or {}).get("conditions") or []
    return any((one["type"], one["status"]) == ("Established", "True") for one in conditions)
