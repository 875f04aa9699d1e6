"""Whose fault an ended pod is. Faults decide consequences, and nothing else does."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime
from typing import Final

__all__ = [
    "OUT_OF_MEMORY",
    "TIMEOUT",
    "Cause",
    "Failure",
    "Fault",
    "PodEnd",
    "Verdict",
    "attribute",
    "disrupted",
]


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
        disruption: Whether the cluster interrupted it: then it does not count as an attempt.
    """

    fault: Fault
    reason: str
    message: str
    retriable: bool
    time: datetime
    disruption: bool = False

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
        reason: Of the container, the pod or its disruption: OOMKilled, Evicted, DeadlineExceeded, …
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

OUT_OF_MEMORY: Final = "OutOfMemory"
TIMEOUT: Final = "Timeout"

_REASON_OF_ATTEMPT: Final = {
    "OOMKilled": OUT_OF_MEMORY,
    "DeadlineExceeded": TIMEOUT,
    "StartError": "NotExecutable",
    "ContainerCannotRun": "NotExecutable",
}
"""Ends that the pod's own work may have led to."""

_REASON_OF_DISRUPTION: Final = {
    "Evicted": "Evicted",
    "Preempting": "Preempted",
    "PreemptionByScheduler": "Preempted",
    "DeletionByTaintManager": "NodeLost",
    "DeletionByPodGC": "NodeLost",
    "EvictionByEvictionAPI": "Drained",
    "TerminationByKubelet": "NodeShutdown",
    "DisruptionTarget": "Disrupted",
    "NodeLost": "NodeLost",
    "ContainerStatusUnknown": "NodeLost",
    "NodeShutdown": "NodeShutdown",
    "Terminated": "NodeShutdown",
    "Shutdown": "NodeShutdown",
    "UnexpectedAdmissionError": "NotAdmitted",
    "NodeAffinity": "NotAdmitted",
    "NodeName": "NotAdmitted",
    "NodePorts": "NotAdmitted",
    "TaintToleration": "NotAdmitted",
    "TopologyAffinityError": "NotAdmitted",
    "PodLost": "PodLost",
    "ErrImagePull": "ImageUnavailable",
    "ImagePullBackOff": "ImageUnavailable",
    "ErrImageNeverPull": "ImageUnavailable",
    "InvalidImageName": "ImageUnavailable",
    "RegistryUnavailable": "ImageUnavailable",
    "CreateContainerConfigError": "ContainerNotCreated",
    "CreateContainerError": "ContainerNotCreated",
    "RunContainerError": "ContainerNotCreated",
    "Unschedulable": "Unschedulable",
    "SchedulingGated": "SchedulingGated",
    "PodNotCreated": "PodNotCreated",
    "PendingTooLong": "PendingTooLong",
}
"""What clusters do to pods, whatever runs in them, and why pods never started."""

_UNKNOWN: Final = "PendingTooLong"

_NOT_ADMITTED: Final = "OutOf"
"""The kubelet puts the resource that it lacks behind it."""

_REASON_OF_EXIT: Final = {
    126: "NotExecutable",
    127: "NotExecutable",
    134: "Crashed",
    137: "Killed",
    139: "Crashed",
    143: "Killed",
}
"""Every other code is an UnexpectedExit."""

_MAY_SUCCEED_LATER: Final = frozenset({"NotYetPublished"})
"""Honest participants commit first and publish after."""


def attribute(end: PodEnd, time: datetime) -> Failure | None:
    """The failure of an ended pod, or None when it succeeded.

    Only an exit code of 65 together with a typed reason is held against a submission: whatever
    else happens to a pod may have happened to an honest one.
    """
    told = end.message or f"the pod ended: {end.reason}"
    if end.reason in _REASON_OF_DISRUPTION or end.reason.startswith(_NOT_ADMITTED):
        return disrupted(end.reason, told, time)
    if end.reason in _REASON_OF_ATTEMPT:
        return _infrastructure(_REASON_OF_ATTEMPT[end.reason], told, time)
    if end.unreadable:
        return _infrastructure("ResultUnreadable", end.unreadable, time)
    if end.exit_code == _DONE:
        return None
    if end.verdict is None or end.exit_code in _REASON_OF_EXIT:
        # What a process had written before a signal ended it is not how it ended.
        return _unexplained(end, time)
    return _verdict(end.exit_code, end.verdict, time)


def _unexplained(end: PodEnd, time: datetime) -> Failure:
    """The end of a process that could not say anything itself."""
    if end.exit_code is None:
        text = f"no container ran, {end.reason or 'no reason given'}: {end.message}"
        return disrupted("CreateContainerError", text, time)
    reason = _REASON_OF_EXIT.get(end.exit_code, "UnexpectedExit")
    return _infrastructure(reason, f"exit code {end.exit_code}, {end.reason}: {end.message}"[:1024], time)


def _verdict(exit_code: int | None, verdict: Verdict, time: datetime) -> Failure:
    fault = _FAULT_OF_EXIT.get(exit_code if exit_code is not None else -1)
    if exit_code == _REQUEST_INVALID:
        fault = Fault.ORGANIZER if verdict.fault == Fault.ORGANIZER else Fault.EVALUATOR
    if fault is None or (fault is Fault.SUBMISSION) != (verdict.fault == Fault.SUBMISSION):
        text = f"exit code {exit_code} does not fit the fault {verdict.fault!r} in the summary"
        return _infrastructure("ResultUnreadable", text, time)
    retriable = fault is Fault.INFRASTRUCTURE or verdict.reason in _MAY_SUCCEED_LATER
    return Failure(fault, verdict.reason, verdict.message, retriable, time)


def disrupted(reason: str, message: str, time: datetime) -> Failure:
    """What the cluster did to a pod, or why it never started one.

    Args:
        reason: In Kubernetes' words.
        message: The same in full.
        time: When it was seen.
    """
    word = "NotAdmitted" if reason.startswith(_NOT_ADMITTED) else _REASON_OF_DISRUPTION.get(reason, _UNKNOWN)
    return Failure(Fault.INFRASTRUCTURE, word, message[:1024], retriable=True, time=time, disruption=True)


def _infrastructure(reason: str, message: str, time: datetime) -> Failure:
    return Failure(Fault.INFRASTRUCTURE, reason, message, retriable=True, time=time)
