"""Who may talk to whom, and who may read the metrics."""

from typing import Any

import pytest
import yaml

from podium.core.jobs import Purpose
from tests.helm.chart import (
    CHART,
    MATRIX,
    NAMESPACE,
    SIGNER_NAMESPACE,
    WATCHED,
    Change,
    Raw,
    named,
    of_kind,
    render,
    watched,
)

pytestmark = pytest.mark.cluster

every_way = pytest.mark.parametrize("change", MATRIX.values(), ids=MATRIX.keys())


def _selects(selector: Raw, labels: dict[str, str]) -> bool:
    """Whether a label selector of equalities and `In` chooses these labels."""
    equal = selector.get("matchLabels", {}).items() <= labels.items()
    return equal and all(
        one["operator"] == "In" and labels.get(one["key"]) in one["values"]
        for one in selector.get("matchExpressions", [])
    )


def _policies_of(objects: list[Raw], namespace: str, labels: dict[str, str]) -> list[Raw]:
    """The specs of the NetworkPolicies that hold for a pod."""
    return [
        one["spec"]
        for one in of_kind(objects, "NetworkPolicy")
        if one["metadata"]["namespace"] == namespace and _selects(one["spec"]["podSelector"], labels)
    ]


def _labels(purpose: Purpose) -> dict[str, str]:
    return {"app.kubernetes.io/managed-by": "podium", "app.kubernetes.io/component": purpose.value.lower()}


@every_way
def test_each_pod_of_a_round_is_closed_as_far_as_its_work_allows(change: Change) -> None:
    objects = render(change)
    closed = {
        Purpose.PROBE: ["Ingress", "Egress"],
        Purpose.EVALUATE: ["Ingress", "Egress"],
        Purpose.FETCH: ["Ingress"],
        Purpose.PREPARE: ["Ingress"],
    }
    assert closed.keys() == set(Purpose)
    enforced = change.get("networkPolicy") != {"enabled": False}
    for namespace in watched(change):
        for purpose, types in closed.items():
            found = _policies_of(objects, namespace, _labels(purpose))
            assert [one["policyTypes"] for one in found] == ([types] if enforced else [])
            assert not any({"ingress", "egress"} & one.keys() for one in found)


def test_the_pods_of_others_are_left_alone() -> None:
    assert _policies_of(render({}), WATCHED, {"app": "somebody-else's"}) == []


@pytest.mark.parametrize(("component", "namespace"), [("operator", NAMESPACE), ("signer", SIGNER_NAMESPACE)])
def test_only_the_metrics_of_the_processes_can_be_reached(component: str, namespace: str) -> None:
    objects = render({})
    deployment = named(objects, "Deployment", f"podium-{component}")
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    (policy,) = _policies_of(objects, namespace, labels)
    assert policy["policyTypes"] == ["Ingress"]
    assert policy["ingress"] == [{"ports": [{"port": "metrics", "protocol": "TCP"}]}]


def test_the_readers_of_the_metrics_can_be_named() -> None:
    readers: list[dict[str, Any]] = [{"namespaceSelector": {"matchLabels": {"team": "watchers"}}}]
    objects = render({"networkPolicy": {"metricsFrom": readers}})
    for name in ("podium-operator", "podium-signer"):
        (rule,) = named(objects, "NetworkPolicy", name)["spec"]["ingress"]
        assert rule["from"] == readers


@every_way
def test_the_service_monitor_finds_every_metrics_service_and_its_port(change: Change) -> None:
    objects = render(change)
    monitors = of_kind(objects, "ServiceMonitor")
    assert len(monitors) == (1 if "metrics" in change else 0)
    services = of_kind(objects, "Service")
    assert len(services) == len(of_kind(objects, "Deployment"))
    for service, deployment in zip(services, of_kind(objects, "Deployment"), strict=True):
        template = deployment["spec"]["template"]
        assert service["metadata"]["namespace"] == deployment["metadata"]["namespace"]
        assert _selects({"matchLabels": service["spec"]["selector"]}, template["metadata"]["labels"])
        (port,) = service["spec"]["ports"]
        assert port["targetPort"] in [one["name"] for one in template["spec"]["containers"][0]["ports"]]
        for monitor in monitors:
            spec = monitor["spec"]
            assert service["metadata"]["namespace"] in spec["namespaceSelector"]["matchNames"]
            assert _selects(spec["selector"], service["metadata"]["labels"])
            assert spec["endpoints"] == [{"port": port["name"], "interval": "30s"}]
            assert monitor["metadata"]["labels"]["release"] == "prometheus"


def test_the_dashboard_is_where_grafana_looks_for_it() -> None:
    objects = render({"grafana": {"dashboards": {"enabled": True, "labels": {"my_dashboards": "yes"}}}})
    found = named(objects, "ConfigMap", "podium-dashboards")
    assert found["metadata"]["labels"]["my_dashboards"] == "yes"
    assert '"title": "Podium"' in found["data"]["podium.json"]


def test_the_alerts_are_those_of_the_plain_file() -> None:
    labels = {"team": "watchers"}
    objects = render({"metrics": {"prometheusRule": {"enabled": True, "labels": labels}}})
    found = named(objects, "PrometheusRule", "podium")
    assert labels.items() <= found["metadata"]["labels"].items()
    assert found["spec"] == yaml.safe_load((CHART / "files/rules/podium.yaml").read_text())
