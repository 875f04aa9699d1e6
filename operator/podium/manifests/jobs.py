"""The four Jobs: probe, fetch, prepare, evaluate. Each pod gets what it needs and nothing else.

| pod      | network     | store            | GPU | secrets          |
|----------|-------------|------------------|-----|------------------|
| probe    | as evaluate | none             | no  | none             |
| fetch    | model hub   | read-write       | no  | hub token, maybe |
| prepare  | dataset hub | read-write       | no  | none             |
| evaluate | none        | own paths, read  | yes | none             |
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from podium.api.base import GROUP
from podium.api.competition import Competition
from podium.api.evaluator import Evaluator
from podium.api.round import Round
from podium.api.source import Source
from podium.api.submission import ModelSubmission
from podium.core.jobs import Purpose
from podium.core.names import nonce as nonce_of
from podium.core.plan import (
    CreateEvaluateJob,
    CreateFetchJob,
    CreatePrepareJob,
    CreateProbeJob,
    CreateReferenceFetchJob,
)
from podium.manifests import requests
from podium.manifests.owners import owner_reference
from podium.manifests.pods import Mount, Run, claim, pod_template
from podium_evaluator.contract import FetchRequest

__all__ = ["evaluate_job", "fetch_job", "prepare_job", "probe_job", "reference_fetch_job"]

Raw = dict[str, Any]  # Any: the JSON of a Kubernetes object

_PROBE_SECONDS: Final = 120
_FETCH_SECONDS: Final = 6 * 3600
"""Twenty gigabytes at one megabyte a second."""

_PREPARE_SECONDS: Final = 3600
_GRACE_SECONDS: Final = 60
"""The evaluator stops itself first and says why; the node stops it when it could not."""

_HELPER_RESOURCES: Final = {
    "requests": {"cpu": "100m", "memory": "256Mi"},
    "limits": {"cpu": "1", "memory": "2Gi", "ephemeral-storage": "2Gi"},
}


def probe_job(competition: Competition, action: CreateProbeJob) -> Raw:
    """Tries to reach, from a pod like an evaluate pod, what those must not reach."""
    evaluator = competition.spec.evaluator
    nonce = nonce_of(action.name, competition.metadata.uid)
    run = Run(["probe"], requests.probe_request(nonce).to_json(), _HELPER_RESOURCES, _PROBE_SECONDS)
    template = pod_template(evaluator, run, isolated=True)
    owner = owner_reference("Competition", competition.metadata)
    marks = _marks(competition.metadata.uid, action.attempt, nonce)
    return _job(action.name, Purpose.PROBE, competition, evaluator, template, owner, marks)


def fetch_job(competition: Competition, submission: ModelSubmission, action: CreateFetchJob) -> Raw:
    """Copies a submission into the store."""
    spec = submission.spec
    nonce = nonce_of(action.name, action.submission_uid)
    request = requests.fetch_request(
        competition,
        spec.source,
        nonce,
        hotkey=spec.hotkey,
        secure_hash=spec.secure_hash,
        evict=action.evict,
    )
    marks = _marks(action.submission_uid, action.attempt, nonce)
    job = _fetch(action.name, competition, spec.source, request, marks)
    job["metadata"]["annotations"][f"{GROUP}/submission"] = action.submission
    if action.evict:
        job["metadata"]["annotations"][f"{GROUP}/evicts"] = ",".join(action.evict)
    return job


def reference_fetch_job(competition: Competition, action: CreateReferenceFetchJob) -> Raw:
    """Copies the organiser's own model into the store, under the same constraints as all others.

    Raises:
        ValueError: The competition has none.
    """
    if competition.spec.reference is None:
        raise ValueError(f"competition {competition.metadata.name} has no reference to fetch")
    source, uid = competition.spec.reference.source, competition.metadata.uid
    nonce = nonce_of(action.name, uid)
    request = requests.fetch_request(competition, source, nonce)
    return _fetch(action.name, competition, source, request, _marks(uid, action.attempt, nonce))


def _fetch(
    name: str, competition: Competition, source: Source, request: FetchRequest, marks: dict[str, str]
) -> Raw:
    evaluator, hub = competition.spec.evaluator, competition.spec.hub
    run = _storing("fetch", request.to_json(), _FETCH_SECONDS, competition)
    if source.volume is not None:
        shelf = claim("source", source.volume.claim_name, "/source", read_only=True)
        run = replace(run, mounts=[*run.mounts, shelf])
    run = replace(run, token_secret=hub.token_secret_name if hub is not None else None)
    owner = owner_reference("Competition", competition.metadata)
    return _job(name, Purpose.FETCH, competition, evaluator, pod_template(evaluator, run), owner, marks)


def prepare_job(competition: Competition, round_: Round, action: CreatePrepareJob) -> Raw:
    """Draws a round's samples into the store."""
    evaluator = round_.spec.evaluator
    nonce = nonce_of(action.name, action.round_uid)
    request = requests.prepare_request(competition, round_, nonce, action.sweep)
    template = pod_template(evaluator, _storing("prepare", request.to_json(), _PREPARE_SECONDS, competition))
    owner = owner_reference("Round", round_.metadata)
    marks = _marks(action.round_uid, action.attempt, nonce)
    job = _job(action.name, Purpose.PREPARE, competition, evaluator, template, owner, marks)
    return _of_round(job, action.round_uid)


