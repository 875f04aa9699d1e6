"""The operator's Jobs: the real ones pass the admission policy, whatever asks for more does not."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from podium.api.competition import Competition
from podium.api.round import Round
from podium.api.submission import ModelSubmission
from podium.core.plan import CreateEvaluateJob, CreateFetchJob, CreatePrepareJob, CreateProbeJob
from podium.manifests.jobs import evaluate_job, fetch_job, prepare_job, probe_job
from tests.helm.chart import WATCHED, Raw
from tests.helm.release import OPERATOR, Release
from tests.podium.api.cases.case import ABSENT, changed, valid
from tests.podium.api.objects import DIGEST

pytestmark = pytest.mark.cluster

_POD = "spec/template/spec"
_CONTAINER = f"{_POD}/containers/0"
_ACCOUNT = "Expected a pod without a ServiceAccount's token"
_LABELS = "Expected the labels by which NetworkPolicies find Podium's pods"
_PRIVILEGES = "Expected containers without privileges"
_SECRETS = "Expected no Secret but the key `token` of a hub's"
_VOLUMES = "Expected volumes that are an emptyDir or a claim"


def _labels(component: str, manager: str = "podium") -> Raw:
    return {"app.kubernetes.io/managed-by": manager, "app.kubernetes.io/component": component}


def _variable(**source: Raw) -> list[Raw]:
    return [{"name": "A", "valueFrom": source}]


_KEY = _variable(secretKeyRef={"name": "signer", "key": "hotkey"})
_TOKEN = _variable(secretKeyRef={"name": "hub", "key": "token"})

# What an evaluate Job must not ask for: the path, the value, and what is said against it.
_GREEDY: dict[str, tuple[str, Any, str]] = {  # Any: values of fields
    "the token of its account": (f"{_POD}/automountServiceAccountToken", True, _ACCOUNT),
    "whatever its account says about tokens": (f"{_POD}/automountServiceAccountToken", ABSENT, _ACCOUNT),
    "another account": (f"{_POD}/serviceAccountName", "builder", _ACCOUNT),
    "a purpose that is none": ("spec/template/metadata/labels", _labels("shell"), _LABELS),
    "another manager": ("spec/template/metadata/labels", _labels("evaluate", "me"), _LABELS),
    "no labels": ("spec/template/metadata/labels", {}, _LABELS),
    "the node's network": (f"{_POD}/hostNetwork", True, _PRIVILEGES),
    "the node's processes": (f"{_POD}/hostPID", True, _PRIVILEGES),
    "the node's memory": (f"{_POD}/hostIPC", True, _PRIVILEGES),
    "a container before": (f"{_POD}/initContainers", [{"name": "a", "image": "a"}], _PRIVILEGES),
    "root": (f"{_POD}/securityContext", {}, _PRIVILEGES),
    "root in the container": (f"{_CONTAINER}/securityContext/runAsUser", 0, _PRIVILEGES),
    "all privileges": (f"{_CONTAINER}/securityContext", {"privileged": True}, _PRIVILEGES),
    "one capability": (f"{_CONTAINER}/securityContext/capabilities/add", ["NET_RAW"], _PRIVILEGES),
    "its capabilities": (f"{_CONTAINER}/securityContext/capabilities", ABSENT, _PRIVILEGES),
    "more privileges": (f"{_CONTAINER}/securityContext/allowPrivilegeEscalation", ABSENT, _PRIVILEGES),
    "a writable root": (f"{_CONTAINER}/securityContext/readOnlyRootFilesystem", False, _PRIVILEGES),
    "a folder of the node": (f"{_POD}/volumes/0", {"name": "temporary", "hostPath": {"path": "/"}}, _VOLUMES),
    "a Secret as a volume": (
        f"{_POD}/volumes/0",
        {"name": "temporary", "secret": {"secretName": "s"}},
        _VOLUMES,
    ),
    "a projected token": (f"{_POD}/volumes/0", {"name": "temporary", "projected": {"sources": []}}, _VOLUMES),
    "a whole Secret": (f"{_CONTAINER}/envFrom", [{"secretRef": {"name": "s"}}], _SECRETS),
    "a key of a Secret": (f"{_CONTAINER}/env", _KEY, _SECRETS),
    "the hub's token where a model runs": (f"{_CONTAINER}/env", _TOKEN, _SECRETS),
}


def _read(kind: str) -> Raw:
    """A valid object as it is read from a watched namespace."""
    raw = valid(kind)
    more = {
        "namespace": WATCHED,
        "uid": "7d9b1c",
        "generation": 1,
        "creationTimestamp": "2026-01-01T00:00:00Z",
    }
    return {**raw, "metadata": {**raw["metadata"], **more}}


def _jobs() -> Mapping[str, Raw]:
    """One Job of each purpose, as the operator creates it."""
    organised = changed(_read("Competition"), [("spec/hub", {"tokenSecretName": "hub"})])
    competition = Competition.model_validate(organised)
    round_ = Round.model_validate(_read("Round"))
    submission = ModelSubmission.model_validate(valid("ModelSubmission"))
    evaluate = CreateEvaluateJob(
        name="e",
        round="case",
        round_uid="7d9b1c",
        submission_uid="11aa",
        manifest_digest=DIGEST,
        samples_digest=DIGEST,
        attempt=1,
    )
    return {
        "probe": probe_job(competition, CreateProbeJob("p", 1)),
        "fetch": fetch_job(competition, submission, CreateFetchJob("f", "alice-1", "11aa", 1)),
        "prepare": prepare_job(competition, round_, CreatePrepareJob("d", "case", "7d9b1c", 1)),
        "evaluate": evaluate_job(competition, round_, evaluate),
    }


def _refusal(podium: Release, job: Raw, user: str = OPERATOR) -> str:
    """What the server says against a Job; empty if it takes it."""
    # With all rights, so that only the policy is left to refuse.
    arguments = ("create", "--filename=-", "--dry-run=server", f"--as={user}", "--as-group=system:masters")
    return podium.access.kubectl(*arguments, input=json.dumps(job), check=False).stderr


@pytest.mark.parametrize("purpose", ["probe", "fetch", "prepare", "evaluate"])
def test_the_operator_creates_the_jobs_of_a_round(podium: Release, purpose: str) -> None:
    assert _refusal(podium, _jobs()[purpose]) == ""


@pytest.mark.parametrize(("path", "value", "said"), _GREEDY.values(), ids=_GREEDY)
def test_the_operator_creates_no_job_that_asks_for(
    podium: Release, path: str, value: object, said: str
) -> None:
    job = changed(_jobs()["evaluate"], [(path, value)])
    assert said in _refusal(podium, job)


def test_a_download_may_have_the_token_of_the_hub_and_no_other_secret(podium: Release) -> None:
    fetch = _jobs()["fetch"]
    assert _refusal(podium, changed(fetch, [(f"{_CONTAINER}/env", _TOKEN)])) == ""
    assert _SECRETS in _refusal(podium, changed(fetch, [(f"{_CONTAINER}/env", _KEY)]))


def test_the_jobs_of_others_are_none_of_its_business(podium: Release) -> None:
    job = changed(_jobs()["evaluate"], [(f"{_POD}/serviceAccountName", "builder")])
    assert _refusal(podium, job, "kubernetes-admin") == ""
