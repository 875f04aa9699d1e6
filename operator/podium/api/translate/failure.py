"""Failures, between the cluster and the decisions."""

from __future__ import annotations

from podium.api import failure as stored
from podium.core.faults import Failure, Fault

__all__ = ["failure_from", "failure_to"]


def failure_to(failure: stored.Failure | None) -> Failure | None:
    """A stored failure as decisions see it."""
    if failure is None:
        return None
    return Failure(Fault(failure.fault), failure.reason, failure.message, failure.retriable, failure.time)


def failure_from(failure: Failure | None) -> stored.Failure | None:
    """A failure as it is stored."""
    if failure is None:
        return None
    return stored.Failure.model_validate(
        {
            "fault": failure.fault.value,
            "reason": failure.reason,
            "message": failure.message,
            "retriable": failure.retriable,
            "time": failure.time,
        }
    )
