"""The Jobs of a competition as decisions see them."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from podium.core.faults import Failure
from podium.core.kinds import Samples, TaskScore

__all__ = ["Ending", "FetchedModel", "Job", "Purpose", "StoreSweep", "find_job"]


class Purpose(enum.StrEnum):
    """What a Job is for."""

    PROBE = "Probe"
    FETCH = "Fetch"
    PREPARE = "Prepare"
    EVALUATE = "Evaluate"


@dataclass(frozen=True)
class FetchedModel:
    """What a fetch found and stored."""

    manifest_digest: str
    tensors_digest: str
    bytes: int
    parameters: int
    architecture: str
    chat_template: str | None = None
    hashed_files: tuple[str, ...] = ()
    sketch: str | None = None


@dataclass(frozen=True)
class Ending:
    """How a Job ended: with a failure, or with the result of its purpose.

    Attributes:
        task_scores: Raw score of each task, or why it has none.
        evidence: The evidence line, and its digest, of an evaluation.
        environment: What must be equal inside a round.
    """

    failure: Failure | None = None
    fetched: FetchedModel | None = None
    samples: Samples | None = None
    task_scores: tuple[TaskScore, ...] = ()
    evidence: str | None = None
    evidence_digest: str | None = None
    environment: tuple[tuple[str, str], ...] = ()
    reachable: tuple[str, ...] = ()
    seconds: int = 0


@dataclass(frozen=True)
class Job:
    """One Job.

    Attributes:
        subject_uid: UID of what it works for: the competition, the submission or the contender.
        round_uid: Of a prepare or evaluate Job.
        attempt: From 1.
        started: When the container of its newest pod started; None while that waits.
        waiting: Why it waits, in the scheduler's or the kubelet's words.
        waiting_for: The same as one word of Kubernetes'.
        pending_since: Since when: a pod may have been there before that the cluster ended.
        disruptions: Pods of it that the cluster ended; Kubernetes started another one each time.
        evicts: Manifest digests of the models that a fetch removes first.
        ending: None while it is not over.
    """

    name: str
    uid: str
    purpose: Purpose
    subject_uid: str
    round_uid: str | None
    attempt: int
    created: datetime
    started: datetime | None = None
    waiting: str = ""
    waiting_for: str = "PendingTooLong"
    pending_since: datetime | None = None
    disruptions: int = 0
    evicts: tuple[str, ...] = ()
    ending: Ending | None = None

    @property
    def waits_since(self) -> datetime:
        """Since when it waits for a node, if it does."""
        return self.pending_since or self.created


@dataclass(frozen=True)
class StoreSweep:
    """What stays in a competition's part of the store; what is older and not named is removed.

    Attributes:
        stored_before: What was stored later stays, whatever it is.
        beginning: Only models whose digests begin so, in hexadecimal, are looked at.
        models: Manifest digests of those of them that stay.
        samples: Digests of the samples that stay.
    """

    stored_before: datetime
    beginning: str = ""
    models: tuple[str, ...] = ()
    samples: tuple[str, ...] = ()


def find_job(jobs: tuple[Job, ...], name: str) -> Job | None:
    """The Job of this name."""
    return next((job for job in jobs if job.name == name), None)
