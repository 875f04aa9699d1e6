"""The barrier of a round: when every contender has an outcome, pure arithmetic decides the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from fractions import Fraction

from podium.core.audit import failed_audits
from podium.core.challenge import Challenge, challenge, compare, rightful_winner
from podium.core.clones import clones
from podium.core.conditions import Condition, with_condition
from podium.core.evidence import Evidence
from podium.core.faults import Cause, Fault
from podium.core.kinds import (
    Comparison,
    Contender,
    Outcome,
    RankedLine,
    Result,
    Round,
    RoundPhase,
    RoundStatus,
)
from podium.core.opening import LEADER_MISSING, is_missing
from podium.core.ranking import Contestant, Place, rank, step_shares
from podium.core.shares import UNIT, Share
from podium.core.standings import leading, move_average

__all__ = ["close_round", "end_round", "new_leader", "wanted_evidence"]

_POSTPONEMENTS = 2
"""A leader that cannot be evaluated postpones the payout this often in a row, and no more."""


def close_round(current: Round, evidence: Mapping[str, Evidence], now: datetime) -> RoundStatus:
    """The end of a round whose contenders all have an outcome.

    Nobody's average moves unless somebody scored. A broken evaluator fails the round, missing
    contenders alone abandon it, and a missing leader postpones it at most twice in a row.

    Args:
        current: With all outcomes.
        evidence: By the name of its ConfigMap, of those whom `wanted_evidence` names.
        now: When it ends.
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
    return _completed(current, evidence, now)


def new_leader(current: Round, evidence: Mapping[str, Evidence]) -> Contender | None:
    """Who would win the round, if it did not lead before.

    Args:
        current: With all outcomes.
        evidence: By the name of its ConfigMap, of those whom `wanted_evidence` names.
    """
    places = _places(current)
    challenged = challenge(current, places) if current.dethrone == "Significant" else None
    comparisons = compare(current, challenged, evidence) if challenged is not None else ()
    step = _step(current, places, challenged, comparisons)
    if not step:
        return None
    hotkey = step[0].hotkey if len(step) == 1 else places[0].contestant.hotkey
    if current.previous_average and leading(current.previous_average).hotkey == hotkey:
        return None
    name = next(one.contestant.submission for one in places if one.contestant.hotkey == hotkey)
    return next(one for one in current.contenders if one.submission == name)


def wanted_evidence(current: Round) -> tuple[str, ...]:
    """Names of the evidence that the end of a round rests on: of the incumbent and its challengers."""
    found = challenge(current, _places(current))
    uids = {one.submission_uid for one in found.evidence} if found is not None else set()
    results = (one for one in current.status.results if one.submission_uid in uids)
    return tuple(one.evidence for one in results if one.evidence is not None)


def end_round(current: Round, phase: RoundPhase, reason: str, message: str, now: datetime) -> RoundStatus:
    """The status of a round that is over."""
    done = Condition("Complete", phase is RoundPhase.COMPLETED, reason, message, now, 1)
    conditions = with_condition(current.status.conditions, done)
    return replace(current.status, phase=phase, conditions=conditions, completed=now)


def _completed(current: Round, evidence: Mapping[str, Evidence], now: datetime) -> RoundStatus:
    dropped, places = _dropped(current), _places(current)
    challenged = challenge(current, places)
    comparisons = compare(current, challenged, evidence) if challenged is not None else ()
    step = _step(current, places, challenged, comparisons)
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
    text = _sentence(lines, step)
    if step and challenged is not None and step[0].hotkey != places[0].contestant.hotkey:
        text += f"; {step[0].hotkey} wins: nobody above it is better by more than luck with the samples"
    ended = end_round(current, RoundPhase.COMPLETED, "Ranked", text, now)
    results = tuple(
        replace(result, cause=dropped.get(result.submission, result.cause)) for result in ended.results
    )
    return replace(ended, results=results, ranking=lines, moving_average=average, comparisons=comparisons)


def _dropped(current: Round) -> Mapping[str, Cause]:
    """Who has a score and no place, and why."""
    doubtful = failed_audits(current)
    believed = [one for one in _contestants(current) if one.submission not in doubtful]
    copies = clones(believed, current.epsilon) if current.clone_filter else {}
    return {**doubtful, **{name: _clone(original) for name, original in copies.items()}}


def _places(current: Round) -> tuple[Place, ...]:
    dropped = _dropped(current)
    ranked = [one for one in _contestants(current) if one.submission not in dropped]
    return rank(ranked, current.epsilon, current.block)


def _step(
    current: Round,
    places: Sequence[Place],
    challenged: Challenge | None,
    comparisons: Sequence[Comparison],
) -> tuple[Share, ...]:
    """What the round pays; where luck must be ruled out, to the best challenger that is certainly better."""
    step = step_shares(places, current.selection)
    if challenged is None or current.dethrone == "Score":
        return step
    winner = rightful_winner(challenged, comparisons)
    if winner.submission == places[0].contestant.submission:
        return step
    return (Share(winner.hotkey, UNIT),)


def _clone(original: str) -> Cause:
    text = (
        f"not ranked: it does not beat {original}, which was committed earlier, even at the smallest epsilon"
    )
    return Cause(Fault.SUBMISSION, "Clone", text)


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
