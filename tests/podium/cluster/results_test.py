"""Results of pods that may have run anything: believed only when everything fits together."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.cluster.client import Client
from podium.cluster.resources import Raw
from podium.cluster.results import collect, has_ended
from podium.core.faults import Failure, Fault
from podium.core.jobs import Ending, Purpose
from podium.core.kinds import TaskScore
from podium_evaluator.contract import EVIDENCE_BYTES, EVIDENCE_PREFIX, SUMMARY_BYTES, Reason
from podium_evaluator.contract import Fault as EvaluatorFault
from podium_evaluator.contract import TaskScore as Score
from tests.podium.cluster.pods import (
    OTHER_NONCE,
    Memory,
    ended,
    evaluate_job,
    evidence,
    nonce,
    other_jobs,
    pod_of,
    summary,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
OTHER = "sha256:" + 64 * "0"


async def _collect(pod: Raw | None, memory: Memory, purpose: Purpose = Purpose.EVALUATE) -> Ending:
    pods = [pod] if pod is not None else []
    return await collect(cast("Client", memory), evaluate_job(), pods, purpose, NOW)


def _failure(ending: Ending) -> Failure:
    assert ending.failure is not None
    assert ending.task_scores == ()
    assert ending.evidence is None
    return ending.failure


def _assert_unreadable(ending: Ending, why: str) -> None:
    failure = _failure(ending)
    assert (failure.fault, failure.reason) == (Fault.INFRASTRUCTURE, "ResultUnreadable")
    assert why in failure.message


def _assert_lost(ending: Ending) -> None:
    failure = _failure(ending)
    assert (failure.fault, failure.reason, failure.disruption) == (Fault.INFRASTRUCTURE, "PodLost", True)
    assert "no pod of the Job is left" in failure.message


async def test_an_honest_evaluation_is_believed() -> None:
    job = evaluate_job()
    pod, memory = ended(job)
    line, digest = evidence(job)
    assert await _collect(pod, memory) == Ending(
        task_scores=(TaskScore("word-sorting", "1.5"),),
        evidence=line,
        evidence_digest=digest,
        environment=(("gpu", "H100"), ("torch", "2.0")),
        seconds=60,
    )


async def test_a_pod_that_the_watch_has_not_told_of_yet_is_asked_for() -> None:
    _, memory = ended(evaluate_job())
    assert (await _collect(None, memory)).task_scores == (TaskScore("word-sorting", "1.5"),)
    assert memory.asked[0] == ("Pod", "games", "batch.kubernetes.io/job-name=evaluate-1")


async def test_a_result_that_vanished_with_its_pod_is_nobodys_fault() -> None:
    _assert_lost(await _collect(None, Memory()))


async def test_a_pod_of_another_job_is_no_pod_of_this_one() -> None:
    pod, memory = ended(evaluate_job())
    pod["metadata"]["ownerReferences"][0]["uid"] = "another"
    _assert_lost(await _collect(pod, memory))


async def test_of_several_pods_the_last_one_counts() -> None:
    job = evaluate_job()
    pod, memory = ended(job)
    disrupted = pod_of(job, exitCode=137, reason="Error")
    disrupted["metadata"]["creationTimestamp"] = "2026-01-01T00:00:00Z"
    ending = await collect(cast("Client", memory), job, [pod, disrupted], Purpose.EVALUATE, NOW)
    assert ending.failure is None


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"nonce": OTHER_NONCE}, "another nonce"),
        ({"samples_digest": OTHER}, "other samples"),
        ({"samples_digest": None}, "other samples"),
        ({"manifest_digest": OTHER}, "another model"),
        ({"scores": None}, "no scores"),
        ({"scores": ()}, "no scores"),
        ({"evidence_digest": None}, "names no evidence"),
        ({"evidence_digest": OTHER}, "evidence"),
        ({"fault": EvaluatorFault.SUBMISSION, "reason": Reason.NON_FINITE_SCORE}, "exit code 0"),
    ],
)
async def test_a_summary_that_is_not_the_jobs_is_not_believed(changes: dict[str, Any], why: str) -> None:
    pod, memory = ended(evaluate_job(), **changes)
    _assert_unreadable(await _collect(pod, memory), why)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("scores", 0, "score"), "NaN"),
        (("scores", 0, "score"), float("nan")),
        (("scores", 0, "score"), float("inf")),
        (("scores", 0, "score"), -0.5),
        (("scores", 0, "score"), None),
        (("scores", 0, "name"), "../../x"),
        (("version",), "podium.dev/evaluator/v0"),
        (("unknown",), 1),
        (("environment",), {"k": "x" * 2000}),
        (("environment",), {str(number): "x" for number in range(17)}),
        (("message",), "x" * 1025),
        (("nonce",), None),
    ],
)
async def test_a_summary_with_anything_out_of_bounds_is_malformed(
    path: tuple[str | int, ...], value: object
) -> None:
    job = evaluate_job()
    document = json.loads(summary(job, evidence(job)[1]).to_json())
    place = document
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    pod, memory = pod_of(job, message=json.dumps(document)), Memory(log="")
    _assert_unreadable(await _collect(pod, memory), "malformed")


@pytest.mark.parametrize("message", ["[]", "null", "{", "0", '"x"', "x" * SUMMARY_BYTES, "\x00\ud800"])
async def test_text_that_is_no_summary_is_malformed(message: str) -> None:
    _assert_unreadable(await _collect(pod_of(evaluate_job(), message=message), Memory()), "malformed")


async def test_a_pod_that_said_nothing_has_no_result() -> None:
    _assert_unreadable(await _collect(pod_of(evaluate_job()), Memory()), "no summary")


async def test_another_image_than_the_jobs_is_not_believed() -> None:
    pod, memory = ended(evaluate_job())
    pod["spec"]["containers"][0]["image"] = "evil@sha256:" + 64 * "6"
    _assert_unreadable(await _collect(pod, memory), "the pod ran")


async def test_a_second_container_is_not_believed() -> None:
    pod, memory = ended(evaluate_job())
    pod["spec"]["containers"].append({"name": "sidecar", "image": "sidecar"})
    _assert_unreadable(await _collect(pod, memory), "the pod ran")


async def test_evidence_that_is_gone_with_its_pod_is_missed() -> None:
    pod, _ = ended(evaluate_job())
    _assert_unreadable(await _collect(pod, Memory()), "the evidence is gone")


async def test_a_log_without_evidence_is_no_evidence() -> None:
    pod, _ = ended(evaluate_job())
    _assert_unreadable(await _collect(pod, Memory(log="hello\n")), "no evidence line")


async def test_only_the_last_evidence_line_counts() -> None:
    job = evaluate_job()
    pod, _ = ended(job)
    line, _ = evidence(job)
    forged = Memory(log=f"{EVIDENCE_PREFIX}{line}\n{EVIDENCE_PREFIX}H4sIAAAA\n")
    _assert_unreadable(await _collect(pod, forged), "evidence")


@pytest.mark.parametrize(
    "changes", [{"nonce": OTHER_NONCE}, {"samples_digest": OTHER}, {"manifest_digest": OTHER}]
)
async def test_evidence_of_another_evaluation_is_not_believed(changes: dict[str, str]) -> None:
    job = evaluate_job()
    line, digest = evidence(job, **changes)
    pod, _ = ended(job, evidence_digest=digest)
    ending = await _collect(pod, Memory(log=f"{EVIDENCE_PREFIX}{line}\n"))
    _assert_unreadable(ending, "the evidence is of another evaluation")


def _line(content: bytes) -> str:
    return base64.b64encode(content).decode()


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (_line(gzip.compress(b" " * (64 * 1024 * 1024))), "bound"),
        (_line(gzip.compress(b"{}")[:-4]), "truncated"),
        (_line(b"no gzip"), "base64 of gzip"),
        ("%%%%", "base64 of gzip"),
        (_line(gzip.compress(b"[]")), "Evidence"),
        (_line(gzip.compress(b"\xff\xfe")), "Evidence"),
        ("A" * (EVIDENCE_BYTES + 4), "at most"),
    ],
    ids=["bomb", "truncated", "no gzip", "no base64", "no document", "no text", "too long"],
)
async def test_hostile_evidence_is_refused(line: str, why: str) -> None:
    job = evaluate_job()
    digest = f"sha256:{hashlib.sha256(line.encode()).hexdigest()}"
    pod, _ = ended(job, evidence_digest=digest)
    _assert_unreadable(await _collect(pod, Memory(log=f"{EVIDENCE_PREFIX}{line}\n")), why)


@given(st.text(max_size=3000), st.sampled_from([0, 1, 64, 65, 69, 70, 75, 137]))
async def test_no_message_of_a_pod_breaks_a_pass_or_makes_a_score(message: str, code: int) -> None:
    ending = await _collect(pod_of(evaluate_job(), exitCode=code, message=message), Memory(log=""))
    failure = _failure(ending)
    assert failure.fault is Fault.INFRASTRUCTURE
    assert len(failure.message) <= 1024
    assert failure.message.isprintable()


async def test_whatever_a_pod_says_is_printable() -> None:
    score = Score(
        name="word-sorting", samples=2, reason=Reason.DEGENERATE_OUTPUT, message="\x1b[2Jhello\u202e"
    )
    pod, memory = ended(evaluate_job(), scores=(score,), environment={"gpu\x1b": "H100\x1b[31m"})
    ending = await _collect(pod, memory)
    assert ending.task_scores == (TaskScore("word-sorting", None, "DegenerateOutput", " [2Jhello "),)
    assert ending.environment == (("gpu ", "H100 [31m"),)


@pytest.mark.parametrize("purpose", ["Probe", "Fetch", "Prepare"])
async def test_a_result_of_another_purpose_is_no_result(purpose: str) -> None:
    job = other_jobs()[purpose]
    pod = pod_of(job, message=json.dumps({"nonce": nonce(job), "message": "done"}))
    ending = await collect(cast("Client", Memory()), job, [pod], Purpose(purpose), NOW)
    _assert_unreadable(ending, "lacks its result")


async def test_results_of_the_other_purposes_are_read() -> None:
    found = {}
    for purpose, result in (
        ("Probe", {"reachable": ["10.0.0.1:443"]}),
        ("Prepare", {"prepared": {"digest": OTHER, "tasks": []}}),
        (
            "Fetch",
            {
                "fetched": {
                    "manifestDigest": OTHER,
                    "tensorsDigest": OTHER,
                    "bytes": 1,
                    "files": 1,
                    "parameters": 1,
                    "architecture": "Llama",
                }
            },
        ),
    ):
        job = other_jobs()[purpose]
        pod = pod_of(job, message=json.dumps({"nonce": nonce(job), **result}))
        found[purpose] = await collect(cast("Client", Memory()), job, [pod], Purpose(purpose), NOW)
    assert found["Probe"].reachable == ("10.0.0.1:443",)
    assert found["Prepare"].samples is not None
    assert found["Fetch"].fetched is not None


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ([], None),
        ([{"type": "Suspended", "status": "True"}], None),
        ([{"type": "FailureTarget", "status": "True"}], None),
        ([{"type": "Complete", "status": "False"}], None),
        ([{"type": "Complete", "status": "True"}], "Complete"),
        ([{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded"}], "BackoffLimitExceeded"),
    ],
)
def test_a_job_has_ended_when_its_controller_says_so(
    conditions: list[dict[str, str]], expected: str | None
) -> None:
    assert has_ended({"status": {"conditions": conditions}}) == expected
