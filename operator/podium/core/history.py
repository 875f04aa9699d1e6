"""What rounds leave on submissions: their evaluations, place and share, and the conditions that say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from podium.core.conditions import Condition, with_condition
from podium.core.entries import Entry
from podium.core.faults import Cause, Failure, Fault
from podium.core.kinds import Competition, Evaluation, Outcome, Result, Round, RoundPhase, SubmissionStatus
from podium.core.memo import Evidence, Known, Memo, Surroundings
from podium.core.shares import Share
from podium.core.world import CompetitionWorld

__all__ = ["conclude_submissions", "surroundings"]

_KEPT_EVALUATIONS = 3


@dataclass(frozen=True)
class _Standing:
    """What is concluded about one submission, as one condition without its bookkeeping."""

    type: str
    status: bool | None
    reason: str
    message: str


def surroundings(world: CompetitionWorld, average: Sequence[Share]) -> Surroundings:
    """What rounds and the moving average say about submissions."""
    held = {share.hotkey: share.units for share in average}
    return Surroundings(_taking_part(world), held, _past(world))


def conclude_submissions(
    world: CompetitionWorld, entries: Sequence[Entry], around: Surroundings, memo: Memo
) -> tuple[Known, ...]:
    """Every submission with its full status, and what that follows from.

    Args:
        world: What was observed.
        entries: What the intake found.
        around: What rounds and averages say.
        memo: What is known of submissions already.
    """
    if memo.surroundings == around and len(memo.concluded) == len(entries):
        pairs = zip(memo.concluded, entries, strict=True)
        if all(known.entry is entry for known, entry in pairs):
            return memo.concluded
    concluded = []
    for entry in entries:
        submission = entry.submission
        uid = submission.uid
        current, held = around.current.get(uid), around.held.get(submission.hotkey)
        past = around.past.get(uid, ())
        known = memo.known.get(uid)
        if (
            known is not None
            and known.entry is entry
            and known.held == held
            and known.current == current
            and known.past == past
        ):
            concluded.append(known)
        else:
            concluded.append(Known(_concluded(entry, current, held, past, world), current, held, past))
    return tuple(concluded)


def _concluded(
    entry: Entry, current: Result | None, held: int | None, past: Evidence, world: CompetitionWorld
) -> Entry:
    status = _with_evaluations(entry, past, world)
    stands = status.place is not None and entry.superseded_by is None
    status = replace(status, units=held if stands else None)
    status = _with_conditions(entry, status, current, world)
    # What is written already stays the same object: nothing is left to do for it.
    return replace(entry, status=entry.submission.status if status == entry.submission.status else status)


def _past(world: CompetitionWorld) -> Mapping[str, Evidence]:
    """Completed rounds that each submission took part in, the oldest first, with its results."""
    found: dict[str, list[tuple[Round, Result]]] = {}
    completed = (one for one in world.past_rounds if one.status.phase is RoundPhase.COMPLETED)
    for round_ in sorted(completed, key=lambda one: one.block):
        for result in round_.status.results:
            found.setdefault(result.submission_uid, []).append((round_, result))
    return {uid: tuple(rounds) for uid, rounds in found.items()}


def _taking_part(world: CompetitionWorld) -> Mapping[str, Result]:
    """Contenders of the open round, with an outcome or not yet."""
    current = world.open_round
    if current is None:
        return {}
    known = {result.submission_uid: result for result in current.status.results}
    return {
        one.submission_uid: known.get(one.submission_uid, Result(one.submission, one.submission_uid))
        for one in current.contenders
    }


def _with_evaluations(entry: Entry, rounds: Evidence, world: CompetitionWorld) -> SubmissionStatus:
    status = entry.status
    newest = world.recorded_block(status.evaluations[-1].block if status.evaluations else None)
    for round_, result in rounds:
        if round_.block <= newest or any(one.round == round_.name for one in status.evaluations):
            continue
        if result.outcome is None:
            continue
        # A missing contender keeps its place in the queue; nothing is added to its history.
        if result.outcome is Outcome.MISSING:
            if _evaluator_failed(result, round_):
                status = replace(status, quarantine=round_.evaluator_image)
            continue
        status = _evaluated_in(status, round_, result)
    return status


def _evaluated_in(status: SubmissionStatus, round_: Round, result: Result) -> SubmissionStatus:
    line = next((one for one in round_.status.ranking if one.submission == result.submission), None)
    first = round_.status.ranking[0] if round_.status.ranking else None
    evaluation = Evaluation(
        round_.name,
        round_.block,
        result.outcome.value if result.outcome is not None else "",
        result.score,
        None if first is None else first.score,
        round_.tasks_digest,
        None if first is None else _commit_block(round_, first.submission),
    )
    return replace(
        status,
        evaluations=(*status.evaluations, evaluation)[-_KEPT_EVALUATIONS:],
        score=result.score,
        place=line.place if line is not None else None,
        failure=_failure(round_, result),
        quarantine=None,
    )


def _evaluator_failed(result: Result, round_: Round) -> bool:
    """Whether the evaluator failed on this model alone: others were scored, the reference or contenders."""
    reference = round_.status.reference
    others = (*round_.status.results, *([reference] if reference is not None else []))
    scored = any(one.outcome is Outcome.SCORED for one in others)
    return scored and result.cause is not None and result.cause.fault is Fault.EVALUATOR


def _commit_block(round_: Round, submission: str) -> int | None:
    return next((one.commit_block for one in round_.contenders if one.submission == submission), None)


def _failure(round_: Round, result: Result) -> Failure | None:
    cause, ended = result.cause, round_.status.completed
    if cause is None or ended is None:
        return None
    return Failure(cause.fault, cause.reason, cause.message, retriable=False, time=ended)


def _with_conditions(
    entry: Entry, status: SubmissionStatus, current: Result | None, world: CompetitionWorld
) -> SubmissionStatus:
    accepted, fetched = _accepted(entry, status), _fetched(entry, status)
    evaluated, ranked = _evaluated(entry, status, current, world.competition), _ranked(status)
    ready = _Standing(
        "Ready",
        accepted.status is True and fetched.status is True,
        "Ready" if entry.admitted else (fetched.reason if accepted.status else accepted.reason),
        "takes part in rounds" if entry.admitted else (fetched if accepted.status else accepted).message,
    )
    conditions = status.conditions
    for standing in (accepted, fetched, evaluated, ranked, ready):
        conditions = with_condition(conditions, _dated(standing, entry, world))
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


def _accepted(entry: Entry, status: SubmissionStatus) -> _Standing:
    if entry.superseded_by is not None:
        text = f"the same hotkey committed {entry.superseded_by} later, which stands in its place"
        return _Standing("Accepted", False, "Superseded", text)
    if entry.duplicate_of is not None:
        text = f"the same content was committed earlier by {entry.duplicate_of}; submit a model of your own"
        return _Standing("Accepted", False, "Duplicate", text)
    if entry.rejected and status.failure is not None:
        return _Standing("Accepted", False, status.failure.reason, status.failure.message)
    return _Standing("Accepted", True, "Accepted", "no rule of the competition is broken")


def _fetched(entry: Entry, status: SubmissionStatus) -> _Standing:
    if status.manifest_digest is not None:
        return _Standing("Fetched", True, "Stored", f"stored as {status.manifest_digest}")
    if entry.fetching:
        return _Standing("Fetched", False, "Fetching", "a pod is copying the model into the store")
    if status.failure is not None:
        return _Standing("Fetched", False, status.failure.reason, status.failure.message)
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
        return _awaiting(current)
    last = status.evaluations[-1]
    if last.outcome == Outcome.SCORED:
        return _Standing("Evaluated", True, "Scored", f"score {last.score} in round {last.round}")
    reason = status.failure.reason if status.failure is not None else "Failed"
    text = status.failure.message if status.failure is not None else "the evaluation failed"
    return _Standing("Evaluated", False, reason, f"round {last.round}: {text}")


def _awaiting(current: Result | None) -> _Standing:
    """What the first evaluation of a submission waits for."""
    if current is None:
        return _Standing(
            "Evaluated", False, "Waiting", "waiting for a round; it must be old enough at its block"
        )
    if current.outcome is None and not current.awaits_environment:
        return _Standing("Evaluated", False, "Evaluating", _progress(current.cause, current.attempts))
    text = "its evaluation is over; the round ranks when all contenders have an outcome"
    return _Standing("Evaluated", False, "AwaitingOthers", text)


def _progress(cause: Cause | None, attempts: int) -> str:
    if cause is None:
        return "takes part in the open round"
    return f"attempt {attempts} ended with {cause.reason}: {cause.message}"


def _ranked(status: SubmissionStatus) -> _Standing:
    if status.place is None or not status.evaluations:
        return _Standing("Ranked", False, "NotRanked", "no completed round has ranked it")
    last = status.evaluations[-1]
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
