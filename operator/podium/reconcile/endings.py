"""Jobs as decisions see them, with the results of those that have ended."""

from __future__ import annotations

from datetime import datetime

from podium.api.base import GROUP
from podium.cluster.client import Client
from podium.cluster.resources import PODS, Raw
from podium.cluster.results import collect, has_ended
from podium.cluster.store import Store
from podium.core.clock import utc
from podium.core.jobs import Ending, Job, Purpose

__all__ = ["Endings"]


class Endings:
    """Reads the result of each ended Job once, and keeps it until the Job is gone."""

    def __init__(self, client: Client, store: Store) -> None:
        self._client = client
        self._store = store
        self._known: dict[str, Ending] = {}

    async def job(self, raw: Raw, now: datetime) -> Job | None:
        """A Job of ours; None when it lacks the marks that ours carry.

        Raises:
            ClusterError: Its result could not be read now.
        """
        metadata = raw["metadata"]
        marks = metadata.get("annotations") or {}
        try:
            purpose = Purpose(marks[f"{GROUP}/purpose"])
            subject, attempt = marks[f"{GROUP}/subject-uid"], int(marks[f"{GROUP}/attempt"])
        except (KeyError, ValueError):
            return None
        pods = self._store.group(PODS, metadata["namespace"], metadata["uid"])
        ending = await self._ending(raw, pods, purpose, now) if has_ended(raw) else None
        return Job(
            name=metadata["name"],
            uid=metadata["uid"],
            purpose=purpose,
            subject_uid=subject,
            round_uid=marks.get(f"{GROUP}/round-uid"),
            attempt=attempt,
            created=utc(metadata["creationTimestamp"]),
            started=_started(pods),
            waiting=_waiting(pods),
            ending=ending,
        )

    def forget(self, uid: str) -> None:
        """Drops the result of a Job that is gone; evidence is up to 128 KiB."""
        self._known.pop(uid, None)

    async def _ending(self, raw: Raw, pods: list[Raw], purpose: Purpose, now: datetime) -> Ending:
        uid = raw["metadata"]["uid"]
        if uid not in self._known:
            self._known[uid] = await collect(self._client, raw, pods, purpose, now)
        return self._known[uid]


def _started(pods: list[Raw]) -> datetime | None:
    """When a container of a pod started; None while all of them wait."""
    states = [
        state
        for pod in pods
        for container in (pod.get("status") or {}).get("containerStatuses") or ()
        for state in (container.get("state") or {}).values()
    ]
    moments = [utc(state["startedAt"]) for state in states if state and state.get("startedAt")]
    return min(moments, default=None)


def _waiting(pods: list[Raw]) -> str:
    """Why a pod waits, in the scheduler's or the kubelet's words."""
    for pod in pods:
        status = pod.get("status") or {}
        for container in status.get("containerStatuses") or ():
            waiting = (container.get("state") or {}).get("waiting")
            if waiting:
                return f"{waiting.get('reason', '')}: {waiting.get('message', '')}"[:256]
        for condition in status.get("conditions") or ():
            if condition.get("type") == "PodScheduled" and condition.get("status") == "False":
                return f"{condition.get('reason', '')}: {condition.get('message', '')}"[:256]
    return "the pod is pending" if pods else "no pod has been created for the Job"
