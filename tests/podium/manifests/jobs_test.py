"""Pods of ours: all locked down alike, and each given what it needs and nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from podium.core.plan import CreateReferenceFetchJob
from podium.manifests import jobs
from tests.podium.api.objects import DIGEST, IMAGE
from tests.podium.manifests.actions import (
    EVALUATE,
    FETCH,
    PREPARE,
    PROBE,
    SAMPLES,
    competition,
    round_,
    submission,
)
from tests.podium.manifests.golden import assert_golden

Raw = dict[str, Any]  # Any: the JSON of a Kubernetes object


def _fetch(**changes: object) -> Raw:
    owner = competition(spec__hub={"tokenSecretName": "hub-token"}, **changes)
    return jobs.fetch_job(owner, submission(volume={"claimName": "shelf", "path": "models/a"}), FETCH)


def _reference_fetch() -> Raw:
    owner = competition(
        spec__hub={"tokenSecretName": "hub-token"},
        spec__volumeClaims=["shelf"],
        spec__reference={"source": {"volume": {"claimName": "shelf", "path": "models/ours"}}},
    )
    return jobs.reference_fetch_job(owner, CreateReferenceFetchJob("fetch-2", 1))


JOBS: dict[str, Raw] = {
    "probe": jobs.probe_job(competition(), PROBE),
    "fetch": _fetch(),
    "prepare": jobs.prepare_job(competition(), round_(), PREPARE),
    "evaluate": jobs.evaluate_job(competition(), round_(), EVALUATE),
}
every_job = pytest.mark.parametrize("purpose", JOBS)


def _pod(purpose: str) -> Raw:
    spec: Raw = JOBS[purpose]["spec"]["template"]["spec"]
    return spec


def _container(purpose: str) -> Raw:
    (container,) = _pod(purpose)["containers"]
    assert isinstance(container, dict)
    return container


def _request(purpose: str) -> Raw:
    (text,) = (one["value"] for one in _container(purpose)["env"] if one["name"] == "PODIUM_REQUEST")
    document: Raw = json.loads(text)
    return document


@every_job
def test_job_is_the_golden_one(purpose: str) -> None:
    assert_golden(f"{purpose}-job", JOBS[purpose])


def test_the_reference_is_fetched_like_a_submission() -> None:
    fetched = _reference_fetch()
    assert_golden("reference-fetch-job", fetched)
    assert set(_pod("fetch")) == set(fetched["spec"]["template"]["spec"])
    assert fetched["metadata"]["annotations"]["podium.dev/subject-uid"] == competition().metadata.uid
    (request,) = (
        json.loads(one["value"])
        for one in fetched["spec"]["template"]["spec"]["containers"][0]["env"]
        if one["name"] == "PODIUM_REQUEST"
    )
    assert request["source"]["path"] == "models/ours"
    assert request.get("hotkey") is None


@every_job
def test_pod_meets_the_restricted_standard(purpose: str) -> None:
    pod, container = _pod(purpose), _container(purpose)
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] > 0
    assert pod["securityContext"]["runAsGroup"] > 0
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert not {"privileged", "procMount", "runAsUser"} & container["securityContext"].keys()
    assert not {"hostNetwork", "hostPID", "hostIPC", "hostUsers", "hostname"} & pod.keys()
    assert not {"initContainers", "ephemeralContainers", "serviceAccountName"} & pod.keys()
    assert not {"ports", "lifecycle", "command", "envFrom"} & container.keys()


@every_job
def test_pod_has_no_credentials_of_the_cluster(purpose: str) -> None:
    assert _pod(purpose)["automountServiceAccountToken"] is False
    assert _pod(purpose)["enableServiceLinks"] is False


@every_job
def test_pod_has_only_temporary_and_claimed_volumes(purpose: str) -> None:
    kinds = {kind for volume in _pod(purpose)["volumes"] for kind in volume if kind != "name"}
    assert kinds <= {"emptyDir", "persistentVolumeClaim"}
    named = {volume["name"] for volume in _pod(purpose)["volumes"]}
    assert {mount["name"] for mount in _container(purpose)["volumeMounts"]} == named


@every_job
def test_only_a_fetch_sees_a_secret_and_only_the_hub_token(purpose: str) -> None:
    variables = {one["name"]: one for one in _container(purpose)["env"]}
    expected = {"PODIUM_REQUEST", "HOME"} | ({"HF_TOKEN"} if purpose == "fetch" else set())
    assert set(variables) == expected
    from_elsewhere = {name: one["valueFrom"] for name, one in variables.items() if "valueFrom" in one}
    reference = {"secretKeyRef": {"name": "hub-token", "key": "token", "optional": True}}
    assert from_elsewhere == ({"HF_TOKEN": reference} if purpose == "fetch" else {})


def test_a_public_hub_needs_no_secret() -> None:
    pod = jobs.fetch_job(competition(), submission(), FETCH)["spec"]["template"]["spec"]
    container = pod["containers"][0]
    assert [one["name"] for one in pod["volumes"]] == ["temporary", "store"]
    assert "HF_TOKEN" not in {one["name"] for one in container["env"]}


def test_a_fetch_names_the_models_that_it_removes_to_its_pod_and_to_the_operator() -> None:
    digests = (DIGEST, "sha256:" + 64 * "d")
    job = jobs.fetch_job(competition(), submission(), replace(FETCH, evict=digests))
    (request,) = (
        one["value"]
        for one in job["spec"]["template"]["spec"]["containers"][0]["env"]
        if one["name"] == "PODIUM_REQUEST"
    )
    assert json.loads(request)["evict"] == list(digests)
    assert job["metadata"]["annotations"]["podium.dev/evicts"] == ",".join(digests)


@every_job
def test_attempts_are_ours(purpose: str) -> None:
    spec = JOBS[purpose]["spec"]
    assert (spec["backoffLimit"], _pod(purpose)["restartPolicy"]) == (0, "Never")
    assert "ttlSecondsAfterFinished" not in spec
    assert "activeDeadlineSeconds" not in spec
    assert _pod(purpose)["activeDeadlineSeconds"] > 0


@every_job
def test_pod_runs_the_pinned_image(purpose: str) -> None:
    assert _container(purpose)["image"] == IMAGE
    assert _container(purpose)["args"][0] == purpose


@every_job
def test_result_must_repeat_the_nonce_of_the_job(purpose: str) -> None:
    annotations = JOBS[purpose]["metadata"]["annotations"]
    assert _request(purpose)["nonce"] == annotations["podium.dev/nonce"]
    assert len({job["metadata"]["annotations"]["podium.dev/nonce"] for job in JOBS.values()}) == len(JOBS)


@every_job
def test_job_goes_with_its_owner_and_blocks_no_deletion(purpose: str) -> None:
    (owner,) = JOBS[purpose]["metadata"]["ownerReferences"]
    expected = ("Round", "33cc") if purpose in {"prepare", "evaluate"} else ("Competition", "7d9b")
    assert (owner["kind"], owner["uid"]) == expected
    assert (owner["controller"], owner["blockOwnerDeletion"]) == (True, False)
    assert "finalizers" not in JOBS[purpose]["metadata"]


def test_an_evaluation_sees_its_model_and_the_samples_and_nothing_else_of_the_store() -> None:
    mounts = [one for one in _container("evaluate")["volumeMounts"] if one["name"] != "temporary"]
    assert [(one["mountPath"], one["subPath"], one["readOnly"]) for one in mounts] == [
        ("/model", f"small/models/{DIGEST.replace(':', '-')}", True),
        ("/samples", f"small/samples/{SAMPLES.replace(':', '-')}", True),
    ]
    claims = [one for one in _pod("evaluate")["volumes"] if "persistentVolumeClaim" in one]
    assert [one["persistentVolumeClaim"] for one in claims] == [{"claimName": "store", "readOnly": True}]


@pytest.mark.parametrize("purpose", ["fetch", "prepare"])
def test_what_writes_the_store_writes_the_competitions_own_folder(
    purpose: str,
) -> None:
    assert _container(purpose)["args"] == [purpose, "--store=/store/small"]
    mounts = {one["name"]: one for one in _container(purpose)["volumeMounts"]}
    assert mounts["store"]["mountPath"] == "/store"


def test_a_source_volume_is_read_only() -> None:
    mounts = {one["name"]: one for one in _container("fetch")["volumeMounts"]}
    assert mounts["source"]["readOnly"] is True
    assert mounts["store"]["readOnly"] is False


def test_a_probe_mounts_nothing_of_the_store() -> None:
    assert [one["name"] for one in _pod("probe")["volumes"]] == ["temporary"]


def test_a_probe_runs_exactly_where_evaluations_run() -> None:
    own = {"containers", "volumes", "activeDeadlineSeconds"}
    probe, evaluate = ({k: v for k, v in _pod(one).items() if k not in own} for one in ("probe", "evaluate"))
    assert probe == evaluate
    assert {"runtimeClassName", "priorityClassName", "nodeSelector", "tolerations"} <= probe.keys()
    own = {"args", "env", "resources", "volumeMounts"}
    probe, evaluate = (
        {k: v for k, v in _container(one).items() if k not in own} for one in ("probe", "evaluate")
    )
    assert probe == evaluate


@pytest.mark.parametrize("purpose", ["fetch", "prepare"])
def test_pods_with_a_network_do_not_run_where_strangers_models_run(purpose: str) -> None:
    assert not {"runtimeClassName", "priorityClassName", "nodeSelector", "tolerations"} & _pod(purpose).keys()


def test_only_an_evaluation_asks_for_accelerators() -> None:
    asking = {one for one in JOBS if "nvidia.com/gpu" in _container(one)["resources"]["limits"]}
    assert asking == {"evaluate"}


def test_the_node_stops_an_evaluation_after_it_should_have_stopped_itself() -> None:
    assert _pod("evaluate")["activeDeadlineSeconds"] > _request("evaluate")["timeoutSeconds"]


def test_a_queue_admits_evaluations_and_nothing_else() -> None:
    changes = {"spec__evaluator__queueName": "gpus"}
    evaluate = jobs.evaluate_job(competition(**changes), round_(**changes), EVALUATE)
    assert evaluate["spec"]["suspend"] is True
    assert evaluate["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] == "gpus"
    probe = jobs.probe_job(competition(**changes), PROBE)
    assert probe["spec"]["suspend"] is False
    assert "kueue.x-k8s.io/queue-name" not in probe["metadata"]["labels"]


def test_absent_placement_is_left_to_the_cluster() -> None:
    absent = {"runtimeClassName": None, "priorityClassName": None, "nodeSelector": {}, "tolerations": []}
    bare = round_(**{f"spec__evaluator__{name}": value for name, value in absent.items()})
    pod = jobs.evaluate_job(competition(), bare, EVALUATE)["spec"]["template"]["spec"]
    assert not absent.keys() & pod.keys()


def test_no_two_attempts_share_a_nonce() -> None:
    again = jobs.evaluate_job(competition(), round_(), replace(EVALUATE, name="evaluate-2"))
    first = JOBS["evaluate"]["metadata"]["annotations"]["podium.dev/nonce"]
    assert again["metadata"]["annotations"]["podium.dev/nonce"] != first
