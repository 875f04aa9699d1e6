"""Kubernetes Events about transitions of our objects."""

from __future__ import annotations

from datetime import datetime

from podium.cluster.client import Client
from podium.cluster.resources import EVENTS, Raw
from podium.core.names import digest
from podium.errors import AlreadyExistsError

__all__ = ["post_event"]

_NOTE_LENGTH = 1024


async def post_event(
    client: Client, about: Raw, reason: str, note: str, *, warning: bool, reporter: str, now: datetime
) -> None:
    """Posts one Event; a repetition within the same transition is the same Event.

    Raises:
        ClusterError: The API server did not take it.
    """
    metadata = about["metadata"]
    moment = now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    name = f"{metadata['name'][:63]}.{digest(metadata['uid'], reason, note, moment)[:16]}"
    event = {
        "apiVersion": EVENTS.api_version,
        "kind": "Event",
        "metadata": {"name": name, "namespace": metadata["namespace"]},
        "eventTime": moment,
        "action": reason,
        "reason": reason,
        "note": note[:_NOTE_LENGTH],
        "type": "Warning" if warning else "Normal",
        "reportingController": "podium.dev/podium",
        "reportingInstance": reporter[:128],
        "regarding": {
            "apiVersion": about["apiVersion"],
            "kind": about["kind"],
            "name": metadata["name"],
            "namespace": metadata["namespace"],
            "uid": metadata["uid"],
            "resourceVersion": metadata.get("resourceVersion", ""),
        },
    }
    try:
        await client.create(EVENTS, metadata["namespace"], event)
    except AlreadyExistsError:
        return
