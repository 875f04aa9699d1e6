"""What a Job's pods show of it while it runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from podium.cluster.resources import Raw
from podium.core.clock import utc

__all__ = ["PodsOfJob", "disruption_of", "is_terminated", "look_at"]

_WORDS: Final = 256
"""Of the scheduler or the kubelet, kept for people."""


@dataclass(frozen=True)
class PodsOfJob:
    """The newest pod of a Job, and what became of those before it.

    Attributes:
        started: When its container started; None while it waits.
        waiting: Why it waits, for people.
        waiting_for: The same as one word of Kubernetes'.
        pending_since: When it was made, or the one before it was ended; None where there never was one.
        disruptions: Pods that the cluster ended.
    """

    started: datetime | None
    waiting: str
    waiting_for: str
    pending_since: datetime | None
    disruptions: int


def look_at(pods: Sequence[Raw]) -> PodsOfJob:
    """The pods of one Job."""
    disrupted = [pod for pod in pods if is_terminated(pod) and disruption_of(pod)]
    newest = max((pod for pod in pods if pod not in disrupted), key=_made, default=None)
    if newest is None:
        text = "no pod has been created for the Job: a quota, a limit or an admission rule may refuse it"
        since = max((_disrupted_at(pod) for pod in disrupted), default=None)
        return PodsOfJob(None, text, "PodNotCreated", since, len(disrupted))
    reason, message = _waiting(newest)
    return PodsOfJob(
        started=_started(newest),
        waiting=f"{reason}: {message}"[:_WORDS] if reason else "the pod is pending",
        waiting_for=reason or "PendingTooLong",
        pending_since=utc(made) if (made := _made(newest)) else None,
        disruptions=len(disrupted),
    )


def is_terminated(pod: Raw) -> bool:
    """Whether a pod will never run again."""
    return (pod.get("status") or {}).get("phase") in {"Succeeded", "Failed"}


def disruption_of(pod: Raw) -> str:
    """Why the cluster ended a pod, or an empty text where it did not."""
    condition = _condition(pod, "DisruptionTarget", "True")
    return str(condition.get("reason") or "DisruptionTarget") if condition else ""


def _disrupted_at(pod: Raw) -> datetime:
    return utc(
        str((_condition(pod, "DisruptionTarget", "True") or {}).get("lastTransitionTime") or _made(pod))
    )


def _condition(pod: Raw, kind: str, status: str) -> Raw | None:
    conditions = (pod.get("status") or {}).get("conditions") or ()
    return next((one for one in conditions if (one.get("type"), one.get("status")) == (kind, status)), None)


def _made(pod: Raw) -> str:
    return str(pod["metadata"].get("creationTimestamp", ""))


def _started(pod: Raw) -> datetime | None:
    states = [
        state
        for container in (pod.get("status") or {}).get("containerStatuses") or ()
        for state in (container.get("state") or {}).values()
    ]
    moments = [utc(state["startedAt"]) for state in states if state and state.get("startedAt")]
    return min(moments, default=None)


def _waiting(pod: Raw) -> tuple[str, str]:
    """Why a pod waits, in the kubelet's or the scheduler's words; two empty texts where they say nothing."""
    status = pod.get("status") or {}
    for container in status.get("containerStatuses") or ():
        waiting = (container.get("state") or {}).get("waiting")
        if waiting:
            return str(waiting.get("reason") or ""), str(waiting.get("message") or "")
    unscheduled = _condition(pod, "PodScheduled", "False") or {}
    return str(unscheduled.get("reason") or ""), str(unscheduled.get("message") or "")
