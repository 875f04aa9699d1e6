"""From a task's plan and an engine's answers to the task's score and its evidence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from podium_evaluator.contract import Reason, TaskEvidence, TaskScore
from podium_evaluator.errors import quoted
from podium_evaluator.methods.base import Answers, Gate, Plan, TaskPlan
from podium_evaluator.progress import Progress
from podium_evaluator.sequences import Done, Engine

__all__ = ["Outcome", "score_task"]

_DECIMALS: Final = 6
"""Of per-sample scores: far below what separates models, and evidence stays small."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a task came to, and the samples' part in it."""

    score: TaskScore
    evidence: TaskEvidence


def score_task(
    name: str, sample_ids: Sequence[str], plan: TaskPlan, engine: Engine, progress: Progress
) -> Outcome:
    """Ask the engine and judge its answers.

    A model that computes something that is no number, or that the gate rejects, gets no score and a
    reason: it is an outcome of the task, and other tasks are scored all the same.

    Args:
        name: The task's.
        sample_ids: In the order of the plan's parts, one or more.
        plan: What to ask.
        engine: The model.
        progress: Told how many sequences are done.
    """
    task = _Task(name, tuple(sample_ids), plan, progress)
    if plan.gate and (refusal := _refusal(task, plan.gate, engine)):
        return _outcome(task, [None] * len(sample_ids), *refusal)
    answers = _answers(task, engine)
    scores = [_sample_score(*pair) for pair in zip(plan.plans, answers, strict=True)]
    numbers = [score for score in scores if score is not None]
    if len(numbers) < len(scores):
        return _outcome(task, scores, *_not_finite(sample_ids[scores.index(None)]))
    revised, message = plan.revise(answers, numbers)
    return _outcome(task, revised, None, message)


@dataclass(frozen=True, slots=True)
class _Task:
    name: str
    sample_ids: tuple[str, ...]
    plan: TaskPlan
    progress: Progress

    @property
    def gated(self) -> int:
        """Sequences of the gate, which are done first."""
        return len(self.plan.gate.generations) if self.plan.gate else 0

    def after(self, before: int) -> Done:
        """Tells of progress when `before` sequences were done earlier."""
        total = self.gated + sum(len(one.sequences) + len(one.generations) for one in self.plan.plans)
        return lambda done: self.progress(self.name, before + done, total)


def _refusal(task: _Task, gate: Gate, engine: Engine) -> tuple[Reason, str] | None:
    generated = engine.continuations(gate.generations, task.after(0))
    for sample_id, one in zip(task.sample_ids, generated, strict=False):
        if not one.finite:
            return _not_finite(sample_id)
    verdict = gate.verdict(generated)
    return None if verdict is None else (Reason.DEGENERATE_OUTPUT, verdict)


def _answers(task: _Task, engine: Engine) -> list[Answers]:
    plans = task.plan.plans
    sequences = [sequence for one in plans for sequence in one.sequences]
    losses = iter(engine.losses(sequences, task.after(task.gated)))
    generations = [generation for one in plans for generation in one.generations]
    generated = iter(engine.continuations(generations, task.after(task.gated + len(sequences))))
    return [
        Answers([next(losses) for _ in one.sequences], [next(generated) for _ in one.generations])
        for one in plans
    ]


def _sample_score(plan: Plan, answers: Answers) -> float | None:
    # Asked of the answers too: a comparison of options hides a NaN.
    score = plan.score(answers) if answers.finite else math.nan
    return round(score, _DECIMALS) if math.isfinite(score) else None


def _not_finite(sample_id: str) -> tuple[Reason, str]:
    return (
        Reason.NON_FINITE_SCORE,
        f"the loss or the logits of sample {quoted(sample_id, 140)} are not finite, numbers expected",
    )


def _outcome(task: _Task, scores: Sequence[float | None], reason: Reason | None, message: str) -> Outcome:
    weights = task.plan.weights
    return Outcome(
        TaskScore(
            name=task.name,
            score=None if reason else _mean(scores, weights or (1,) * len(scores)),
            samples=len(scores),
            reason=reason,
            message=message,
        ),
        TaskEvidence(name=task.name, sample_ids=task.sample_ids, scores=tuple(scores), weights=weights),
    )


def _mean(scores: Sequence[float | None], weights: Sequence[int]) -> float:
    weighted = (weight * score for weight, score in zip(weights, scores, strict=True) if score is not None)
    return math.fsum(weighted) / sum(weights)
