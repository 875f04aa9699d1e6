"""Whose fault an ended pod is. Faults decide consequences, and nothing else does."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime
from typing import Final

__all__ = ["Cause", "Failure", "Fault", "PodEnd", "Verdict", "attribute"]


class Fault(enum.StrEnum):
    """Who bears the consequences."""

    SUBMISSION = "Submission"
    INFRASTRUCTURE = "Infrastructure"
    EVALUATOR = "Evaluator"
    ORGANIZER = "Organizer"


@dataclass(frozen=True)
class Failure:
    """Why something did not succeed.

    Attributes:
        retriable: Whether the same bytes may still succeed later.
    """

    fault: Fault
    reason: str
    message: str
    retriable: bool
    time: datetime

    @property
    def cause(self) -> Cause:
        """The failure without its moment."""
        return Cause(self.fault, self.reason, self.message)


@dataclass(frozen=True)
class Cause:
    """Why a contender has no score, without the bookkeeping of a retry."""

    fault: Fault
    reason: str
    message: str


@dataclass(frozen=True)
class Verdict:
    """What the evaluator itself said went wrong."""

    fault: str
    reason: str
    message: str


@dataclass(frozen=True)
class PodEnd:
    """How a pod of ours ended, as Kubernetes tells it.

    Attributes:
        exit_code: Of the container; None when it never ran or left no trace.
        reason: Of the container or the pod: OOMKilled, Evicted, DeadlineExceeded, …
        message: What Kubernetes adds.
        verdict: What the evaluator said, if it said that it did not succeed.
        unreadable: Why its summary could not be trusted; empty when it could.
    """

    exit_code: int | None
    reason: str
    message: str
    verdict: Verdict | None
    unreadable: str = ""


_DONE: Final = 0
_REQUEST_INVALID: Final = 64
_SUBMISSION_AT_FAULT: Final = 65
_UNAVAILABLE: Final = 69
_EVALUATOR_BUG: Final = 70
_TRY_AGAIN: Final = 75

_FAULT_OF_EXIT: Final = {
    _SUBMISSION_AT_FAULT: Fault.SUBMISSION,
    _UNAVAILABLE: Fault.INFRASTRUCTURE,
    _EVALUATOR_BUG: Fault.EVALUATOR,
    _TRY_AGAIN: Fault.INFRASTRUCTURE,
}

_REASON_OF_POD: Final = {
    "OOMKilled": "OutOfMemory",
    "DeadlineExceeded": "Timeout",
    "Evicted": "Evicted",
    "PendingTooLong": "PendingTooLong",
}

_MAY_SUCCEED_LATER: Final = frozenset({"NotYetPublished"})
"""Honest participants commit first and publish after."""


def attribute(end: PodEnd, time: datetime) -> Failure | None:
    """The failure of an ended pod, or None when it succeeded.

    Only an exit code of 65 together with a typed reason is held against a submission: whatever
    else happens to a pod may have happened to an honest one.
    """
    if end.reason in _REASON_OF_POD:
        return _infrastructure(
            _REASON_OF_POD[end.reason], end.message or f"the pod ended: {end.reason}", time
        )
    if end.unreadable:
        return _infrastructure("ResultUnreadable", end.unreadable, time)
    if end.exit_code == _DONE:
        return None
    if end.verdict is None:
        code = "no exit code" if end.exit_code is None else f"exit code {end.exit_code}"
        return _infrastructure("UnexpectedExit", f"{code}, {end.reason}: {end.message}"[:1024], time)
    return _verdict(end.exit_code, end.verdict, time)


def _verdict(exit_code: int | None, verdict: Verdict, time: datetime) -> Failure:
    fault = _FAULT_OF_EXIT.get(exit_code if exit_code is not None else -1)
    if exit_code == _REQUEST_INVALID:
        fault = Fault.ORGANIZER if verdict.fault == Fault.ORGANIZER else Fault.EVALUATOR
    if fault is None or (fault is Fault.SUBMISSION) != (verdict.fault == Fault.SUBMISSION):
        text = f"exit code {exit_code} does not fit the fault {verdict.fault!r} in the summary"
        return _infrastructure("ResultUnreadable", text, time)
    retriable = fault is Fault.INFRASTRUCTURE or verdict.reason in _MAY_SUCCEED_LATER
    return Failure(fault, verdict.reason, verdict.message, retriable, time)


def _infrastructure(reason: str, message: str, time: datetime) -> Failure:
    return Failure(Fault.INFRASTRUCTURE, reason, message, retriable=True, time=time)
