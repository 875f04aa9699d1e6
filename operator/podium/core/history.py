"""What rounds leave on submissions: their evaluations, place and share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from podium.core.entries import Entry
from podium.core.faults import Failure, Fault
from podium.core.kinds import Evaluation, Outcome, Result, Round, RoundPhase, SubmissionStatus
from podium.core.memo import Evidence, Known, Memo, Surroundings
from podium.core.shares import Share
from podium.core.told import with_told
from podium.core.world import CompetitionWorld

__all__ = ["conclude_submissions", "surroundings"]

_KEPT_EVALUATIONS = 3


def surroundings(world: CompetitionWorld, average: Sequence[Share]) -> Surroundings:
    """What rounds and the moving average say about submissions."""
    held = {share.hotkey: share.units for share in average}
    return Surroundings(_taking_part(world), held, _past(world))


def conclude_submissions(
    world: CompetitionWorld,
    entries: Sequence[Entry],
    around: Surroundings,
    memo: Memo,
    obstacle: tuple[str, str] | None,
) -> tuple[Known, ...]:
    """Every submission with its full status, and what that follows from.

    Args:
        world: What was observed.
        entries: What the intake found.
        around: What rounds and averages say.
        memo: What is known of submissions already.
        obstacle: Why the competition cannot run at all: reason and sentence.
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
            told = _concluded(entry, current, held, past, world, obstacle)
            concluded.append(Known(told, current, held, past))
    return tuple(concluded)


def _concluded(
    entry: Entry,
    current: Result | None,
    held: int | None,
    past: Evidence,
    world: CompetitionWorld,
    obstacle: tuple[str, str] | None,
) -> Entry:
    status = _with_evaluations(entry, past, world)
    stands = status.place is not None and entry.superseded_by is None
    status = replace(status, units=held if stands else None)
    status = with_told(entry, status, current, world, obstacle)
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
        round_.evaluator_image,
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
