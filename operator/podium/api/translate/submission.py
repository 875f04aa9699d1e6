"""ModelSubmission, between the cluster and the decisions."""

from __future__ import annotations

from typing import Any, Final

from podium.api import submission as stored
from podium.api.base import GROUP
from podium.api.translate.common import conditions_from, conditions_to, identity, rounded
from podium.api.translate.failure import failure_from, failure_to
from podium.core.conditions import find_condition
from podium.core.kinds import Evaluation, Similar, Submission, SubmissionStatus
from podium.core.shares import UNIT, format_units, parse_units

COMMIT_BLOCK: Final = f"{GROUP}/commit-block"
"""Annotation of submissions that discovery makes, which on a chain nobody else may make or change."""

_DIGITS: Final = 15

__all__ = ["COMMIT_BLOCK", "submission_from_stored", "submission_status_to_stored"]


# Any: the JSON of a Kubernetes object, here and below.
def submission_from_stored(raw: dict[str, Any]) -> Submission:
    """A ModelSubmission as decisions see it.

    Raises:
        pydantic.ValidationError: The object does not fit the schema.
    """
    parsed = stored.ModelSubmission.model_validate(raw)
    metadata, spec = parsed.metadata, parsed.spec
    return Submission(
        **identity(metadata),
        generation=metadata.generation,
        competition=spec.competition,
        hotkey=spec.hotkey,
        volume_claim=spec.source.volume.claim_name if spec.source.volume else None,
        discovered_block=_discovered_block(raw),
        status=_status(parsed.status),
    )


def _discovered_block(raw: dict[str, Any]) -> int | None:
    """The block that discovery noted when it made the object."""
    text = (raw["metadata"].get("annotations") or {}).get(COMMIT_BLOCK, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else None


def _status(status: stored.ModelSubmissionStatus) -> SubmissionStatus:
    fetch = status.fetch or stored.Fetch()
    return SubmissionStatus(
        observed_generation=status.observed_generation,
        phase=status.phase or "",
        conditions=conditions_to(status.conditions),
        commit_block=status.commit_block,
        manifest_digest=status.manifest_digest,
        tensors_digest=status.tensors_digest,
        bytes=status.bytes,
        parameters=status.parameters,
        architecture=status.architecture,
        chat_template=status.chat_template,
        hashed_files=status.hashed_files,
        constraints_digest=status.constraints_digest,
        duplicate_of=status.duplicate_of,
        fetch_attempts=fetch.attempts,
        fetch_disruptions=fetch.disruptions,
        fetch_block=fetch.last_block,
        evicted_block=fetch.evicted_block,
        removed=fetch.removed,
        evaluations=tuple(_evaluation(one) for one in status.evaluations),
        score=status.score,
        place=status.place,
        units=parse_units(status.share) if status.share is not None else None,
        failure=failure_to(status.failure),
        quarantine=status.quarantine,
        sketch=status.sketch,
        similar=Similar(**status.similar.model_dump()) if status.similar is not None else None,
    )


def _evaluation(one: stored.Evaluation) -> Evaluation:
    return Evaluation(
        one.round,
        one.block,
        one.outcome,
        one.score,
        one.winner_score,
        one.task_digest or "",
        one.winner_commit_block,
        one.evaluator_image or "",
    )


def submission_status_to_stored(status: SubmissionStatus) -> dict[str, Any]:
    """A decided status as the API server stores it."""
    return stored.ModelSubmissionStatus(
        observed_generation=status.observed_generation,
        phase=status.phase or None,
        conditions=conditions_from(status.conditions),
        commit_block=status.commit_block,
        manifest_digest=status.manifest_digest,
        tensors_digest=status.tensors_digest,
        bytes=status.bytes,
        parameters=status.parameters,
        architecture=status.architecture,
        chat_template=status.chat_template,
        hashed_files=status.hashed_files,
        constraints_digest=status.constraints_digest,
        duplicate_of=status.duplicate_of,
        fetch=_stored_fetch(status),
        evaluations=tuple(_stored_evaluation(one) for one in status.evaluations),
        score=status.score,
        place=status.place,
        share=format_units(status.units) if status.units is not None else None,
        failure=failure_from(status.failure),
        quarantine=status.quarantine,
        sketch=status.sketch,
        similar=stored.Similar(
            submission=status.similar.submission, equal=status.similar.equal, of=status.similar.of
        )
        if status.similar is not None
        else None,
        summary=_summary(status),
    ).stored()


def _stored_fetch(status: SubmissionStatus) -> stored.Fetch | None:
    fetch = stored.Fetch(
        attempts=status.fetch_attempts,
        disruptions=status.fetch_disruptions,
        last_block=status.fetch_block,
        evicted_block=status.evicted_block,
        removed=status.removed,
    )
    return fetch if fetch != stored.Fetch() else None


def _summary(status: SubmissionStatus) -> stored.SubmissionSummary:
    accepted = find_condition(status.conditions, "Accepted")
    turned_away = accepted is not None and accepted.status is False
    failed = status.failure.reason if status.failure is not None else None
    return stored.SubmissionSummary(
        score=rounded(status.score),
        share=f"{100 * status.units / UNIT:.1f}%" if status.units is not None else None,
        reason=accepted.reason if accepted is not None and turned_away else failed,
    )


def _stored_evaluation(one: Evaluation) -> stored.Evaluation:
    return stored.Evaluation.model_validate(
        {
            "round": one.round,
            "block": one.block,
            "outcome": one.outcome,
            "score": one.score,
            "winnerScore": one.winner_score,
            "winnerCommitBlock": one.winner_commit_block,
            "taskDigest": one.tasks_digest or None,
            "evaluatorImage": one.evaluator_image or None,
        }
    )
