"""Pods that never start: each reason has a name, and none is an attempt."""

from datetime import timedelta

import pytest

from podium.core.faults import Fault
from podium.core.jobs import Job, Purpose
from podium.core.waiting import pending_too_long
from tests.podium.core.objects import GENESIS, a_submission
from tests.podium.core.worlds import World


@pytest.mark.parametrize(
    ("waiting_for", "reason"),
    [
        ("ErrImagePull", "ImageUnavailable"),
        ("ImagePullBackOff", "ImageUnavailable"),
        ("CreateContainerConfigError", "ContainerNotCreated"),
        ("Unschedulable", "Unschedulable"),
        ("SchedulingGated", "SchedulingGated"),
        ("PodNotCreated", "PodNotCreated"),
        ("PendingTooLong", "PendingTooLong"),
        ("SomethingNew", "PendingTooLong"),
        ("odd reason", "PendingTooLong"),
    ],
)
def test_a_pod_that_never_starts_is_interrupted_for_its_reason(waiting_for: str, reason: str) -> None:
    world = World()
    world.add(a_submission("alice", 1))
    world.run_to(100)
    world.settle()
    (current,) = world.rounds.values()
    since = world.now
    job = Job(
        "job", "uid", Purpose.EVALUATE, "uid-alice", current.uid, 1, GENESIS,
        waiting_for=waiting_for, pending_since=since,
    )  # fmt: skip
    world.now = since + timedelta(seconds=current.pending_seconds - 1)
    assert pending_too_long(job, current, world.seen()) is None
    world.now = since + timedelta(seconds=current.pending_seconds)
    ending = pending_too_long(job, current, world.seen())
    assert ending is not None
    assert ending.failure is not None
    assert (ending.failure.fault, ending.failure.reason) == (Fault.INFRASTRUCTURE, reason)
    assert ending.failure.disruption
