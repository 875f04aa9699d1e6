"""Jobs as decisions see them, with the results of those that have ended."""

from __future__ import annotations

from datetime import datetime

from podium.api.base import GROUP
from podium.cluster.client import Client
from podium.cluster.pods import look_at
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
        seen = look_at(pods)
        return Job(
            name=metadata["name"],
            uid=metadata["uid"],
            purpose=purpose,
            subject_uid=subject,
            round_uid=marks.get(f"{GROUP}/round-uid"),
            attempt=attempt,
            created=utc(metadata["creationTimestamp"]),
            started=seen.started,
            waiting=seen.waiting,
            waiting_for=seen.waiting_for,
            pending_since=seen.pending_since,
            disruptions=seen.disruptions,
            evicts=tuple(filter(None, marks.get(f"{GROUP}/evicts", "").split(","))),
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
