"""From scores to outcomes: which environment counts, and whose fault it was that a model never fitted.

Both are decided for all contenders together, so that nothing depends on whose pod ended first.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from podium.core.environments import agreed_environment, different_keys, environment_of
from podium.core.faults import OUT_OF_MEMORY, TIMEOUT, Cause, Fault
from podium.core.kinds import Environment, Outcome, Result, Round, RoundStatus, RoundTask
from podium.core.scoring import score_text, unbounded_task, weighted_score

__all__ = ["MOST_DISRUPTIONS", "exhausted", "is_suspect", "refused", "scored_tasks", "settle"]

MOST_DISRUPTIONS: Final = 5
"""Interrupted evaluations of one contender in one round."""

_SUSPICIOUS: Final = (OUT_OF_MEMORY, TIMEOUT)
_REPEATED: Final = 2
"""On a fresh pod each: once may be the node."""


def settle(current: Round, *, late: bool) -> RoundStatus:
    """The round's status with every outcome that is known by now.

    Args:
        current: With the results of this pass.
        late: Whether the deadline has passed: then nobody is waited for.
    """
    status = current.status
    if not status.environment:
        waiting = [one for one in status.results if _is_awaited(one, current)]
        agreed = agreed_environment(
            status.environments,
            [one.environment for one in status.results if one.awaits_environment],
            sum(one.manifest_digest is not None for one in current.contenders),
            complete=late or not waiting,
        )
        status = replace(status, environment=agreed.values if agreed is not None else ())
    if status.environment:
        current = replace(current, status=status)
        results = tuple(_in_environment(one, current, late=late) for one in status.results)
        status = replace(status, results=results)
    return replace(status, results=_judged(current, status))


def scored_tasks(current: Round) -> list[RoundTask]:
    """The tasks that have samples."""
    samples = current.status.samples
    return [task for task in current.tasks if samples is not None and task.name in samples.prepared]


def exhausted(result: Result, current: Round) -> bool:
    """Whether a contender has used all its attempts, or the cluster all of its interruptions."""
    return result.attempts >= current.max_attempts or result.disruptions >= MOST_DISRUPTIONS


def is_suspect(result: Result, current: Round) -> bool:
    """Whether a contender is out of attempts for a reason that may be its own: others' results tell."""
    return result.outcome is None and exhausted(result, current) and _repeated(result) is not None


def _is_awaited(result: Result, current: Round) -> bool:
    return result.outcome is None and not result.awaits_environment and not is_suspect(result, current)


# --- the environment -------------------------------------------------------------------------


def _in_environment(result: Result, current: Round, *, late: bool) -> Result:
    """The outcome of scores from the round's environment; others are refused, and tried again in time."""
    if not result.awaits_environment:
        return result
    expected = environment_of(current.status.environment)
    if result.environment == expected.name:
        return _with_outcome(result, current)
    found = next(one for one in current.status.environments if one.name == result.environment)
    return refused(result, found, current, late=late)


def refused(result: Result, found: Environment, current: Round, *, late: bool) -> Result:
    """A contender whose scores do not count, because they were computed in another environment."""
    text = different_keys(found, current.status.environment)[:512]
    cause = Cause(Fault.INFRASTRUCTURE, "EnvironmentDiffers", text)
    again = replace(
        result,
        attempts=result.attempts + 1,
        ends=(*result.ends, cause.reason),
        cause=cause,
        score=None,
        task_scores=(),
        evidence=None,
        evidence_digest=None,
        environment="",
    )
    return replace(again, outcome=Outcome.MISSING) if late or exhausted(again, current) else again


def _with_outcome(result: Result, current: Round) -> Result:
    tasks, found = scored_tasks(current), {one.name: one for one in result.task_scores}
    score = weighted_score(tasks, found)
    if score is not None:
        return replace(result, outcome=Outcome.SCORED, cause=None, score=score_text(score))
    worst = unbounded_task(tasks, found)
    reason, message = (worst.reason, worst.message) if worst is not None else ("NonFiniteScore", "")
    return replace(result, outcome=Outcome.FAILED, cause=Cause(Fault.SUBMISSION, reason, message))


# --- who is to blame for memory and time -----------------------------------------------------


def _judged(current: Round, status: RoundStatus) -> tuple[Result, ...]:
    suspects = {one.submission_uid for one in status.results if is_suspect(one, current)}
    if any(one.outcome is None and one.submission_uid not in suspects for one in status.results):
        return status.results
    scored = sum(one.outcome is Outcome.SCORED for one in status.results)
    evident = scored > 0 and len(status.environments) == 1
    return tuple(
        _judge(one, scored, evident=evident) if one.submission_uid in suspects else one
        for one in status.results
    )


def _judge(result: Result, scored: int, *, evident: bool) -> Result:
    """Blames a model that failed again on a fresh pod while others passed in the only environment seen."""
    reason = _repeated(result)
    if not evident or reason is None:
        return replace(result, outcome=Outcome.MISSING)
    told = result.cause.message if result.cause is not None and result.cause.reason == reason else ""
    times = result.ends.count(reason)
    text = f"{times} pods ended so, while {scored} models of the round were scored by equal ones; {told}"
    return replace(result, outcome=Outcome.FAILED, cause=Cause(Fault.SUBMISSION, reason, text[:512]))


def _repeated(result: Result) -> str | None:
    return next((one for one in _SUSPICIOUS if result.ends.count(one) >= _REPEATED), None)
