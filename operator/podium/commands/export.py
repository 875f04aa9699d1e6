"""`podium export`: the rounds of a competition as JSON lines, for tables, notebooks and archives."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from podium.api.translate.round import round_from_stored
from podium.cluster.client import Client
from podium.cluster.resources import ROUNDS, Raw
from podium.commands.objects import exported
from podium.core.conditions import find_condition
from podium.core.kinds import Contender, RankedLine, Result, Round, RoundTask, TaskScore
from podium.core.scoring import normalize
from podium.core.shares import Share
from podium.errors import PodiumError

__all__ = ["export", "export_lines"]

# Any: JSON, here and below.
Line = dict[str, Any]


async def export(kubeconfig: str | None, namespace: str, target: str, file: Path | None) -> list[str]:
    """The rounds of `target`, such as ``comp/small``, one line of JSON each.

    Raises:
        PodiumError: The target is no competition, or its rounds cannot be read.
    """
    kind, _, name = target.rpartition("/")
    if kind not in {"", "comp"} or not name:
        raise PodiumError(f"expected comp/NAME, found {target!r}")
    if file is not None:
        rounds = [
            one
            for one in exported(file)
            if one.get("kind") == ROUNDS.kind and one["metadata"].get("namespace") == namespace
        ]
    else:
        async with await Client.connect(kubeconfig) as client:
            rounds, _ = await client.list(ROUNDS, namespace)
    return export_lines(one for one in rounds if one["spec"]["competition"]["name"] == name)


def export_lines(rounds: Iterable[Raw]) -> list[str]:
    """Rounds by block, as JSON with sorted keys: equal rounds are equal lines, in whatever order they came.

    Raises:
        PodiumError: A Round does not fit the schema.
    """
    try:
        parsed = [round_from_stored(one) for one in rounds]
    except ValidationError as error:
        raise PodiumError(f"a Round is malformed: {error}") from error
    ordered = sorted(parsed, key=lambda one: (one.block, one.name, one.uid))
    return [json.dumps(_round(one), sort_keys=True, separators=(",", ":")) for one in ordered]


def _round(current: Round) -> Line:
    status = current.status
    ended, samples = find_condition(status.conditions, "Complete"), status.samples
    return {
        "round": current.name,
        "uid": current.uid,
        "competition": current.competition,
        "block": current.block,
        "seed": current.seed,
        "phase": status.phase.value,
        "reason": ended.reason if ended else None,
        "startTime": _moment(status.started),
        "completionTime": _moment(status.completed),
        "seconds": _seconds(status.started, status.completed),
        "samplesDigest": samples.digest if samples else None,
        "environment": dict(status.environment),
        "contenders": [_contender(current, one) for one in _by_place(current)],
        "previousAverage": _shares(current.previous_average),
        "movingAverage": _shares(status.moving_average),
    }


def _by_place(current: Round) -> list[Contender]:
    """The ranked ones by place, then the others by name."""
    places = {line.submission: line.place for line in current.status.ranking}
    last = len(current.contenders) + 1
    return sorted(current.contenders, key=lambda one: (places.get(one.submission, last), one.submission))


def _contender(current: Round, one: Contender) -> Line:
    empty = Result(one.submission, one.submission_uid)
    known = {result.submission_uid: result for result in current.status.results}
    lines = {line.submission: line for line in current.status.ranking}
    result, age = known.get(one.submission_uid, empty), current.block - one.commit_block
    return {
        "submission": one.submission,
        "hotkey": one.hotkey,
        "commitBlock": one.commit_block,
        "manifestDigest": one.manifest_digest,
        "outcome": result.outcome.value if result.outcome else None,
        "fault": result.cause.fault.value if result.cause else None,
        "reason": result.cause.reason if result.cause else None,
        "score": _number(result.score),
        "epsilon": float(current.epsilon.at_age(age)),
        "gpuSeconds": result.gpu_seconds,
        "evidence": result.evidence,
        "evidenceDigest": result.evidence_digest,
        "tasks": _tasks(current.tasks, result.task_scores),
        **_standing(lines.get(one.submission)),
    }


def _standing(line: RankedLine | None) -> Line:
    if line is None:
        return {"place": None, "wins": None, "winRate": None, "units": "0"}
    return {"place": line.place, "wins": line.wins, "winRate": float(line.win_rate), "units": str(line.units)}


def _tasks(tasks: Iterable[RoundTask], scores: Iterable[TaskScore]) -> list[Line]:
    by_name = {one.name: one for one in tasks}
    known = sorted((one for one in scores if one.name in by_name), key=lambda one: one.name)
    return [_task(by_name[one.name], one) for one in known]


def _task(task: RoundTask, found: TaskScore) -> Line:
    on_scale = None if found.score is None else normalize(Fraction(found.score), task.normalization)
    return {
        "name": task.name,
        "weight": float(task.weight),
        "score": _number(found.score),
        "normalized": None if on_scale is None else float(on_scale),
        "reason": found.reason or None,
    }


def _shares(shares: Iterable[Share]) -> dict[str, str]:
    # Text: many readers of JSON keep 53 bits of a number, and units need 60.
    return {one.hotkey: str(one.units) for one in shares}


def _number(score: str | None) -> float | None:
    return None if score is None else float(score)


def _moment(moment: datetime | None) -> str | None:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def _seconds(started: datetime | None, completed: datetime | None) -> int | None:
    return int((completed - started).total_seconds()) if started and completed else None
