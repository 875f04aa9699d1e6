"""Challengers against the incumbent: who would take its place, and whether that is more than luck."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from podium.core.evidence import Evidence
from podium.core.kinds import Comparison, Contender, Outcome, Result, Round, Verdict
from podium.core.ranking import Place
from podium.core.scoring import score_text
from podium.core.settling import scored_tasks
from podium.core.shares import UNIT
from podium.core.standings import leading
from podium.core.statistics import ERROR_RATE, Estimate, estimate, resampled

__all__ = ["Challenge", "challenge", "compare", "rightful_winner"]

INCUMBENT_INCOMPLETE: Final = "IncumbentIncomplete"
"""Reason of comparisons with an incumbent whose evidence is gone or lacks scores."""

_FEWEST_SAMPLES: Final = 8
"""Of a task: fewer show nothing of their spread."""

_LARGEST: Final = 10**300
_MOST_COMPARED: Final = 8
"""The best that rank above the incumbent; those behind them would not win anyway."""


@dataclass(frozen=True)
class Challenge:
    """The incumbent of a round and the models that rank above it, the best first.

    Attributes:
        challengers: At most eight.
        scored: How many models beside the incumbent have a score: so many might have been lucky.
    """

    incumbent: Contender
    challengers: tuple[Contender, ...]
    scored: int

    @property
    def evidence(self) -> tuple[Contender, ...]:
        """Whose evidence the comparison needs."""
        return (self.incumbent, *self.challengers)


def challenge(current: Round, places: Sequence[Place]) -> Challenge | None:
    """Who challenges the leader of the average; None where it leads this round too, or was not scored."""
    if not current.previous_average:
        return None
    hotkey = leading(current.previous_average).hotkey
    names = [place.contestant.submission for place in places]
    known = {one.submission: one for one in current.contenders}
    incumbent = next((name for name in names if known[name].hotkey == hotkey), None)
    if incumbent is None or not _is_scored(current, incumbent):
        return None
    above = [known[name] for name in names[: names.index(incumbent)]]
    if not above:
        return None
    scored = sum(one.outcome is Outcome.SCORED for one in current.status.results) - 1
    return Challenge(known[incumbent], tuple(above[:_MOST_COMPARED]), scored)


def compare(
    current: Round, challenged: Challenge, evidence: Mapping[str, Evidence]
) -> tuple[Comparison, ...]:
    """Each challenger against the incumbent.

    Args:
        current: The round, with its results.
        challenged: Who is compared.
        evidence: By the name of its ConfigMap.
    """
    held = [_evidence_of(current, one, evidence) for one in challenged.evidence]
    incumbent, *drawn = resampled(scored_tasks(current), held, current.seed)
    found = []
    for challenger, theirs, samples in zip(challenged.challengers, drawn, held[1:], strict=True):
        if incumbent is None:
            found.append(_unknown(challenger, challenged, INCUMBENT_INCOMPLETE))
            continue
        if theirs is None or _ids(samples) != _ids(held[0]):
            found.append(_unknown(challenger, challenged, "ChallengerIncomplete"))
            continue
        if any(len(task.scores) < _FEWEST_SAMPLES for task in samples.tasks):
            found.append(_unknown(challenger, challenged, "TooFewSamples"))
            continue
        advantages = _advantages(current, challenger, challenged.incumbent)
        measured = estimate(theirs, incumbent, advantages, challenged.scored)
        difference, low, high = (_text(units) for units in (measured.difference, measured.low, measured.high))
        names = challenger.submission, challenged.incumbent.submission
        level = f"{float(measured.level):.6f}"
        found.append(Comparison(*names, _verdict(measured), difference, low, high, level))
    return tuple(found)


def rightful_winner(challenged: Challenge, comparisons: Sequence[Comparison]) -> Contender:
    """Who wins where the incumbent must be beaten by more than luck.

    An incumbent whose samples have no scores holds nobody back, or one odd sample would let it lead for ever.
    """
    if any(one.reason == INCUMBENT_INCOMPLETE for one in comparisons):
        return challenged.challengers[0]
    better = {one.submission for one in comparisons if one.verdict is Verdict.BETTER}
    certain = (one for one in challenged.challengers if one.submission in better)
    return next(certain, challenged.incumbent)


def _verdict(measured: Estimate) -> Verdict:
    if measured.low > 0:
        return Verdict.BETTER
    return Verdict.WORSE if measured.high < 0 else Verdict.INCONCLUSIVE


def _text(units: int) -> str | None:
    """Units of 10⁻¹⁸ as a float is stored; what no float can hold is left out."""
    return score_text(Fraction(units, UNIT)) if abs(units) < _LARGEST * UNIT else None


def _unknown(challenger: Contender, challenged: Challenge, reason: str) -> Comparison:
    level = f"{float(1 - ERROR_RATE / max(challenged.scored, 1)):.6f}"
    names = challenger.submission, challenged.incumbent.submission
    return Comparison(*names, Verdict.INCONCLUSIVE, None, None, None, level, reason)


def _advantages(current: Round, challenger: Contender, incumbent: Contender) -> tuple[Fraction, Fraction]:
    """What each score is discounted by: the earlier model's only, at its age."""
    mine, theirs = (
        current.epsilon.at_age(current.block - one.commit_block)
        if one.commit_block < other.commit_block
        else Fraction(0)
        for one, other in ((challenger, incumbent), (incumbent, challenger))
    )
    return mine, theirs


def _is_scored(current: Round, submission: str) -> bool:
    return any(
        one.submission == submission and one.outcome is Outcome.SCORED for one in current.status.results
    )


def _evidence_of(current: Round, contender: Contender, evidence: Mapping[str, Evidence]) -> Evidence:
    """Evidence that is the result's; without any, nothing can be drawn."""
    result: Result = next(
        one for one in current.status.results if one.submission_uid == contender.submission_uid
    )
    found = evidence.get(result.evidence) if result.evidence is not None else None
    trusted = found is not None and not found.unreadable and found.digest == result.evidence_digest
    return found if trusted and found is not None else Evidence("")


def _ids(evidence: Evidence) -> dict[str, tuple[str, ...]]:
    return {one.name: one.ids for one in evidence.tasks}
