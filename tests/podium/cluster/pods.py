"""Jobs of ours with their pods, as a cluster reports them, and a client that answers from memory."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from podium.cluster.resources import Raw, Resource
from podium.errors import NotFoundError
from podium.manifests import jobs
from podium_evaluator.contract import (
    EVIDENCE_PREFIX,
    Evidence,
    Summary,
    TaskEvidence,
    TaskScore,
    encode_evidence,
)
from tests.podium.api.objects import DIGEST
from tests.podium.manifests.actions import (
    EVALUATE,
    FETCH,
    PREPARE,
    PROBE,
    SAMPLES,
    competition,
    round_,
    submission,
)

__all__ = ["Memory", "ended", "evaluate_job", "evidence", "nonce", "other_jobs", "pod_of", "summary"]

OTHER_NONCE = 32 * "0"


@dataclass
class Memory:
    """A client that knows some pods and one log."""

    pods: list[Raw] = field(default_factory=list)
    log: str | None = None
    asked: list[tuple[object, ...]] = field(default_factory=list)

    async def list(
        self, resource: Resource, namespace: str, selector: str | None = None
    ) -> tuple[list[Raw], int]:
        """All pods."""
        self.asked.append((resource.kind, namespace, selector))
        return self.pods, 1

    async def log_tail(self, namespace: str, pod: str, container: str, lines: int, limit_bytes: int) -> str:
        """The end of the log, as the API server cuts it."""
        self.asked.append((namespace, pod, container))
        if self.log is None:
            raise NotFoundError("the pod is gone")
        return "\n".join(self.log.splitlines()[-lines:])[:limit_bytes]


def evaluate_job() -> Raw:
    """The Job of an evaluation, as it is stored."""
    return _stored(jobs.evaluate_job(competition(), round_(), EVALUATE))


def other_jobs() -> dict[str, Raw]:
    """The Jobs of the other purposes, by purpose."""
    shelf = submission(volume={"claimName": "shelf", "path": "a"})
    return {
        "Probe": _stored(jobs.probe_job(competition(), PROBE)),
        "Fetch": _stored(jobs.fetch_job(competition(), shelf, FETCH)),
        "Prepare": _stored(jobs.prepare_job(competition(), round_(), PREPARE)),
    }


def _stored(job: Raw) -> Raw:
    job["metadata"] |= {"uid": "job-uid", "creationTimestamp": "2026-01-01T00:00:00Z"}
    job["status"] = {"conditions": [{"type": "Complete", "status": "True", "reason": "CompletionsReached"}]}
    return job


def nonce(job: Raw) -> str:
    """What the Job's result must repeat."""
    return str(job["metadata"]["annotations"]["podium.dev/nonce"])


# Any: the JSON of Kubernetes objects, here and below.
def pod_of(job: Raw, **terminated: Any) -> Raw:
    """The Job's pod, with its container ended as given."""
    spec = copy.deepcopy(job["spec"]["template"]["spec"])
    state = {"exitCode": 0, "reason": "Completed", "startedAt": "2026-01-01T00:00:10Z"}
    state |= {"finishedAt": "2026-01-01T00:01:10Z", **terminated}
    return {
        "metadata": {
            "name": "evaluate-1-x",
            "namespace": "games",
            "uid": "pod-uid",
            "creationTimestamp": "2026-01-01T00:00:01Z",
            "ownerReferences": [{"controller": True, "uid": job["metadata"]["uid"]}],
        },
        "spec": spec,
        "status": {
            "phase": "Succeeded" if state["exitCode"] == 0 else "Failed",
            "containerStatuses": [{"name": "evaluator", "state": {"terminated": state}}],
        },
    }


def evidence(job: Raw, **changes: Any) -> tuple[str, str]:
    """The evidence of an honest evaluation, as a line and its digest."""
    document = Evidence(
        nonce=nonce(job),
        samples_digest=SAMPLES,
        manifest_digest=DIGEST,
        tasks=(TaskEvidence(name="word-sorting", sample_ids=("a", "b"), scores=(1.0, 2.0)),),
    )
    return encode_evidence(document.model_copy(update=changes))


def summary(job: Raw, digest: str | None, **changes: Any) -> Summary:
    """The summary of an honest evaluation."""
    return Summary(
        nonce=nonce(job),
        scores=(TaskScore(name="word-sorting", score=1.5, samples=2),),
        samples_digest=SAMPLES,
        manifest_digest=DIGEST,
        evidence_digest=digest,
        environment={"torch": "2.0", "gpu": "H100"},
    ).model_copy(update=changes)


def ended(job: Raw, **changes: Any) -> tuple[Raw, Memory]:
    """The pod of an honest evaluation, its summary changed as given, and the client with its log."""
    line, digest = evidence(job)
    pod = pod_of(job, message=summary(job, digest, **changes).to_json())
    return pod, Memory([pod], f"loading\n{EVIDENCE_PREFIX}{line}\n")
