"""Who may write what in a watched namespace: the admission policies in both directions."""

import json
from typing import Any

import pytest

from podium.api.base import GROUP
from podium.api.kinds import KINDS
from tests.cluster.waiting import wait_for
from tests.helm.chart import WATCHED
from tests.helm.release import OPERATOR, SIGNER, Release
from tests.podium.api.cases.case import valid

pytestmark = pytest.mark.cluster

Raw = dict[str, Any]  # Any: Kubernetes objects are JSON

_PLURALS = {kind.name: kind.plural for kind in KINDS}
_STATUSES: dict[str, Raw] = {
    "Subnet": {"observedGeneration": 1},
    "Competition": {"phase": "Ready"},
    "ModelSubmission": {"phase": "Waiting"},
    "Round": {"phase": "Preparing"},
    "WeightUpdate": {"phase": "Pending"},
}
_WRITERS = dict.fromkeys(_STATUSES, OPERATOR) | {"WeightUpdate": SIGNER}
_RESTORERS = ("--as=restorer", "--as-group=restorers", "--as-group=system:masters")


@pytest.fixture(scope="module")
def unwatched(podium: Release) -> str:
    podium.access.kubectl("create", "namespace", "unwatched")
    return "unwatched"


def _send(podium: Release, verb: str, raw: Raw, *more: str, namespace: str = WATCHED) -> str:
    """What the server says against a write; empty if it takes it."""
    arguments = (verb, "--filename=-", f"--namespace={namespace}", "--validate=false", *more)
    return podium.access.kubectl(*arguments, input=json.dumps(raw), check=False).stderr


def _stored(podium: Release, kind: str, namespace: str = WATCHED) -> Raw:
    """The object `case` of a kind, created with the rights that this takes unless it is there."""
    record = kind in {"Round", "WeightUpdate"} and namespace == WATCHED
    _send(podium, "create", valid(kind), *([f"--as={OPERATOR}"] if record else []), namespace=namespace)
    arguments = ("get", f"{_PLURALS[kind]}.{GROUP}/case", f"--namespace={namespace}", "--output=json")
    raw: Raw = json.loads(podium.access.kubectl(*arguments).stdout)
    return raw


def _write_status(podium: Release, kind: str, *user: str, namespace: str = WATCHED) -> str:
    raw = {**_stored(podium, kind, namespace), "status": _STATUSES[kind]}
    return _send(podium, "replace", raw, "--subresource=status", *user, namespace=namespace)


@pytest.mark.parametrize(("kind", "writer"), _WRITERS.items(), ids=_WRITERS)
def test_a_status_is_written_by_the_process_that_keeps_it(podium: Release, kind: str, writer: str) -> None:
    assert _write_status(podium, kind, f"--as={writer}") == ""


@pytest.mark.parametrize(("kind", "writer"), _WRITERS.items(), ids=_WRITERS)
def test_a_status_is_written_by_nobody_else_not_even_an_administrator(
    podium: Release, kind: str, writer: str
) -> None:
    other = SIGNER if writer == OPERATOR else OPERATOR
    for user in ("--as=kubernetes-admin", f"--as={other}"):
        # Through RBAC, so that only the policy is left to refuse.
        said = _write_status(podium, kind, user, "--as-group=system:masters")
        assert f"expected the user {writer}, found {user.removeprefix('--as=')}" in said


@pytest.mark.parametrize("kind", ["Round", "WeightUpdate"])
def test_records_are_created_by_the_operator_only(podium: Release, kind: str) -> None:
    raw = valid(kind)
    raw["metadata"] = {"name": "another"}
    dry = "--dry-run=server"
    assert _send(podium, "create", raw, dry, f"--as={OPERATOR}") == ""
    for user in ("kubernetes-admin", SIGNER):
        said = _send(podium, "create", raw, dry, f"--as={user}", "--as-group=system:masters")
        assert f"expected the user {OPERATOR}, found {user}" in said


