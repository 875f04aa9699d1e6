"""What a Job's pods show while it runs."""

from __future__ import annotations

import pytest

from podium.cluster.pods import look_at
from podium.cluster.resources import Raw
from podium.core.clock import utc


def _pod(minute: int, phase: str = "Pending", **status: object) -> Raw:
    made = f"2026-01-01T00:{minute:02}:00Z"
    return {"metadata": {"creationTimestamp": made}, "status": {"phase": phase, **status}}


def _disrupted(minute: int) -> Raw:
    condition = {
        "type": "DisruptionTarget",
        "status": "True",
        "reason": "PreemptionByScheduler",
        "lastTransitionTime": f"2026-01-01T00:{minute + 5:02}:00Z",
    }
    ran = [{"state": {"terminated": {"startedAt": f"2026-01-01T00:{minute:02}:10Z"}}}]
    return _pod(minute, "Failed", conditions=[condition], containerStatuses=ran)


def _container(reason: str) -> dict[str, object]:
    return {"containerStatuses": [{"state": {"waiting": {"reason": reason, "message": "as it says"}}}]}


def _unscheduled(reason: str) -> dict[str, object]:
    condition = {"type": "PodScheduled", "status": "False", "reason": reason, "message": "as it says"}
    return {"conditions": [condition]}


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (_container("ErrImagePull"), "ErrImagePull"),
        (_container("ImagePullBackOff"), "ImagePullBackOff"),
        (_container("CreateContainerConfigError"), "CreateContainerConfigError"),
        (_unscheduled("Unschedulable"), "Unschedulable"),
        (_unscheduled("SchedulingGated"), "SchedulingGated"),
    ],
)
def test_a_pod_that_waits_says_what_for(status: dict[str, object], reason: str) -> None:
    seen = look_at([_pod(1, **status)])
    assert (seen.started, seen.waiting_for) == (None, reason)
    assert seen.waiting == f"{reason}: as it says"


def test_without_a_pod_something_refuses_to_make_one() -> None:
    seen = look_at([])
    assert (seen.started, seen.waiting_for, seen.pending_since) == (None, "PodNotCreated", None)
    assert "quota" in seen.waiting


def test_a_pod_that_runs_has_started() -> None:
    running = {"containerStatuses": [{"state": {"running": {"startedAt": "2026-01-01T00:01:30Z"}}}]}
    assert look_at([_pod(1, "Running", **running)]).started == utc("2026-01-01T00:01:30Z")


def test_the_replacement_of_an_interrupted_pod_waits_anew() -> None:
    seen = look_at([_disrupted(1), _pod(9, **_unscheduled("Unschedulable"))])
    assert (seen.started, seen.waiting_for, seen.disruptions) == (None, "Unschedulable", 1)
    assert seen.pending_since == utc("2026-01-01T00:09:00Z")


def test_an_interrupted_pod_without_a_replacement_waits_since_its_end() -> None:
    seen = look_at([_disrupted(1), _disrupted(2)])
    assert (seen.started, seen.waiting_for, seen.disruptions) == (None, "PodNotCreated", 2)
    assert seen.pending_since == utc("2026-01-01T00:07:00Z")
