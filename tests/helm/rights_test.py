"""Rights: exactly what each process uses, and nothing that reaches beyond the watched namespaces."""

from collections import defaultdict

import pytest

from tests.helm.chart import MATRIX, NAMESPACE, SIGNER_NAMESPACE, Change, Raw, named, of_kind, render, watched

pytestmark = pytest.mark.cluster

Granted = dict[str, set[str]]

_READ = {"get", "list", "watch"}

OPERATOR: Granted = {
    "podium.dev/subnets": _READ,
    "podium.dev/subnets/status": {"update"},
    "podium.dev/competitions": _READ,
    "podium.dev/competitions/status": {"update"},
    "podium.dev/modelsubmissions": _READ | {"create"},
    "podium.dev/modelsubmissions/status": {"update"},
    "podium.dev/rounds": _READ | {"create", "delete"},
    "podium.dev/rounds/status": {"update"},
    "podium.dev/weightupdates": _READ | {"create"},
    "batch/jobs": _READ | {"create", "delete"},
    "/pods": _READ,
    "/pods/log": {"get"},
    "/configmaps": {"get", "create"},
    "events.k8s.io/events": {"create"},
}
SIGNER: Granted = {
    "podium.dev/subnets": {"get"},
    "podium.dev/rounds": {"get"},
    "podium.dev/weightupdates": _READ,
    "podium.dev/weightupdates/status": {"update"},
    "events.k8s.io/events": {"create"},
}

every_way = pytest.mark.parametrize("change", MATRIX.values(), ids=MATRIX.keys())


def _granted(role: Raw) -> Granted:
    granted: Granted = defaultdict(set)
    for rule in role["rules"]:
        assert set(rule) == {"apiGroups", "resources", "verbs"}
        for group in rule["apiGroups"]:
            for resource in rule["resources"]:
                granted[f"{group}/{resource}"] |= set(rule["verbs"])
    return dict(granted)


@every_way
def test_each_process_may_do_exactly_this_in_each_watched_namespace(change: Change) -> None:
    objects = render(change)
    expected = {("podium-operator", namespace): OPERATOR for namespace in watched(change)}
    if of_kind(objects, "Deployment")[1:]:
        expected |= {("podium-signer", namespace): SIGNER for namespace in watched(change)}
    fullname = change.get("fullnameOverride", "podium")
    granted = {
        (one["metadata"]["name"].replace(fullname, "podium"), one["metadata"]["namespace"]): _granted(one)
        for one in of_kind(objects, "Role")
    }
    assert granted == expected


@every_way
def test_no_rule_has_a_wildcard_and_none_is_granted_to_the_whole_cluster(
    change: Change,
) -> None:
    objects = render(change)
    for role in of_kind(objects, "Role") + of_kind(objects, "ClusterRole"):
        for granted, verbs in _granted(role).items():
            assert "*" not in granted
            assert "*" not in verbs
            assert "secrets" not in granted
    assert of_kind(objects, "ClusterRoleBinding") == []
    cluster_roles = of_kind(objects, "ClusterRole")
    if change.get("rbac") != {"aggregateClusterRoles": True}:
        assert cluster_roles == []
    for role in cluster_roles:
        assert any("aggregate-to" in label for label in role["metadata"]["labels"])


@every_way
def test_roles_are_bound_to_the_two_accounts_only(change: Change) -> None:
    objects = render(change)
    accounts = {
        (one["metadata"]["name"], one["metadata"]["namespace"]) for one in of_kind(objects, "ServiceAccount")
    }
    for binding in of_kind(objects, "RoleBinding"):
        assert binding["roleRef"]["kind"] == "Role"
        assert binding["roleRef"]["name"] == binding["metadata"]["name"]
        (subject,) = binding["subjects"]
        assert subject["kind"] == "ServiceAccount"
        assert subject["name"] == binding["metadata"]["name"]
        assert (subject["name"], subject["namespace"]) in accounts


def test_the_accounts_live_apart() -> None:
    objects = render({})
    assert named(objects, "ServiceAccount", "podium-operator")["metadata"]["namespace"] == NAMESPACE
    assert named(objects, "ServiceAccount", "podium-signer")["metadata"]["namespace"] == SIGNER_NAMESPACE


def test_people_get_the_kinds_that_are_theirs_to_write() -> None:
    objects = render({"rbac": {"aggregateClusterRoles": True}})
    view = named(objects, "ClusterRole", "podium-system-podium-view")
    edit = named(objects, "ClusterRole", "podium-system-podium-edit")
    assert view["metadata"]["labels"]["rbac.authorization.k8s.io/aggregate-to-view"] == "true"
    assert edit["metadata"]["labels"]["rbac.authorization.k8s.io/aggregate-to-edit"] == "true"
    kinds = ("subnets", "competitions", "modelsubmissions", "rounds", "weightupdates")
    assert _granted(view) == {f"podium.dev/{kind}": _READ for kind in kinds}
    writing = {"create", "update", "patch", "delete", "deletecollection"}
    assert _granted(edit) == {f"podium.dev/{kind}": writing for kind in kinds[:3]}