def evaluate_job(competition: Competition, round_: Round, action: CreateEvaluateJob) -> Raw:
    """Scores one contender; its pod sees its own model and the samples, read-only, and no network."""
    evaluator = round_.spec.evaluator
    nonce = nonce_of(action.name, action.round_uid, action.submission_uid)
    run = Run(
        ["evaluate"],
        requests.evaluate_request(round_, action, nonce).to_json(),
        resources={
            "limits": dict(evaluator.resources.limits),
            "requests": dict(evaluator.resources.requests) or dict(evaluator.resources.limits),
        },
        deadline_seconds=evaluator.timeout_seconds + _GRACE_SECONDS,
        mounts=[
            _stored(competition, "models", action.manifest_digest, "/model"),
            _stored(competition, "samples", action.samples_digest, "/samples"),
        ],
    )
    template = pod_template(evaluator, run, isolated=True)
    owner = owner_reference("Round", round_.metadata)
    marks = _marks(action.submission_uid, action.attempt, nonce)
    job = _job(action.name, Purpose.EVALUATE, competition, evaluator, template, owner, marks)
    job["metadata"]["annotations"] |= {
        f"{GROUP}/manifest-digest": action.manifest_digest,
        f"{GROUP}/samples-digest": action.samples_digest,
    }
    return _of_round(job, action.round_uid)


def _storing(command: str, request: str, seconds: int, competition: Competition) -> Run:
    """A run that writes the competition's own folder of the store.

    Several competitions may share a claim: what one of them removes another may need.
    """
    arguments = [command, f"--store=/store/{competition.metadata.name}"]
    mount = claim("store", competition.spec.store.claim_name, "/store", read_only=False)
    return Run(arguments, request, _HELPER_RESOURCES, seconds, [mount])


def _stored(competition: Competition, folder: str, digest: str, path: str) -> Mount:
    sub_path = f"{competition.metadata.name}/{folder}/{digest.replace(':', '-')}"
    return claim("store", competition.spec.store.claim_name, path, read_only=True, sub_path=sub_path)


def _marks(subject_uid: str, attempt: int, nonce: str) -> dict[str, str]:
    return {
        f"{GROUP}/subject-uid": subject_uid,
        f"{GROUP}/attempt": str(attempt),
        f"{GROUP}/nonce": nonce,
    }


def _of_round(job: Raw, round_uid: str) -> Raw:
    job["metadata"]["annotations"][f"{GROUP}/round-uid"] = round_uid
    return job


def _job(
    name: str,
    purpose: Purpose,
    competition: Competition,
    evaluator: Evaluator,
    template: Raw,
    owner: Raw,
    marks: dict[str, str],
) -> Raw:
    labels = {
        "app.kubernetes.io/managed-by": "podium",
        "app.kubernetes.io/component": purpose.value.lower(),
        f"{GROUP}/competition": competition.metadata.name,
        f"{GROUP}/competition-uid": competition.metadata.uid,
    }
    queued = evaluator.queue_name is not None and purpose is Purpose.EVALUATE
    template["metadata"] = {"labels": dict(labels)}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": name,
            "namespace": competition.metadata.namespace,
            "labels": labels | ({"kueue.x-k8s.io/queue-name": evaluator.queue_name} if queued else {}),
            "annotations": {f"{GROUP}/purpose": purpose.value, **marks},
            "ownerReferences": [owner],
        },
        "spec": {
            # Attempts are ours: a failed pod is judged before anything runs again.
            "backoffLimit": 0,
            "podReplacementPolicy": "Failed",
            # A drained node is nobody's fault: the Job starts a new pod without counting.
            "podFailurePolicy": {
                "rules": [{"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget"}]}]
            },
            "suspend": queued,
            "template": template,
        },
    }
