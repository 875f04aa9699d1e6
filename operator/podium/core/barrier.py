"""The barrier of a round: when every contender has an outcome, pure arithmetic decides the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from fractions import Fraction

from podium.core.clones import clones
from podium.core.conditions import Condition, with_condition
from podium.core.faults import Cause, Fault
from podium.core.kinds import Outcome, RankedLine, Result, Round, RoundPhase, RoundStatus
from podium.core.opening import LEADER_MISSING, is_missing
from podium.core.ranking import Contestant, rank, step_shares
from podium.core.shares import Share
from podium.core.standings import leading, move_average

__all__ = ["close_round", "end_round"]

_POSTPONEMENTS = 2
"""A leader that cannot be evaluated postpones the payout this often in a row, and no more."""


def close_round(current: Round, now: datetime) -> RoundStatus:
    """The end of a round whose contenders all have an outcome.

    Nobody's average moves unless somebody scored. A broken evaluator fails the round, missing
    contenders alone abandon it, and a missing leader postpones it at most twice in a row.
    """
    results = current.status.results
    scored = [result for result in results if result.outcome is Outcome.SCORED]
    failed = [result for result in results if result.outcome is Outcome.FAILED]
    broken = [result for result in results if result.cause and result.cause.fault is Fault.EVALUATOR]
    if not scored and broken:
        text = f"the evaluator failed for every contender that it could have scored: {_reason(broken[0])}"
        return end_round(current, RoundPhase.FAILED, "EvaluatorBug", text, now)
    if not scored and not failed:
        text = "no contender could be evaluated; the averages stay as they are"
        return end_round(current, RoundPhase.ABANDONED, "NobodyEvaluated", text, now)
    leader = _missing_leader(current)
    if leader is not None:
        text = f"the leader {leader} could not be evaluated; postponed to the next round"
        return end_round(current, RoundPhase.ABANDONED, LEADER_MISSING, text, now)
    return _completed(current, now)


def end_round(current: Round, phase: RoundPhase, reason: str, message: str, now: datetime) -> RoundStatus:
    """The status of a round that is over."""
    done = Condition("Complete", phase is RoundPhase.COMPLETED, reason, message, now, 1)
    conditions = with_condition(current.status.conditions, done)
    return replace(current.status, phase=phase, conditions=conditions, completed=now)


def _completed(current: Round, now: datetime) -> RoundStatus:
    contestants = _contestants(current)
    dropped = clones(contestants, current.epsilon) if current.clone_filter else {}
    ranked = [one for one in contestants if one.submission not in dropped]
    places = rank(ranked, current.epsilon, current.block)
    step = step_shares(places, current.selection)
    average = move_average(current.previous_average, step, current.alpha)
    units = {share.hotkey: share.units for share in step}
    scores = {result.submission: result.score for result in current.status.results}
    lines = tuple(
        RankedLine(
            submission=place.contestant.submission,
            hotkey=place.contestant.hotkey,
            place=place.place,
            score=scores.get(place.contestant.submission),
            wins=place.wins,
            win_rate=f"{float(place.win_rate):.6f}",
            units=units.get(place.contestant.hotkey, 0),
        )
        for place in places
    )
    ended = end_round(current, RoundPhase.COMPLETED, "Ranked", _sentence(lines, step), now)
    results = tuple(_told(result, dropped.get(result.submission)) for result in ended.results)
    return replace(ended, results=results, ranking=lines, moving_average=average)


def _told(result: Result, original: str | None) -> Result:
    if original is None:
        return result
    text = (
        f"not ranked: it does not beat {original}, which was committed earlier, even at the smallest epsilon"
    )
    return replace(result, cause=Cause(Fault.SUBMISSION, "Clone", text))


def _contestants(current: Round) -> list[Contestant]:
    """Scored models and those that failed by their own fault; missing ones do not count."""
    by_uid = {result.submission_uid: result for result in current.status.results}
    return [
        Contestant(
            contender.submission,
            contender.hotkey,
            contender.commit_block,
            _score(by_uid[contender.submission_uid]),
        )
        for contender in current.contenders
        if by_uid[contender.submission_uid].outcome in {Outcome.SCORED, Outcome.FAILED}
    ]


def _score(result: Result) -> Fraction | None:
    return Fraction(result.score) if result.outcome is Outcome.SCORED and result.score else None


def _missing_leader(current: Round) -> str | None:
    if current.when_leader_missing != "Postpone" or current.postponements >= _POSTPONEMENTS:
        return None
    if not current.previous_average:
        return None
    leader = leading(current.previous_average).hotkey
    return leader if is_missing(current, leader) else None


def _sentence(lines: Sequence[RankedLine], step: Sequence[Share]) -> str:
    if not step:
        return "no contender has a score; the averages stay as they are"
    return f"{lines[0].submission} is first of {len(lines)} with score {lines[0].score}"


def _reason(result: Result) -> str:
    cause = result.cause
    return f"{cause.reason}: {cause.message}" if cause is not None else "no reason given"
