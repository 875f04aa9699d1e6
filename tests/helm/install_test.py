"""Installing, upgrading and removing the chart in a real cluster."""

import json
from collections.abc import Iterator

import pytest

from podium.api.crd import crd_documents
from tests.cluster.access import ClusterAccess
from tests.cluster.kinds import wait_until_served
from tests.cluster.waiting import wait_for
from tests.helm.chart import MATRIX, NAMESPACE, SIGNER_NAMESPACE, WATCHED, Change, Raw, of_kind, render
from tests.helm.release import Release
from tests.podium.api.cases.case import valid

pytestmark = pytest.mark.cluster

_KEPT = "helm.sh/resource-policy"
# The one is there already, the others are kinds of the Prometheus operator.
_NOT_SENT = {"CustomResourceDefinition", "ServiceMonitor", "PrometheusRule"}
_RESTRICTED = "pod-security.kubernetes.io/enforce=restricted"


@pytest.fixture
def release(bare_cluster: ClusterAccess) -> Iterator[Release]:
    release = Release(bare_cluster)
    release.install({"createWatchNamespaces": True})
    yield release
    release.uninstall()


def _found(access: ClusterAccess, *arguments: str) -> list[str]:
    """Kinds and names of what `kubectl get` finds."""
    return access.kubectl("get", "--output=name", *arguments).stdout.split()


def test_the_kinds_are_those_of_the_models_and_marked_to_be_kept() -> None:
    expected = [dict(one) for one in crd_documents()]
    for one in expected:
        one["metadata"] = {**one["metadata"], "annotations": {_KEPT: "keep"}}
    rendered = of_kind(render({}), "CustomResourceDefinition")
    assert sorted(rendered, key=_name) == sorted(expected, key=_name)


def _name(raw: Raw) -> str:
    name: str = raw["metadata"]["name"]
    return name


def test_an_installation_has_everything_in_its_place(release: Release) -> None:
    access = release.access
    wait_until_served(access, "crd")
    assert len(_found(access, "crd")) == len(crd_documents())
    in_place = {
        NAMESPACE: ["deployment.apps/podium-operator", "serviceaccount/podium-operator"],
        SIGNER_NAMESPACE: ["deployment.apps/podium-signer", "serviceaccount/podium-signer"],
    }
    for namespace, expected in in_place.items():
        found = _found(access, "deployments,serviceaccounts", f"--namespace={namespace}")
        assert sorted(set(found) - {"serviceaccount/default"}) == expected
    assert _found(access, "comp,msub,round,wu,subnet", f"--namespace={WATCHED}") == []


def test_the_pods_meet_the_restricted_standard(release: Release) -> None:
    access = release.access
    access.kubectl("label", "namespace", NAMESPACE, _RESTRICTED, "--overwrite")
    for namespace in (NAMESPACE, SIGNER_NAMESPACE):
        access.kubectl("delete", "pods", "--all", f"--namespace={namespace}", "--force")

        def admitted(namespace: str = namespace) -> bool:
            return len(_found(access, "pods", f"--namespace={namespace}")) == 1

        wait_for(admitted, f"a pod in {namespace}", 30.0)


def test_an_upgrade_changes_the_processes_and_the_watched_namespaces(release: Release) -> None:
    access = release.access
    access.kubectl("create", "namespace", "practice")
    release.upgrade(
        {
            "watchNamespaces": ["practice"],
            "operator": {"image": {"tag": "0.2.0"}},
            "logging": {"level": "debug"},
        }
    )
    path = (
        "jsonpath={.spec.template.spec.containers[0].image} {.spec.template.spec.containers[0].env[0].value}"
    )
    here = f"--namespace={NAMESPACE}"
    said = access.kubectl("get", "deployment/podium-operator", here, f"--output={path}").stdout
    assert said == "podium/operator:0.2.0 practice"
    roles = ["role.rbac.authorization.k8s.io/podium-operator", "role.rbac.authorization.k8s.io/podium-signer"]
    assert _found(access, "roles", "--namespace=practice") == roles
    assert _found(access, "roles", f"--namespace={WATCHED}") == []


def test_a_removal_keeps_the_kinds_and_every_object_and_an_installation_takes_them_over(
    bare_cluster: ClusterAccess,
) -> None:
    access, release = bare_cluster, Release(bare_cluster)
    release.install({"createWatchNamespaces": True})
    here = f"--namespace={WATCHED}"
    for kind in ("Subnet", "Competition", "ModelSubmission"):
        access.kubectl("create", "--filename=-", here, input=json.dumps(valid(kind)))
    before = access.kubectl("get", "subnet,comp,msub", here, "--output=json").stdout

    said = release.uninstall()

    assert "These resources were kept" in said
    assert access.kubectl("get", "subnet,comp,msub", here, "--output=json").stdout == before
    assert _found(access, "deployments", "--all-namespaces") == []
    policies = "validatingadmissionpolicies,validatingadmissionpolicybindings"
    assert _found(access, policies) == []
    assert _found(access, "roles,rolebindings", here) == []

    release.install({"createWatchNamespaces": True})
    assert access.kubectl("get", "subnet,comp,msub", here, "--output=json").stdout == before
    release.uninstall()


@pytest.mark.parametrize("change", MATRIX.values(), ids=MATRIX.keys())
def test_a_strict_server_accepts_what_is_rendered(bare_cluster: ClusterAccess, change: Change) -> None:
    objects = [one for one in render(change) if one["kind"] not in _NOT_SENT]
    needed = {one["metadata"].get("namespace") for one in objects} - {None}
    for namespace in sorted(needed):
        bare_cluster.kubectl("create", "namespace", namespace, check=False)  # some exist already
    listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
    bare_cluster.kubectl(
        "apply",
        "--filename=-",
        "--server-side",
        "--force-conflicts",
        "--dry-run=server",
        "--validate=strict",
        input=listed,
    )
