"""Competition, between the cluster and the decisions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final

from podium.api import competition as stored
from podium.api.ranking import Ranking
from podium.api.tasks import Task
from podium.api.translate.common import (
    conditions_from,
    conditions_to,
    digest_of,
    identity,
    rounded,
    shares_from,
    shares_to,
)
from podium.api.translate.failure import failure_from, failure_to
from podium.core.kinds import (
    Competition,
    CompetitionStatus,
    IsolationVerdict,
    Leader,
    Normalization,
    ReferenceStatus,
    RoundTask,
    SubmissionCounts,
    TaskEntry,
)
from podium.core.ranking import Epsilon, Selection
from podium.core.shares import format_units, parse_units
from podium_evaluator.contract import REQUEST_BYTES

__all__ = [
    "competition_from_stored",
    "competition_status_to_stored",
    "epsilon_from_stored",
    "selection_from_stored",
    "tasks_from_stored",
]


_REQUEST_BYTES: Final = REQUEST_BYTES - 1024
"""Of a whole request; the rest is for digests, seeds and limits."""


# Any: the JSON of a Kubernetes object, here and below.
def competition_from_stored(raw: dict[str, Any]) -> Competition:
    """A Competition as decisions see it.

    Raises:
        pydantic.ValidationError: The object does not fit the schema.
    """
    parsed = stored.Competition.model_validate(raw)
    metadata, spec = parsed.metadata, parsed.spec
    return Competition(
        **identity(metadata),
        generation=metadata.generation,
        subnet=spec.subnet,
        competition_id=spec.competition_id,
        suspended=spec.suspend,
        constraints_digest=digest_of(spec.constraints),
        evaluator_digest=digest_of(spec.evaluator),
        task_schedule=tuple(
            TaskEntry(entry.start_block, tasks_from_stored(entry.tasks), digest_of(entry.tasks))
            for entry in spec.task_schedule
        ),
        **spec.rounds.model_dump(),
        epsilon=epsilon_from_stored(spec.ranking),
        selection=selection_from_stored(spec.ranking),
        alpha=Fraction(spec.ranking.moving_average.alpha),
        threshold=Fraction(spec.ranking.moving_average.threshold),
        max_parallel=spec.evaluator.max_parallel,
        max_attempts=spec.evaluator.max_attempts,
        model_bytes=spec.constraints.max_bytes,
        store_bytes=spec.store.max_bytes,
        pending_seconds=spec.evaluator.pending_seconds,
        isolation=spec.isolation,
        volume_claims=frozenset(spec.volume_claims),
        evaluator_image=spec.evaluator.image,
        reference_digest=_reference_digest(spec),
        unsupported=_unsupported(spec),
        status=_status(parsed.status),
    )


def _unsupported(spec: stored.CompetitionSpec) -> tuple[str, ...]:
    """Settings that this version would silently ignore; it refuses to run with them instead."""
    found = {
        "ranking.dethrone Significant with selection Softmax": spec.ranking.dethrone == "Significant"
        and spec.ranking.selection == "Softmax",
    }
    return (*(field for field, present in found.items() if present), *_too_large(spec))


def _reference_digest(spec: stored.CompetitionSpec) -> str | None:
    if spec.reference is None:
        return None
    return digest_of(spec.reference, spec.constraints)


def _too_large(spec: stored.CompetitionSpec) -> list[str]:
    """Entries of the schedule that no pod could be told of: it gets them in one variable."""
    tokenizer = len(json.dumps(spec.constraints.tokenizer.stored(), ensure_ascii=False).encode())
    sizes = {
        entry.start_block: tokenizer + len(json.dumps(entry.stored(), ensure_ascii=False).encode())
        for entry in spec.task_schedule
    }
    return [
        f"{size:,} bytes of tasks from block {block} on with the tokenizer's templates, of which"
        f" {_REQUEST_BYTES:,} fit into a pod's request: use shorter templates or fewer configs and hotkeys"
        for block, size in sizes.items()
        if size > _REQUEST_BYTES
    ]


def tasks_from_stored(tasks: Sequence[Task]) -> tuple[RoundTask, ...]:
    """The parts of tasks that scores are weighed with."""
    return tuple(
        RoundTask(
            task.name,
            Fraction(task.weight),
            Normalization(
                task.normalization.kind,
                Fraction(task.normalization.ceiling) if task.normalization.ceiling is not None else None,
            ),
            None if (worst := task.method.worst_score) is None else Fraction(worst),
        )
        for task in tasks
    )


def epsilon_from_stored(ranking: Ranking) -> Epsilon:
    """The advantage of the earlier model."""
    epsilon = ranking.epsilon
    if epsilon.kind == "Fixed":
        return Epsilon("Fixed", Fraction(epsilon.start))
    return Epsilon("LinearDecay", Fraction(epsilon.start), Fraction(epsilon.end or "0"), epsilon.blocks or 1)


def selection_from_stored(ranking: Ranking) -> Selection:
    """How win rates become shares."""
    temperature = ranking.temperature
    return Selection(ranking.selection, Fraction(temperature) if temperature is not None else None)


def _status(status: stored.CompetitionStatus) -> CompetitionStatus:
    last, average, counts = status.last_round, status.average_round, status.submissions
    return CompetitionStatus(
        observed_generation=status.observed_generation,
        phase=status.phase or "",
        conditions=conditions_to(status.conditions),
        current_round=status.current_round,
        last_round=last.name if last else None,
        last_round_uid=last.uid if last else None,
        last_round_block=last.block if last else None,
        last_round_phase=last.phase if last else None,
        next_round_block=status.next_round_block,
        average_round=average.name if average else None,
        average_round_uid=average.uid if average else None,
        average_block=status.average_block,
        moving_average=shares_to(status.moving_average),
        leader=_leader(status.leader),
        counts=SubmissionCounts(**counts.model_dump()) if counts else SubmissionCounts(),
        isolation=_isolation(status.isolation),
        reference=_reference(status.reference),
    )


def _reference(reference: stored.ReferenceStatus | None) -> ReferenceStatus | None:
    if reference is None:
        return None
    failure = failure_to(reference.failure)
    return ReferenceStatus(reference.digest, reference.manifest_digest, reference.attempts, failure)


def _leader(leader: stored.Leader | None) -> Leader | None:
    if leader is None:
        return None
    return Leader(leader.submission, leader.hotkey, leader.score or "", parse_units(leader.share))


def _isolation(verdict: stored.IsolationStatus | None) -> IsolationVerdict | None:
    if verdict is None:
        return None
    return IsolationVerdict(**verdict.model_dump())


def competition_status_to_stored(status: CompetitionStatus) -> dict[str, Any]:
    """A decided status as the API server stores it."""
    leader, verdict, counts = status.leader, status.isolation, status.counts
    last = None
    if status.last_round is not None and status.last_round_block is not None:
        last = stored.LastRound(
            name=status.last_round,
            uid=status.last_round_uid,
            block=status.last_round_block,
            phase=status.last_round_phase or "Unknown",
        )
    average = None
    if status.average_round is not None:
        average = stored.AverageRound(name=status.average_round, uid=status.average_round_uid)
    return stored.CompetitionStatus(
        observed_generation=status.observed_generation,
        phase=status.phase or None,
        conditions=conditions_from(status.conditions),
        current_round=status.current_round,
        last_round=last,
        next_round_block=status.next_round_block,
        average_block=status.average_block,
        average_round=average,
        moving_average=shares_from(status.moving_average),
        leader=_stored_leader(leader) if leader else None,
        submissions=stored.SubmissionCounts(
            total=counts.total, waiting=counts.waiting, fetched=counts.fetched, rejected=counts.rejected
        ),
        isolation=_stored_isolation(verdict) if verdict else None,
        reference=_stored_reference(status.reference) if status.reference else None,
        summary=stored.CompetitionSummary(score=rounded(leader.score)) if leader else None,
    ).stored()


def _stored_leader(leader: Leader) -> stored.Leader:
    return stored.Leader(
        submission=leader.submission,
        hotkey=leader.hotkey,
        score=leader.score or None,
        share=format_units(leader.units),
    )


def _stored_reference(reference: ReferenceStatus) -> stored.ReferenceStatus:
    return stored.ReferenceStatus(
        digest=reference.digest,
        manifest_digest=reference.manifest_digest,
        attempts=reference.attempts,
        failure=failure_from(reference.failure),
    )


def _stored_isolation(verdict: IsolationVerdict) -> stored.IsolationStatus:
    return stored.IsolationStatus(
        digest=verdict.digest,
        complete=verdict.complete,
        reachable=verdict.reachable,
        attempts=verdict.attempts,
        time=verdict.time,
        message=verdict.message,
    )
