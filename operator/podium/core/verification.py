"""Whether what a completed round says follows from what it kept: everything is computed anew and compared.

The round's spec and the evidence of each contender are believed, nothing else is. Means, weighted scores,
ranking and average are compared as they are stored, digit by digit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import zip_longest

from podium.core.barrier import close_round
from podium.core.evidence import Evidence, TaskSamples
from podium.core.kinds import (
    Comparison,
    Contender,
    Outcome,
    RankedLine,
    Result,
    Round,
    RoundPhase,
    RoundStatus,
    RoundTask,
    TaskScore,
)
from podium.core.names import evidence_name
from podium.core.scoring import score_text, weighted_score
from podium.core.shares import format_units

__all__ = ["Difference", "verify_round"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Difference:
    """One thing that the status says and that does not follow.

    Attributes:
        where: The field, such as ``alice: score``.
    """

    where: str
    stored: str
    computed: str

    def sentence(self) -> str:
        """The difference in one line."""
        return f"{self.where}: stored {self.stored}, computed {self.computed}"


def verify_round(current: Round, evidence: Mapping[str, Evidence]) -> tuple[Difference, ...]:
    """Everything in which a completed round's status differs from what follows; empty when nothing does.

    Failures without evidence and missing contenders are taken as they are recorded: nothing is kept
    that could prove them.

    Args:
        current: The round as it is stored.
        evidence: By the name of its ConfigMap.
    """
    if current.status.phase is not RoundPhase.COMPLETED:
        return (Difference("phase", current.status.phase.value, "a completed round is expected"),)
    found = list(_strangers(current))
    if found:
        return tuple(found)
    known = {one.submission_uid: one for one in current.status.results}
    results = []
    for contender in current.contenders:
        stored = known[contender.submission_uid]
        computed, differences = _recompute(current, contender, stored, evidence)
        found += differences
        results.append(computed)
    open_ = replace(
        current.status,
        phase=RoundPhase.EVALUATING,
        results=tuple(results),
        ranking=(),
        moving_average=(),
        comparisons=(),
    )
    closed = close_round(replace(current, status=open_), evidence, current.status.completed or _EPOCH)
    return (*found, *_compare(current.status, closed))


def _strangers(current: Round) -> Iterator[Difference]:
    """Contenders without an outcome, and results of nobody who takes part."""
    decided = {one.submission_uid for one in current.status.results if one.outcome is not None}
    invited = {one.submission_uid for one in current.contenders}
    for contender in current.contenders:
        if contender.submission_uid not in decided:
            yield Difference(f"{contender.submission}: outcome", "nothing", "an outcome is expected")
    for result in current.status.results:
        if result.submission_uid not in invited:
            yield Difference(f"{result.submission}: result", "one", "it is no contender")


def _recompute(
    current: Round, contender: Contender, stored: Result, evidence: Mapping[str, Evidence]
) -> tuple[Result, list[Difference]]:
    """A result as it follows from its evidence, and how the stored one differs."""
    name = contender.submission
    if stored.evidence is None or stored.evidence_digest is None:
        if stored.outcome is Outcome.SCORED:
            return stored, [Difference(f"{name}: evidence", "nothing", "a score needs evidence")]
        return replace(stored, score=None), []
    held = evidence.get(stored.evidence)
    if held is None:
        return stored, [Difference(f"{name}: evidence", stored.evidence, "there is no such ConfigMap")]
    if held.unreadable:
        return stored, [Difference(f"{name}: evidence", stored.evidence, held.unreadable)]
    found = list(_unbound(current, contender, stored, held))
    prepared = current.status.samples.prepared if current.status.samples else frozenset()
    tasks = [one for one in current.tasks if one.name in prepared]
    scores, differences = _task_scores(name, tasks, stored, held)
    found += differences
    if len(scores) < len(tasks) or not tasks:
        return stored, found
    total = weighted_score(tasks, scores)
    score = score_text(total) if total is not None else None
    outcome = Outcome.SCORED if score is not None else Outcome.FAILED
    found += _unequal(f"{name}: score", stored.score, score)
    found += _unequal(f"{name}: outcome", stored.outcome, outcome)
    return replace(stored, score=score, outcome=outcome), found


def _unbound(current: Round, contender: Contender, stored: Result, held: Evidence) -> Iterator[Difference]:
    """Evidence of another text, model or samples than the round's."""
    name, samples = contender.submission, current.status.samples
    named = evidence_name(current.uid, contender.submission_uid, held.digest)
    yield from _unequal(f"{name}: evidence digest", stored.evidence_digest, held.digest)
    yield from _unequal(f"{name}: evidence name", stored.evidence, named)
    yield from _unequal(f"{name}: model", contender.manifest_digest, held.manifest_digest)
    yield from _unequal(f"{name}: samples", samples.digest if samples else None, held.samples_digest)


