"""How pods end that have no result: exit code, summary and node decide together whose fault it is."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import cast

import pytest

from podium.cluster.client import Client
from podium.cluster.resources import Raw
from podium.cluster.results import collect
from podium.core.faults import Failure, Fault
from podium.core.jobs import Ending, Purpose
from tests.podium.cluster.pods import Memory, evaluate_job, nonce, pod_of

NOW = datetime(2026, 1, 1, tzinfo=UTC)


async def _collect(pod: Raw | None, memory: Memory, purpose: Purpose = Purpose.EVALUATE) -> Ending:
    pods = [pod] if pod is not None else []
    return await collect(cast("Client", memory), evaluate_job(), pods, purpose, NOW)


def _failure(ending: Ending) -> Failure:
    assert ending.failure is not None
    assert ending.task_scores == ()
    assert ending.evidence is None
    return ending.failure


def _said(job: Raw, fault: str, reason: str) -> str:
    return json.dumps({"nonce": nonce(job), "fault": fault, "reason": reason, "message": "because"})


@pytest.mark.parametrize(
    ("code", "fault", "reason", "expected"),
    [
        (64, "Organizer", "RequestInvalid", (Fault.ORGANIZER, "RequestInvalid", False)),
        (64, "Evaluator", "RequestInvalid", (Fault.EVALUATOR, "RequestInvalid", False)),
        (65, "Submission", "NonFiniteScore", (Fault.SUBMISSION, "NonFiniteScore", False)),
        (65, "Submission", "NotYetPublished", (Fault.SUBMISSION, "NotYetPublished", True)),
        (69, "Infrastructure", "HubUnavailable", (Fault.INFRASTRUCTURE, "HubUnavailable", True)),
        (70, "Evaluator", "EvaluatorBug", (Fault.EVALUATOR, "EvaluatorBug", False)),
        (75, "Infrastructure", "NotIsolated", (Fault.INFRASTRUCTURE, "NotIsolated", True)),
        (65, "Infrastructure", "Timeout", (Fault.INFRASTRUCTURE, "ResultUnreadable", True)),
        (75, "Submission", "NonFiniteScore", (Fault.INFRASTRUCTURE, "ResultUnreadable", True)),
        (1, "Submission", "NonFiniteScore", (Fault.INFRASTRUCTURE, "ResultUnreadable", True)),
    ],
)
async def test_the_exit_code_and_the_summary_must_agree(
    code: int, fault: str, reason: str, expected: tuple[Fault, str, bool]
) -> None:
    job = evaluate_job()
    failure = _failure(
        await _collect(pod_of(job, exitCode=code, message=_said(job, fault, reason)), Memory())
    )
    assert (failure.fault, failure.reason, failure.retriable) == expected


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (1, "UnexpectedExit"),
        (2, "UnexpectedExit"),
        (64, "UnexpectedExit"),
        (65, "UnexpectedExit"),
        (70, "UnexpectedExit"),
        (75, "UnexpectedExit"),
        (126, "NotExecutable"),
        (127, "NotExecutable"),
        (134, "Crashed"),
        (137, "Killed"),
        (139, "Crashed"),
        (143, "Killed"),
    ],
)
@pytest.mark.parametrize("message", ["", "Segmentation fault", '{"fault": "Submission"}'])
async def test_an_exit_code_without_a_believable_summary_blames_nobody_and_is_an_attempt(
    code: int, reason: str, message: str
) -> None:
    failure = _failure(await _collect(pod_of(evaluate_job(), exitCode=code, message=message), Memory()))
    assert (failure.fault, failure.reason, failure.disruption) == (Fault.INFRASTRUCTURE, reason, False)


@pytest.mark.parametrize("fault", ["Infrastructure", "Submission"])
async def test_a_process_that_a_signal_ended_was_killed_whatever_it_had_written_before(fault: str) -> None:
    """Such as the report of its child's death, when both are killed."""
    job = evaluate_job()
    pod = pod_of(job, exitCode=137, reason="Error", message=_said(job, fault, "OutOfMemory"))
    failure = _failure(await _collect(pod, Memory()))
    assert (failure.fault, failure.reason) == (Fault.INFRASTRUCTURE, "Killed")


@pytest.mark.parametrize(
    ("reason", "expected", "disruption"),
    [
        ("OOMKilled", "OutOfMemory", False),
        ("DeadlineExceeded", "Timeout", False),
        ("StartError", "NotExecutable", False),
        ("Evicted", "Evicted", True),
        ("NodeLost", "NodeLost", True),
        ("ContainerStatusUnknown", "NodeLost", True),
        ("Preempting", "Preempted", True),
        ("Terminated", "NodeShutdown", True),
    ],
)
async def test_what_the_node_did_to_a_pod_is_not_held_against_a_submission(
    reason: str, expected: str, *, disruption: bool
) -> None:
    job = evaluate_job()
    pod = pod_of(job, exitCode=65, message=_said(job, "Submission", "NonFiniteScore"))
    pod["status"]["reason"] = reason
    failure = _failure(await _collect(pod, Memory()))
    assert (failure.fault, failure.reason, failure.disruption) == (
        Fault.INFRASTRUCTURE,
        expected,
        disruption,
    )


@pytest.mark.parametrize(
    ("disruption", "expected"),
    [
        ("PreemptionByScheduler", "Preempted"),
        ("DeletionByTaintManager", "NodeLost"),
        ("EvictionByEvictionAPI", "Drained"),
        ("TerminationByKubelet", "NodeShutdown"),
    ],
)
async def test_a_pod_that_was_in_the_way_was_interrupted(disruption: str, expected: str) -> None:
    pod = pod_of(evaluate_job(), exitCode=143, reason="Error")
    pod["status"]["conditions"] = [{"type": "DisruptionTarget", "status": "True", "reason": disruption}]
    failure = _failure(await _collect(pod, Memory()))
    assert (failure.reason, failure.disruption) == (expected, True)


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("UnexpectedAdmissionError", "NotAdmitted"),
        ("OutOfcpu", "NotAdmitted"),
        ("OutOfnvidia.com/gpu", "NotAdmitted"),
        ("NodeAffinity", "NotAdmitted"),
        ("", "ContainerNotCreated"),
    ],
    ids=["refused by the kubelet", "no CPU left", "no GPU left", "a node's labels changed", "init failed"],
)
async def test_a_pod_that_never_ran_says_why_and_is_no_attempt(reason: str, expected: str) -> None:
    pod = pod_of(evaluate_job())
    pod["status"] = {"phase": "Failed", "reason": reason, "message": "no GPU"}
    failure = _failure(await _collect(pod, Memory()))
    assert (failure.fault, failure.reason) == (Fault.INFRASTRUCTURE, expected)
    assert failure.disruption
    assert "no GPU" in failure.message


async def test_a_pod_that_somebody_deleted_is_no_attempt() -> None:
    failure = _failure(await _collect(None, Memory()))
    assert (failure.fault, failure.reason, failure.disruption) == (Fault.INFRASTRUCTURE, "PodLost", True)