@pytest.mark.parametrize("kind", ["Subnet", "Competition", "ModelSubmission"])
def test_what_people_declare_is_theirs_to_change(podium: Release, kind: str) -> None:
    _stored(podium, kind)
    arguments = ("label", f"{_PLURALS[kind]}.{GROUP}/case", f"--namespace={WATCHED}", "changed=yes")
    podium.access.kubectl(*arguments, "--overwrite")


@pytest.mark.parametrize("kind", _STATUSES)
def test_other_namespaces_are_none_of_its_business(podium: Release, unwatched: str, kind: str) -> None:
    assert _write_status(podium, kind, namespace=unwatched) == ""


def test_a_group_can_be_exempted_for_a_restoration(podium: Release) -> None:
    podium.upgrade({"createWatchNamespaces": True, "admissionPolicies": {"exemptGroups": ["restorers"]}})
    try:
        raw = valid("Round")
        raw["metadata"] = {"name": "restored"}

        def allowed() -> bool:
            return _send(podium, "create", raw, "--dry-run=server", *_RESTORERS) == ""

        wait_for(allowed, "the exemption is in force", 30.0)
        assert _write_status(podium, "WeightUpdate", *_RESTORERS) == ""
        said = _send(podium, "create", raw, "--dry-run=server")
        assert "Groups in admissionPolicies.exemptGroups of the chart" in said
    finally:
        podium.upgrade({"createWatchNamespaces": True})


def test_the_server_finds_no_mistake_in_the_expressions(podium: Release) -> None:
    def checked() -> list[Raw]:
        arguments = ("get", "validatingadmissionpolicies", "--output=json")
        found: list[Raw] = json.loads(podium.access.kubectl(*arguments).stdout)["items"]
        return found if all("typeChecking" in one.get("status", {}) for one in found) else []

    for policy in wait_for(checked, "the expressions are checked", 30.0):
        assert policy["status"]["typeChecking"] == {}, policy["metadata"]["name"]


def test_nothing_keeps_a_competition_and_its_rounds_from_being_deleted(podium: Release) -> None:
    owner = _stored(podium, "Competition")
    owned = valid("Round")
    owned["metadata"] = {
        "name": "owned",
        "ownerReferences": [
            {
                "apiVersion": owner["apiVersion"],
                "kind": owner["kind"],
                "name": "case",
                "uid": owner["metadata"]["uid"],
            }
        ],
    }
    assert _send(podium, "create", owned, f"--as={OPERATOR}") == ""
    here = f"--namespace={WATCHED}"
    podium.access.kubectl("delete", "competition/case", here)

    def collected() -> bool:
        left = podium.access.kubectl("get", "rounds", here, "--output=name").stdout
        return f"round.{GROUP}/owned" not in left

    # The garbage collector looks for kinds that are new to it every 30 seconds.
    wait_for(collected, "the round is collected", 60.0)


_CHAIN = {
    "network": "test",
    "genesisHash": "0x" + 64 * "9",
    "netuid": 37,
    "hotkey": "5F4tQyWrhfGVcNhoqeiNsR6KjD4wMZ2kfhLj4oHYuyHbZAc3",
}


def test_where_a_chain_is_only_the_operator_writes_submissions(podium: Release) -> None:
    subnet = {**valid("Subnet"), "spec": {"bittensor": _CHAIN, "discovery": "Enabled"}}
    subnet["metadata"] = {"name": "chain"}
    submission = valid("ModelSubmission")
    submission["metadata"] = {"name": "of-a-stranger"}
    assert _send(podium, "create", subnet) == ""
    try:
        refused = wait_for(
            lambda: _send(podium, "create", submission, "--dry-run=server"), "the Subnet counts", 30
        )
        assert "come from its commitments" in refused
        assert _send(podium, "create", submission, "--dry-run=server", f"--as={OPERATOR}") == ""
    finally:
        podium.access.kubectl("delete", f"subnets.{GROUP}/chain", f"--namespace={WATCHED}")
    wait_for(
        lambda: not _send(podium, "create", submission, "--dry-run=server"),
        "a ledger's submissions again",
        30,
    )