def _task_scores(
    name: str, tasks: list[RoundTask], stored: Result, held: Evidence
) -> tuple[dict[str, TaskScore], list[Difference]]:
    """The tasks' scores from the samples' scores, and how the stored ones differ."""
    samples, said = {one.name: one for one in held.tasks}, {one.name: one for one in stored.task_scores}
    scores: dict[str, TaskScore] = {}
    found: list[Difference] = []
    for task in tasks:
        where = f"{name}: task {task.name}"
        if task.name not in samples or task.name not in said:
            missing = "the evidence has no samples" if task.name not in samples else "a score is expected"
            found.append(Difference(where, "a score" if task.name in said else "nothing", missing))
            continue
        mean = _mean(samples[task.name])
        found += _unequal(where, said[task.name].score, mean)
        scores[task.name] = replace(said[task.name], score=mean)
    return scores, found


def _mean(task: TaskSamples) -> str | None:
    """The mean as the evaluator defines it: the correctly rounded sum over the sum of weights.

    None when a sample is not finite or the model was refused before its samples were scored.
    """
    known = [score for score in task.scores if score is not None]
    if len(known) < len(task.scores) or not sum(task.weights) or len(task.weights) != len(known):
        return None
    products = [weight * score for weight, score in zip(task.weights, known, strict=True)]
    return repr(math.fsum(products) / sum(task.weights))


def _compare(stored: RoundStatus, computed: RoundStatus) -> Iterator[Difference]:
    yield from _unequal("phase", stored.phase, computed.phase)
    positions = range(max(len(stored.ranking), len(computed.ranking)))
    for position in positions:
        yield from _unequal(
            f"ranking, line {position + 1}", _line(stored, position), _line(computed, position)
        )
    for one, other in zip_longest(stored.comparisons, computed.comparisons):
        yield from _unequal("comparison", _compared(one), _compared(other))
    before = {one.hotkey: format_units(one.units) for one in stored.moving_average}
    after = {one.hotkey: format_units(one.units) for one in computed.moving_average}
    for hotkey in sorted(before.keys() | after.keys()):
        yield from _unequal(f"moving average of {hotkey}", before.get(hotkey), after.get(hotkey))


def _line(status: RoundStatus, position: int) -> str | None:
    if position >= len(status.ranking):
        return None
    line: RankedLine = status.ranking[position]
    return (
        f"place {line.place} {line.submission} of {line.hotkey}, score {line.score}, wins {line.wins}, "
        f"win rate {line.win_rate}, share {format_units(line.units)}"
    )


def _compared(one: Comparison | None) -> str | None:
    if one is None:
        return None
    interval = f"{one.difference} in [{one.low}, {one.high}] at {one.level}"
    return f"{one.submission} against {one.incumbent}: {one.verdict.value} {one.reason}, {interval}"


def _unequal(where: str, stored: str | None, computed: str | None) -> Iterator[Difference]:
    if stored != computed:
        yield Difference(where, stored or "nothing", computed or "nothing")
