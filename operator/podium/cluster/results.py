"""What an ended Job says: its pods' exit, the summary, and the evidence, none of them trusted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from pydantic import ValidationError

from podium.cluster.client import Client
from podium.cluster.pods import disruption_of, is_terminated
from podium.cluster.resources import JOB_NAME, PODS, Raw, controller_uid
from podium.core.clock import utc
from podium.core.faults import PodEnd, Verdict, attribute
from podium.core.jobs import Ending, FetchedModel, Purpose
from podium.core.kinds import PreparedTask, Samples, TaskScore
from podium.errors import NotFoundError, RefusedError
from podium_evaluator import contract
from podium_evaluator.contract import CONTAINER, EVIDENCE_BYTES, EVIDENCE_PREFIX, Summary, decode_evidence

__all__ = ["JobFacts", "collect", "has_ended"]


_TAIL_LINES: Final = 20
_LOG_BYTES: Final = EVIDENCE_BYTES + 64 * 1024


class JobFacts:
    """What a Job was created with, read from the Job and not from its pod.

    Attributes:
        nonce: What its result must repeat.
        image: What its pod must have run.
        samples_digest: Of an evaluation.
        manifest_digest: Of an evaluation.
    """

    def __init__(self, job: Raw) -> None:
        annotations = job["metadata"].get("annotations") or {}
        containers = job["spec"]["template"]["spec"]["containers"]
        self.uid: str = job["metadata"]["uid"]
        self.name: str = job["metadata"]["name"]
        self.namespace: str = job["metadata"]["namespace"]
        self.nonce: str = annotations.get("podium.dev/nonce", "")
        self.samples_digest: str | None = annotations.get("podium.dev/samples-digest")
        self.manifest_digest: str | None = annotations.get("podium.dev/manifest-digest")
        self.image: str = containers[0]["image"]


def has_ended(job: Raw) -> str | None:
    """The reason with which the Job controller ended a Job, or None while it runs."""
    for condition in (job.get("status") or {}).get("conditions") or ():
        if condition.get("type") in {"Complete", "Failed"} and condition.get("status") == "True":
            return str(condition.get("reason") or condition["type"])
    return None


async def collect(client: Client, job: Raw, pods: Sequence[Raw], purpose: Purpose, now: datetime) -> Ending:
    """How an ended Job ended, for its purpose.

    Args:
        client: To read what the store does not have: late pods and logs.
        job: The ended Job.
        pods: Its pods as the store knows them.
        purpose: What the Job was for.
        now: When a failure is said to have happened.

    Raises:
        ClusterError: The API server could not be asked; it has to be tried again.
    """
    facts = JobFacts(job)
    pod = _last_terminated(facts, pods)
    if pod is None:
        # The Job's watch may be ahead of the pods': ask before calling the result lost.
        selector = f"{JOB_NAME}={facts.name}"
        pod = _last_terminated(facts, (await client.list(PODS, facts.namespace, selector))[0])
    if pod is None:
        lost = PodEnd(None, "PodLost", f"no pod of the Job is left: {has_ended(job)}", None)
        return Ending(attribute(lost, now))
    exit_code, reason, message = _exit(pod)
    summary, unreadable = _summary(message, facts, pod)
    verdict = _verdict(summary)
    end = PodEnd(exit_code, reason, _tidy(message) if summary is None else "", verdict, "")
    failure = attribute(end, now) if exit_code != 0 else None
    seconds = _seconds(pod)
    if failure is not None:
        return Ending(failure, seconds=seconds)
    if summary is None or verdict is not None:
        text = unreadable or "exit code 0 with the reason of a failure"
        return Ending(attribute(PodEnd(exit_code, "", "", None, text), now), seconds=seconds)
    try:
        return replace(await _result(client, facts, pod, summary, purpose), seconds=seconds)
    except _UnreadableError as error:
        return Ending(attribute(PodEnd(0, "", "", None, str(error)[:1024]), now), seconds=seconds)


class _UnreadableError(Exception):
    """A result that is not believed, and why."""


async def _result(client: Client, facts: JobFacts, pod: Raw, summary: Summary, purpose: Purpose) -> Ending:
    match purpose:
        case Purpose.PROBE if summary.reachable is not None:
            return Ending(reachable=summary.reachable)
        case Purpose.FETCH if summary.fetched is not None:
            return Ending(fetched=_fetched(summary.fetched))
        case Purpose.PREPARE if summary.prepared is not None:
            return Ending(samples=_samples(summary.prepared))
        case Purpose.EVALUATE:
            return await _evaluation(client, facts, pod, summary)
        case _:
            pass
    raise _UnreadableError(f"the summary of a {purpose.value} pod lacks its result")


async def _evaluation(client: Client, facts: JobFacts, pod: Raw, summary: Summary) -> Ending:
    """Scores count only with the evidence that they were made from, of the samples and model meant."""
    if (summary.samples_digest, summary.manifest_digest) != (facts.samples_digest, facts.manifest_digest):
        raise _UnreadableError("the summary is about other samples or another model")
    if not summary.scores or summary.evidence_digest is None:
        raise _UnreadableError("the summary has no scores or names no evidence")
    line = await _evidence_line(client, facts, pod)
    try:
        evidence = decode_evidence(line, summary.evidence_digest)
    except ValueError as error:
        raise _UnreadableError(f"evidence: {_tidy(str(error))}") from error
    bound = (evidence.nonce, evidence.samples_digest, evidence.manifest_digest)
    if bound != (facts.nonce, facts.samples_digest, facts.manifest_digest):
        raise _UnreadableError("the evidence is of another evaluation")
    return Ending(
        task_scores=tuple(_task_score(one) for one in summary.scores),
        evidence=line,
        evidence_digest=summary.evidence_digest,
        environment=tuple(
            sorted({_tidy(key): _tidy(value) for key, value in summary.environment.items()}.items())
        ),
    )


async def _evidence_line(client: Client, facts: JobFacts, pod: Raw) -> str:
    name = pod["metadata"]["name"]
    try:
        log = await client.log_tail(facts.namespace, name, CONTAINER, _TAIL_LINES, _LOG_BYTES)
    except (NotFoundError, RefusedError) as error:
        raise _UnreadableError(f"the evidence is gone with its pod: {error}") from error
    lines = [line for line in log.splitlines() if line.startswith(EVIDENCE_PREFIX)]
    if not lines:
        raise _UnreadableError("no evidence line in the log")
    return lines[-1].removeprefix(EVIDENCE_PREFIX).strip()


def _last_terminated(facts: JobFacts, pods: Sequence[Raw]) -> Raw | None:
    ended = [pod for pod in pods if controller_uid(pod) == facts.uid and is_terminated(pod)]
    return max(ended, key=lambda pod: str(pod["metadata"].get("creationTimestamp", "")), default=None)


def _exit(pod: Raw) -> tuple[int | None, str, str]:
    """Exit code, reason and message: of the container, or of the pod where it never ran."""
    status = pod.get("status") or {}
    reason = disruption_of(pod) or str(status.get("reason") or "")
    message = str(status.get("message") or "")
    ended = _terminated_state(pod)
    if ended is None:
        return None, reason, message
    return (
        ended.get("exitCode"),
        reason or str(ended.get("reason") or ""),
        str(ended.get("message") or message),
    )


# Any: the JSON of a container's state.
def _terminated_state(pod: Raw) -> dict[str, Any] | None:
    for container in (pod.get("status") or {}).get("containerStatuses") or ():
        if container.get("name") == CONTAINER:
            state = (container.get("state") or {}).get("terminated")
            return state if isinstance(state, dict) else None
    return None


def _seconds(pod: Raw) -> int:
    state = _terminated_state(pod) or {}
    started, finished = state.get("startedAt"), state.get("finishedAt")
    if not started or not finished:
        return 0
    return max(int((utc(finished) - utc(started)).total_seconds()), 0)


def _summary(message: str, facts: JobFacts, pod: Raw) -> tuple[Summary | None, str]:
    """The summary, or why it is not believed."""
    images = [one.get("image") for one in pod["spec"]["containers"]]
    if images != [facts.image]:
        return None, f"the pod ran {images}, the Job asked for {facts.image}"
    if not message:
        return None, "the pod left no summary"
    try:
        summary = Summary.model_validate_json(message)
    except ValidationError as error:
        return None, f"the summary is malformed: {error.error_count()} errors"
    if summary.nonce != facts.nonce:
        return None, "the summary repeats another nonce"
    return summary, ""


def _verdict(summary: Summary | None) -> Verdict | None:
    if summary is None or summary.fault is None or summary.reason is None:
        return None
    return Verdict(summary.fault.value, summary.reason.value, _tidy(summary.message))


def _fetched(model: contract.FetchedModel) -> FetchedModel:
    return FetchedModel(
        model.manifest_digest,
        model.tensors_digest,
        model.bytes,
        model.parameters,
        model.architecture,
        model.chat_template,
        model.hashed_files,
        model.sketch,
    )


def _task_score(score: contract.TaskScore) -> TaskScore:
    if score.score is not None:
        return TaskScore(score.name, repr(score.score))
    return TaskScore(score.name, None, score.reason.value if score.reason else "", _tidy(score.message))


def _samples(prepared: contract.PreparedSamples) -> Samples:
    return Samples(
        prepared.digest,
        tuple(
            PreparedTask(
                one.name,
                one.samples,
                one.dropped,
                one.revision,
                one.digest,
                one.reason.value if one.reason else "",
                _tidy(one.message),
            )
            for one in prepared.tasks
        ),
    )


def _tidy(text: str) -> str:
    """Text of strangers for a status: printable and short."""
    return "".join(character if character.isprintable() else " " for character in text[:1024])
