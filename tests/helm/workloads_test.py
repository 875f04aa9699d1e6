"""The Deployments: what runs, as whom, and with what."""

import pytest

from podium.settings import Settings
from tests.helm.chart import MATRIX, NAMESPACE, SIGNER_NAMESPACE, Change, Raw, named, of_kind, render, watched

pytestmark = pytest.mark.cluster

_COMMANDS = {"operator": ["run"], "signer": ["sign"]}

every_way = pytest.mark.parametrize("change", MATRIX.values(), ids=MATRIX.keys())


def _pods(objects: list[Raw]) -> dict[str, Raw]:
    """Pod templates by the name of their only container."""
    templates = [one["spec"]["template"] for one in of_kind(objects, "Deployment")]
    return {template["spec"]["containers"][0]["name"]: template for template in templates}


@every_way
def test_every_container_is_locked_down(change: Change) -> None:
    for template in _pods(render(change)).values():
        spec = template["spec"]
        (container,) = spec["containers"]
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["runAsUser"] == 65532
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert spec["enableServiceLinks"] is False
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["resources"]["limits"]["memory"]
        assert container["resources"]["requests"]["cpu"]
        assert not {"hostNetwork", "hostPID", "hostIPC", "initContainers"} & spec.keys()
        assert [set(volume) for volume in spec["volumes"]] == [{"name", "emptyDir"}]


@every_way
def test_one_of_each_runs_its_command_and_never_two_at_a_time(change: Change) -> None:
    objects = render(change)
    expected = ["operator", "signer"] if change.get("signer") != {"enabled": False} else ["operator"]
    assert sorted(_pods(objects)) == expected
    for deployment in of_kind(objects, "Deployment"):
        assert deployment["spec"]["replicas"] == 1
        assert deployment["spec"]["strategy"] == {"type": "Recreate"}
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        assert container["args"] == _COMMANDS[container["name"]]


@every_way
def test_only_these_pods_get_the_token_of_their_account(change: Change) -> None:
    objects = render(change)
    accounts = {
        (one["metadata"]["namespace"], one["metadata"]["name"]): one["automountServiceAccountToken"]
        for one in of_kind(objects, "ServiceAccount")
    }
    assert set(accounts.values()) == {False}
    for deployment in of_kind(objects, "Deployment"):
        spec = deployment["spec"]["template"]["spec"]
        assert spec["automountServiceAccountToken"] is True
        assert (deployment["metadata"]["namespace"], spec["serviceAccountName"]) in accounts


@every_way
def test_a_hanging_process_is_restarted(change: Change) -> None:
    for template in _pods(render(change)).values():
        (container,) = template["spec"]["containers"]
        assert container["livenessProbe"]["httpGet"] == {"path": "/healthz", "port": "health"}
        ports = {one["name"]: one["containerPort"] for one in container["ports"]}
        assert ports == {"metrics": 8080, "health": 8081}


@every_way
def test_labels_and_selectors_of_different_things_differ(change: Change) -> None:
    objects = render(change)
    deployments = of_kind(objects, "Deployment")
    for one in deployments:
        selector = one["spec"]["selector"]["matchLabels"].items()
        chosen = [
            other["metadata"]["name"]
            for other in deployments
            if selector <= other["spec"]["template"]["metadata"]["labels"].items()
        ]
        assert chosen == [one["metadata"]["name"]]


@every_way
def test_the_processes_understand_their_environment(change: Change, monkeypatch: pytest.MonkeyPatch) -> None:
    for template in _pods(render(change)).values():
        for variable in template["spec"]["containers"][0]["env"]:
            monkeypatch.setenv(variable["name"], variable["value"])
        settings = Settings()
        assert list(settings.watch_namespaces) == watched(change)
        assert (settings.metrics_port, settings.health_port) == (8080, 8081)


def test_logging_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    for template in _pods(render({"logging": {"level": "warning", "format": "text"}})).values():
        for variable in template["spec"]["containers"][0]["env"]:
            monkeypatch.setenv(variable["name"], variable["value"])
        assert (Settings().log_level, Settings().log_format) == ("WARNING", "text")


def test_the_signer_lives_in_a_namespace_of_its_own() -> None:
    objects = render({})
    assert named(objects, "Deployment", "podium-operator")["metadata"]["namespace"] == NAMESPACE
    assert named(objects, "Deployment", "podium-signer")["metadata"]["namespace"] == SIGNER_NAMESPACE


def test_namespaces_that_it_creates_outlive_it() -> None:
    objects = render({"watchNamespaces": ["small", "large"], "createWatchNamespaces": True})
    namespaces = of_kind(objects, "Namespace")
    assert sorted(one["metadata"]["name"] for one in namespaces) == ["large", SIGNER_NAMESPACE, "small"]
    for one in namespaces:
        assert one["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"


def test_the_namespace_of_the_release_is_never_created_twice() -> None:
    assert of_kind(render({"signer": {"namespace": NAMESPACE}}), "Namespace") == []


@pytest.mark.parametrize(
    ("change", "operator", "signer"),
    [
        ({}, "podium/operator:0.1.0", "podium/operator:0.1.0"),
        ({"operator": {"image": {"tag": "0.2.0"}}}, "podium/operator:0.2.0", "podium/operator:0.2.0"),
        (
            {"operator": {"image": {"tag": "0.2.0", "digest": "sha256:" + 64 * "a"}}},
            "podium/operator@sha256:" + 64 * "a",
            "podium/operator@sha256:" + 64 * "a",
        ),
        (
            {"operator": {"image": {"tag": "9"}}, "signer": {"image": {"repository": "podium/signer"}}},
            "podium/operator:9",
            "podium/signer:0.1.0",
        ),
    ],
    ids=["the defaults", "by tag", "by digest", "the signer's own"],
)
def test_images(change: Change, operator: str, signer: str) -> None:
    pods = _pods(render(change))
    images = {name: pods[name]["spec"]["containers"][0]["image"] for name in pods}
    assert images == {"operator": operator, "signer": signer}


def test_pods_go_where_they_are_told() -> None:
    template = _pods(render(MATRIX["a place for the pods"]))["operator"]
    assert template["metadata"]["labels"]["team"] == "organisers"
    assert template["metadata"]["annotations"] == {"note": "kept"}
    assert template["spec"]["nodeSelector"] == {"pool": "system"}
    assert template["spec"]["tolerations"] == [{"key": "system", "operator": "Exists"}]
    assert template["spec"]["affinity"] == {"nodeAffinity": {}}
    assert template["spec"]["priorityClassName"] == "system-cluster-critical"
