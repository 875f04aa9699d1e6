"""Rights as the API server grants them: the accounts are asked what they may do."""

import json
from collections import defaultdict

import pytest

from tests.helm.chart import NAMESPACE, SIGNER_NAMESPACE, WATCHED
from tests.helm.release import OPERATOR, SIGNER, Release
from tests.helm.rights_test import OPERATOR as OPERATOR_RIGHTS
from tests.helm.rights_test import SIGNER as SIGNER_RIGHTS

pytestmark = pytest.mark.cluster

# What everybody may ask about themselves.
_OF_EVERYBODY = {"authentication.k8s.io", "authorization.k8s.io"}

_FORBIDDEN = [
    (OPERATOR, "update", "weightupdates.podium.dev"),
    (OPERATOR, "update", "weightupdates.podium.dev/status"),
    (OPERATOR, "delete", "weightupdates.podium.dev"),
    (OPERATOR, "patch", "rounds.podium.dev/status"),
    (OPERATOR, "update", "modelsubmissions.podium.dev"),
    (OPERATOR, "delete", "modelsubmissions.podium.dev"),
    (OPERATOR, "get", "secrets"),
    (OPERATOR, "create", "pods"),
    (OPERATOR, "create", "pods/exec"),
    (OPERATOR, "create", "serviceaccounts/token"),
    (OPERATOR, "list", "configmaps"),
    (SIGNER, "list", "rounds.podium.dev"),
    (SIGNER, "create", "weightupdates.podium.dev"),
    (SIGNER, "update", "rounds.podium.dev/status"),
    (SIGNER, "create", "jobs.batch"),
    (SIGNER, "get", "pods"),
    (SIGNER, "get", "configmaps"),
    (SIGNER, "get", "secrets"),
]


def _rights(podium: Release, user: str, namespace: str) -> dict[str, set[str]]:
    """What the server says a user may do in a namespace, as `group/resource` and verbs."""
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectRulesReview",
        "spec": {"namespace": namespace},
    }
    # kubectl's own validation would ask for the kinds of the cluster, which the user may not see.
    arguments = ("create", "--filename=-", "--output=json", "--validate=false", "--as", user)
    said = json.loads(podium.access.kubectl(*arguments, input=json.dumps(review)).stdout)
    granted: dict[str, set[str]] = defaultdict(set)
    for rule in said["status"]["resourceRules"]:
        for group in set(rule["apiGroups"]) - _OF_EVERYBODY:
            for resource in rule["resources"]:
                granted[f"{group}/{resource}"] |= set(rule["verbs"])
    return dict(granted)


@pytest.mark.parametrize(
    ("user", "rights"), [(OPERATOR, OPERATOR_RIGHTS), (SIGNER, SIGNER_RIGHTS)], ids=["operator", "signer"]
)
def test_in_a_watched_namespace_a_process_may_do_its_work(
    podium: Release, user: str, rights: dict[str, set[str]]
) -> None:
    assert _rights(podium, user, WATCHED) == rights


@pytest.mark.parametrize("namespace", [NAMESPACE, SIGNER_NAMESPACE, "default", "kube-system"])
@pytest.mark.parametrize("user", [OPERATOR, SIGNER], ids=["operator", "signer"])
def test_anywhere_else_a_process_may_do_nothing(podium: Release, user: str, namespace: str) -> None:
    assert _rights(podium, user, namespace) == {}


@pytest.mark.parametrize(("user", "verb", "resource"), _FORBIDDEN)
def test_what_a_process_must_not_do(podium: Release, user: str, verb: str, resource: str) -> None:
    name, _, subresource = resource.partition("/")
    asked = ("auth", "can-i", verb, name, f"--namespace={WATCHED}", "--as", user)
    done = podium.access.kubectl(*asked, f"--subresource={subresource}", check=False)
    assert done.stdout.split() == ["no"]
