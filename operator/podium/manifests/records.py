"""Rounds, evidence and weight updates as they are created."""

from __future__ import annotations

from typing import Any

from podium.api import round as stored
from podium.api.base import GROUP, VERSION
from podium.api.competition import Competition
from podium.api.translate.common import shares_from
from podium.api.translate.submission import COMMIT_BLOCK
from podium.api.translate.weight_update import update_spec_to_stored
from podium.core.kinds import Contender
from podium.core.plan import CreateRound, CreateSubmission, CreateWeightUpdate, StoreEvidence
from podium.manifests.owners import owner_reference

__all__ = ["evidence_config_map", "round_object", "submission_object", "weight_update_object"]

Raw = dict[str, Any]  # Any: the JSON of a Kubernetes object


def round_object(competition: Competition, action: CreateRound) -> Raw:
    """A Round with everything that it depends on copied in."""
    metadata = competition.metadata
    return {
        "apiVersion": f"{GROUP}/{VERSION}",
        "kind": "Round",
        "metadata": {
            "name": action.name,
            "namespace": metadata.namespace,
            "labels": {"app.kubernetes.io/managed-by": "podium", f"{GROUP}/competition": metadata.name},
            "ownerReferences": [owner_reference("Competition", metadata)],
        },
        "spec": _round_spec(competition, action).stored(),
    }


def _round_spec(competition: Competition, action: CreateRound) -> stored.RoundSpec:
    spec = competition.spec
    entry = next(one for one in spec.task_schedule if one.start_block == action.tasks_start_block)
    return stored.RoundSpec.model_validate(
        {
            "competition": {
                "name": competition.metadata.name,
                "uid": competition.metadata.uid,
                "generation": competition.metadata.generation,
            },
            "block": action.block,
            "blockHash": action.block_hash,
            "seed": action.seed,
            "tasksStartBlock": action.tasks_start_block,
            "deadlineBlock": action.deadline_block,
            "deadlineTime": action.deadline_time,
            "tasks": [task.stored() for task in entry.tasks],
            "tokenizer": spec.constraints.tokenizer.stored(),
            "sequenceLength": spec.constraints.sequence_length,
            "dtype": spec.constraints.dtype,
            "window": {"after": action.window.after, "until": action.window.until},
            "ranking": spec.ranking.stored(),
            "evaluator": spec.evaluator.stored(),
            "isolation": spec.isolation,
            "whenLeaderMissing": spec.rounds.when_leader_missing,
            "whenTaskUnavailable": spec.rounds.when_task_unavailable,
            "reference": {"source": spec.reference.source.stored(), "manifestDigest": action.reference_digest}
            if spec.reference is not None
            else None,
            "postponements": action.postponements,
            "taskPostponements": action.task_postponements,
            "previousAverage": [one.stored() for one in shares_from(action.previous_average)],
            "contenders": [_contender(one) for one in action.contenders],
        }
    )


def _contender(one: Contender) -> Raw:
    return {
        "submission": one.submission,
        "submissionUID": one.submission_uid,
        "hotkey": one.hotkey,
        "commitBlock": one.commit_block,
        "manifestDigest": one.manifest_digest,
    }


def evidence_config_map(round_: stored.Round, action: StoreEvidence) -> Raw:
    """The evidence of one contender, owned by its round and never changed."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": action.name,
            "namespace": round_.metadata.namespace,
            "labels": {
                "app.kubernetes.io/managed-by": "podium",
                "app.kubernetes.io/component": "evidence",
                f"{GROUP}/round": round_.metadata.name,
            },
            "annotations": {
                f"{GROUP}/submission": action.submission,
                f"{GROUP}/digest": action.digest,
            },
            "ownerReferences": [owner_reference("Round", round_.metadata)],
        },
        "immutable": True,
        "data": {"evidence": action.line},
    }


def submission_object(subnet: Raw, action: CreateSubmission) -> Raw:
    """A ModelSubmission of a commitment; it has no owner: what was committed stays recorded."""
    found = action.found
    source = {"repository": found.committed.repository, "revision": found.committed.revision}
    spec = {"competition": found.competition, "hotkey": found.hotkey, "source": {"huggingFace": source}}
    if found.committed.secure_hash is not None:
        spec["secureHash"] = found.committed.secure_hash
    body = _of_subnet(subnet, "ModelSubmission", found.name, spec)
    body["metadata"]["annotations"] = {COMMIT_BLOCK: str(found.block)}
    return body


def weight_update_object(subnet: Raw, action: CreateWeightUpdate) -> Raw:
    """A WeightUpdate; it has no owner, since it is the record of a payment."""
    return _of_subnet(subnet, "WeightUpdate", action.name, update_spec_to_stored(action, subnet))


def _of_subnet(subnet: Raw, kind: str, name: str, spec: Raw) -> Raw:
    return {
        "apiVersion": f"{GROUP}/{VERSION}",
        "kind": kind,
        "metadata": {
            "name": name,
            "namespace": subnet["metadata"]["namespace"],
            "labels": {
                "app.kubernetes.io/managed-by": "podium",
                f"{GROUP}/subnet": subnet["metadata"]["name"],
            },
        },
        "spec": spec,
    }
