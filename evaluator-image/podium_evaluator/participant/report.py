"""A verdict for people and for programs."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from pydantic import JsonValue

from podium_evaluator.contract import Fault, PreparedTask, TaskScore
from podium_evaluator.errors import quoted
from podium_evaluator.participant.advice import advice
from podium_evaluator.participant.checks import Check, CheckOutcome, checks_of
from podium_evaluator.participant.requests import fetch_request
from podium_evaluator.participant.total import Weighing, normalized, weighted
from podium_evaluator.participant.verdict import Outcome, Question, Verdict, as_told, printable

__all__ = ["VERSION", "as_json", "as_text", "utc"]

VERSION: Final = "podium.dev/verdict/v1"
"""Of the JSON document: changes when a reader of the older one would misread the newer one."""

_MARKS: Final = {
    CheckOutcome.PASSED: "passed",
    CheckOutcome.REJECTED: "rejected",
    CheckOutcome.NOT_REACHED: "not reached",
}


def as_json(question: Question, verdict: Verdict, notes: Sequence[str]) -> str:
    """One document on one line; absent values are null and keys are always the same."""
    failure, window, prepared = verdict.failure, question.window, verdict.prepared
    document: dict[str, JsonValue] = {
        "version": VERSION,
        "outcome": verdict.outcome.value,
        "competition": question.competition.name,
        "startBlock": question.entry.start_block,
        "model": question.model.label,
        "seed": question.seed,
        "window": {"after": window.after, "until": window.until},
        "identity": _identity(verdict),
        "checks": [
            {"name": one.name, "rule": one.rule, "outcome": one.outcome.value}
            for one in _checks(question, verdict)
        ],
        "failure": None
        if failure is None
        else {
            "fault": failure.fault.value,
            "reason": failure.reason.value,
            "message": as_told(failure),
            "step": verdict.stopped_in.value if verdict.stopped_in else None,
        },
        "samplesDigest": prepared.digest if prepared else None,
        "tasks": [_task(one, question, verdict) for one in question.entry.weighings],
        "score": _number(verdict.total),
        "environment": dict(verdict.environment),
        "path": dict(verdict.path),
        "seconds": {step.value: took for step, took in verdict.seconds},
        "notes": list(notes),
    }
    return json.dumps(document, allow_nan=False)


def as_text(question: Question, verdict: Verdict, notes: Sequence[str]) -> str:
    """Paragraphs for a terminal; every stranger's text in them is printable."""
    parts = [
        _head(question),
        _identity_lines(verdict),
        _check_lines(_checks(question, verdict)),
        _task_lines(question, verdict),
        _sample_lines(verdict),
        _end_lines(verdict),
        [f"note: {note}" for note in notes],
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def utc(seconds: int) -> str:
    """A time as ISO 8601 in UTC."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _checks(question: Question, verdict: Verdict) -> tuple[Check, ...]:
    return checks_of(fetch_request(question.competition, question.model.source), verdict)


def _identity(verdict: Verdict) -> dict[str, JsonValue] | None:
    fetched = verdict.fetched
    if fetched is None:
        return None
    return {
        "manifestDigest": fetched.manifest_digest,
        "tensorsDigest": fetched.tensors_digest,
        "parameters": fetched.parameters,
        "architecture": fetched.architecture,
        "chatTemplate": fetched.chat_template,
        "bytes": fetched.bytes,
        "files": fetched.files,
    }


def _task(weighing: Weighing, question: Question, verdict: Verdict) -> dict[str, JsonValue]:
    drawn, found = _drawn(weighing.name, verdict), _found(weighing.name, verdict)
    told = found if found is not None and found.reason is not None else drawn
    whole = sum((one.weight for one in question.entry.weighings if _counts(one, verdict)), Fraction(0))
    return {
        "name": weighing.name,
        "method": weighing.method.value,
        "weight": float(weighing.weight),
        "raw": found.score if found else None,
        "normalized": _number(normalized(weighing, found)) if found else None,
        "weighted": _number(weighted(weighing, found, whole)) if found else None,
        "samples": drawn.samples if drawn else None,
        "dropped": drawn.dropped if drawn else None,
        "commit": drawn.revision if drawn else None,
        "digest": drawn.digest if drawn else None,
        "reason": told.reason.value if told and told.reason else None,
        "message": printable((found.message if found else "") or (drawn.message if drawn else "")),
    }


def _counts(weighing: Weighing, verdict: Verdict) -> bool:
    return _found(weighing.name, verdict) is not None


def _drawn(name: str, verdict: Verdict) -> PreparedTask | None:
    return next(
        (one for one in (verdict.prepared.tasks if verdict.prepared else ()) if one.name == name), None
    )


def _found(name: str, verdict: Verdict) -> TaskScore | None:
    return next((one for one in verdict.scores if one.name == name), None)


def _number(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def _head(question: Question) -> list[str]:
    name = quoted(question.competition.name) if question.competition.name else "without a name"
    return [
        f"competition   {name}, tasks from block {question.entry.start_block} on",
        f"model         {question.model.label}",
        f"seed          {question.seed}",
    ]


def _identity_lines(verdict: Verdict) -> list[str]:
    fetched = verdict.fetched
    if fetched is None:
        return []
    return [
        f"manifest      {fetched.manifest_digest}",
        f"architecture  {fetched.architecture}, {fetched.parameters:,} parameters",
        f"stored        {fetched.files} files, {fetched.bytes:,} bytes",
        *([f"template      {fetched.chat_template}"] if fetched.chat_template else []),
    ]


def _check_lines(checks: Sequence[Check]) -> list[str]:
    return ["constraints", *_table([[_MARKS[one.outcome], one.name, one.rule] for one in checks])]


def _task_lines(question: Question, verdict: Verdict) -> list[str]:
    if not verdict.scores:
        return []
    rows = [["task", "raw score", "normalised", "weight", "weighted", "samples", "dropped"]]
    for weighing in question.entry.weighings:
        row = _task(weighing, question, verdict)
        raw = row["reason"] if row["raw"] is None else row["raw"]
        rows.append([*map(_cell, (row["name"], raw, *(row[key] for key in _SCORE_KEYS)))])
    return _table(rows)


_SCORE_KEYS: Final = ("normalized", "weight", "weighted", "samples", "dropped")


def _cell(value: JsonValue) -> str:
    return "-" if value is None else str(value)


def _sample_lines(verdict: Verdict) -> list[str]:
    if verdict.prepared is None:
        return []
    rows = [
        [one.name, one.digest or str(one.reason), f"commit {one.revision}" if one.revision else ""]
        for one in verdict.prepared.tasks
    ]
    return [f"samples {verdict.prepared.digest}", *_table(rows)]


def _end_lines(verdict: Verdict) -> list[str]:
    seconds = ", ".join(f"{step.value} {took:.1f} s" for step, took in verdict.seconds)
    environment = ", ".join(f"{key} {value}" for key, value in sorted(verdict.environment.items()))
    messages = [f"{one.name}: {printable(one.message)}" for one in verdict.scores if one.message]
    return [
        *messages,
        *_verdict_lines(verdict),
        *([f"time: {seconds}"] if seconds else []),
        *([f"environment: {environment}"] if environment else []),
    ]


def _verdict_lines(verdict: Verdict) -> list[str]:
    failure = verdict.failure
    if failure is None:
        return [f"score {_number(verdict.total)!r}, lower is better"]
    word = "rejected" if verdict.outcome is Outcome.REJECTED else "no verdict"
    lines = [f"{word}: {failure.reason}: {as_told(failure)}", f"fault: {failure.fault}"]
    if failure.fault is Fault.SUBMISSION and verdict.fetched is None:
        lines.append("checks that come later were not reached: the model may break further constraints")
    return [*lines, *([found] if (found := advice(failure)) else [])]


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
