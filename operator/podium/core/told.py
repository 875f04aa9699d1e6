"""What a participant is told of a submission: five conditions with their reasons, and a phase."""

from __future__ import annotations

from dataclasses import dataclass, replace

from podium.core.conditions import Condition, with_condition
from podium.core.entries import Entry
from podium.core.faults import Cause
from podium.core.kinds import Competition, Outcome, Result, SubmissionStatus
from podium.core.staleness import is_stale, yardstick_of
from podium.core.world import CompetitionWorld

__all__ = ["with_told"]


@dataclass(frozen=True)
class _Standing:
    """What is concluded about one submission, as one condition without its bookkeeping."""

    type: str
    status: bool | None
    reason: str
    message: str


def with_told(
    entry: Entry,
    status: SubmissionStatus,
    current: Result | None,
    world: CompetitionWorld,
    obstacle: tuple[str, str] | None,
) -> SubmissionStatus:
    """The status with its conditions and phase.

    Args:
        entry: What the intake found.
        status: With evaluations, place and share.
        current: Its result in the open round.
        world: For the time and the competition.
        obstacle: Why the competition cannot run at all: reason and sentence.
    """
    accepted, fetched = _accepted(entry, status, obstacle), _fetched(entry, status)
    evaluated, ranked = _evaluated(entry, status, current, world.competition), _ranked(status, world)
    ready = accepted.status is True and fetched.status is True
    standing = _Standing(
        "Ready",
        ready,
        "Ready" if ready else (fetched.reason if accepted.status else accepted.reason),
        "takes part in rounds" if ready else (fetched if accepted.status else accepted).message,
    )
    conditions = status.conditions
    for one in (accepted, fetched, evaluated, ranked, standing):
        conditions = with_condition(conditions, _dated(one, entry, world))
    return replace(status, conditions=conditions, phase=_phase(entry, status, current))


def _dated(standing: _Standing, entry: Entry, world: CompetitionWorld) -> Condition:
    return Condition(
        standing.type,
        standing.status,
        standing.reason,
        standing.message,
        world.now,
        entry.submission.generation,
    )


def _accepted(entry: Entry, status: SubmissionStatus, obstacle: tuple[str, str] | None) -> _Standing:
    if entry.superseded_by is not None:
        text = f"the same hotkey committed {entry.superseded_by} later, which stands in its place"
        return _Standing("Accepted", False, "Superseded", text)
    if entry.duplicate_of is not None:
        text = f"the same content was committed earlier by {entry.duplicate_of}; submit a model of your own"
        return _Standing("Accepted", False, "Duplicate", text)
    if entry.ineligible is not None:
        return _Standing("Accepted", False, *entry.ineligible)
    if entry.rejected and status.failure is not None:
        return _Standing("Accepted", False, status.failure.reason, status.failure.message)
    if obstacle is not None:
        text = f"the competition cannot run: {obstacle[1]}"
        return _Standing("Accepted", False, obstacle[0], text)
    return _Standing("Accepted", True, "Accepted", "no rule of the competition is broken")


def _fetched(entry: Entry, status: SubmissionStatus) -> _Standing:
    if status.evicted_block is not None and not entry.fetching:
        text = f"its bytes made room for other models at block {status.evicted_block}"
        again = "it is fetched again when it may take part again"
        return _Standing("Fetched", False, "Evicted", f"{text}; {again}")
    if status.manifest_digest is not None and status.evicted_block is None:
        return _Standing("Fetched", True, "Stored", f"stored as {status.manifest_digest}")
    if entry.fetching:
        return _Standing("Fetched", False, "Fetching", "a pod is copying the model into the store")
    if status.failure is not None:
        return _Standing("Fetched", False, status.failure.reason, status.failure.message)
    if entry.awaits_room:
        text = "the store has no room for it, and every model there is still needed: it is tried again"
        return _Standing("Fetched", False, "StoreFull", f"{text}; the organiser may raise store.maxBytes")
    return _Standing("Fetched", False, "Waiting", "waiting for a fetch; earlier commitments come first")


def _evaluated(
    entry: Entry, status: SubmissionStatus, current: Result | None, competition: Competition
) -> _Standing:
    if entry.rejected and not status.evaluations:
        return _Standing("Evaluated", False, "Rejected", "it is not accepted, so no round evaluates it")
    if status.quarantine is not None and status.quarantine == competition.evaluator_image:
        text = "the evaluator failed on it while others were scored; it takes part again with another image"
        return _Standing("Evaluated", False, "Quarantined", text)
    if not status.evaluations:
        return _awaiting(entry, current, competition)
    last = status.evaluations[-1]
    if last.outcome == Outcome.SCORED:
        return _Standing("Evaluated", True, "Scored", f"score {last.score} in round {last.round}")
    reason = status.failure.reason if status.failure is not None else "Failed"
    text = status.failure.message if status.failure is not None else "the evaluation failed"
    return _Standing("Evaluated", False, reason, f"round {last.round}: {text}")


def _awaiting(entry: Entry, current: Result | None, competition: Competition) -> _Standing:
    """What the first evaluation of a submission waits for."""
    if current is None and entry.young and entry.status.commit_block is not None:
        first = entry.status.commit_block + competition.submission_delay_blocks
        text = f"it takes part in rounds from block {first} on"
        return _Standing("Evaluated", False, "TooYoung", text)
    if current is None:
        text = "waiting for a seat in a round; earlier commitments come first"
        return _Standing("Evaluated", False, "Waiting", text)
    if current.outcome is None and not current.awaits_environment:
        return _Standing("Evaluated", False, "Evaluating", _progress(current.cause, current.attempts))
    text = "its evaluation is over; the round ranks when all contenders have an outcome"
    return _Standing("Evaluated", False, "AwaitingOthers", text)


def _progress(cause: Cause | None, attempts: int) -> str:
    if cause is None:
        return "takes part in the open round"
    return f"attempt {attempts} ended with {cause.reason}: {cause.message}"


def _ranked(status: SubmissionStatus, world: CompetitionWorld) -> _Standing:
    if status.place is None or not status.evaluations:
        return _Standing("Ranked", False, "NotRanked", "no completed round has ranked it")
    last = status.evaluations[-1]
    if is_stale(last, yardstick_of(world)):
        text = "tasks or the evaluator's image have changed since: nothing is compared with it any more"
        return _Standing("Ranked", True, "Stale", f"place {status.place} in round {last.round}; {text}")
    return _Standing("Ranked", True, "Ranked", f"place {status.place} in round {last.round}")


def _phase(entry: Entry, status: SubmissionStatus, current: Result | None) -> str:
    if entry.rejected:
        return "Rejected" if entry.superseded_by is None else "Superseded"
    if current is not None and status.manifest_digest is not None:
        running = current.outcome is None and not current.awaits_environment
        return "Evaluating" if running else "Evaluated"
    if status.place is not None:
        return "Ranked"
    if status.evaluations:
        return "Failed"
    if status.manifest_digest is not None:
        return "Fetched"
    return "Fetching" if entry.fetching else "Waiting"
