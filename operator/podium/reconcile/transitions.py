"""Events: a condition that changed its reason, or a phase that moved on, is told once."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import structlog

from podium.cluster.client import Client
from podium.cluster.events import post_event
from podium.cluster.resources import Raw
from podium.errors import ClusterError

__all__ = ["announce", "transitions"]

_log = structlog.get_logger(__name__)

_TOLD: Final = {
    "ModelSubmission": ("Accepted", "Fetched", "Evaluated", "Ranked"),
    "Competition": ("Isolated", "TasksAvailable", "Paying", "Ready"),
    "Round": ("Complete",),
    "WeightUpdate": ("Complete",),
    "Subnet": ("Connected",),
}
"""Conditions whose changes are of interest to the people who watch an object."""

_QUIET: Final = frozenset(
    {
        "Accepted",
        "AwaitingOthers",
        "Drawing",
        "NoAverage",
        "NoRoundYet",
        "NotRanked",
        "ProbePending",
        "Rejected",
        "Waiting",
    }
)
"""Reasons that say that nothing has happened yet."""


async def announce(client: Client, before: Raw, after: Raw, reporter: str, now: datetime) -> None:
    """Posts an Event for each transition. Events inform; a pass does not fail for them."""
    for reason, note, good in transitions(before, after):
        metadata = after["metadata"]
        _log.info(
            "transition",
            kind=after["kind"],
            object=f"{metadata['namespace']}/{metadata['name']}",
            reason=reason,
            note=note,
        )
        try:
            await post_event(client, after, reason, note, warning=not good, reporter=reporter, now=now)
        except ClusterError as error:
            _log.warning("event was not posted", reason=reason, error=str(error))


def transitions(before: Raw, after: Raw) -> list[tuple[str, str, bool]]:
    """Reason, note and whether it is good, of every condition that came to another conclusion."""
    old = {one["type"]: one for one in (before.get("status") or {}).get("conditions") or ()}
    found = []
    for condition in (after.get("status") or {}).get("conditions") or ():
        known = old.get(condition["type"], {})
        same = (known.get("status"), known.get("reason")) == (condition["status"], condition["reason"])
        if same or condition["type"] not in _TOLD.get(after["kind"], ()) or condition["reason"] in _QUIET:
            continue
        good = condition["status"] == "True" or condition["reason"] in {"Fetching", "Evaluating"}
        told = (condition["reason"], condition.get("message", ""), good)
        # Ready often repeats the reason of the condition that it follows from.
        if told not in found:
            found.append(told)
    return found
