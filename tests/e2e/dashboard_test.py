"""Every query of the dashboard finds something in a real Prometheus that scrapes the operator's metrics."""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.process_collector import ProcessCollector

from podium.cluster.resources import COMPETITIONS, SUBMISSIONS, WEIGHT_UPDATES
from podium.cluster.store import Store
from podium.observability.metrics import Metrics, StoreCollector
from tests.cluster.waiting import wait_for
from tests.e2e.prometheus import Prometheus, prometheus_scraping
from tests.podium.api.cases.case import valid

pytestmark = pytest.mark.e2e

_DASHBOARD = Path(__file__).parents[2] / "helm/podium/files/dashboards/podium.json"
_VARIABLES = {"$competition": ".*", "$__rate_interval": "10s"}

Raw = dict[str, Any]  # Any: Kubernetes objects and dashboards are JSON


class _BusyOperator:
    """The operator's own metrics, on an address of their own, and something to count."""

    def __init__(self) -> None:
        registry, store = CollectorRegistry(), Store()
        self._metrics = Metrics(registry)
        registry.register(StoreCollector(store))
        ProcessCollector(registry=registry)
        for resource, kind in (
            (COMPETITIONS, "Competition"),
            (SUBMISSIONS, "ModelSubmission"),
            (WEIGHT_UPDATES, "WeightUpdate"),
        ):
            store.put(resource, _living(kind))
        self._server, _ = start_http_server(0, addr="127.0.0.1", registry=registry)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def work(self) -> None:
        """A re-list, passes that went well and badly, and a round from its start to its end."""
        self._metrics.relisted()
        for result in ("success", "error"):
            self._metrics.passes.labels("Competition", result).inc()
            self._metrics.pass_seconds.labels("Competition").observe(0.1)
        before = _living("Round") | {"status": {}}
        for phase in ("Completed", "Failed"):
            self._metrics.round_written(before, before | {"status": _ended(phase)})

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _living(kind: str) -> Raw:
    raw = valid(kind)
    name = raw["spec"]["competition"] if kind == "ModelSubmission" else "small"
    more = {"namespace": "competitions", "name": name, "uid": kind, "resourceVersion": "1"}
    return {**raw, "metadata": {**raw["metadata"], **more}}


def _ended(phase: str) -> Raw:
    results = [
        {"submission": "alice-1", "outcome": "Scored", "gpuSeconds": 60},
        {"submission": "bob-1", "outcome": "Missing", "fault": "Infrastructure", "gpuSeconds": 1},
    ]
    times = {"startTime": "2026-01-01T00:00:00Z", "completionTime": "2026-01-01T00:10:00Z"}
    return {"phase": phase, "results": results, **times}


@pytest.fixture(scope="module")
def operator() -> Iterator[_BusyOperator]:
    operator = _BusyOperator()
    operator.work()
    yield operator
    operator.stop()


@pytest.fixture(scope="module")
def prometheus(operator: _BusyOperator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    with prometheus_scraping(operator.address, tmp_path_factory.mktemp("prometheus")) as prometheus:
        yield prometheus


def _queries() -> dict[str, str]:
    """Queries by the title of their panel and their letter, with the variables filled in."""
    found = {}
    for panel in json.loads(_DASHBOARD.read_text())["panels"]:
        for target in panel.get("targets", []):
            query = target["expr"]
            for name, value in _VARIABLES.items():
                query = query.replace(name, value)
            found[f"{panel['title']} {target['refId']}"] = query
    return found


@pytest.mark.parametrize("query", _queries().values(), ids=_queries().keys())
def test_the_panel_shows_something(operator: _BusyOperator, prometheus: Prometheus, query: str) -> None:
    def shows() -> bool:
        operator.work()
        return not all(math.isnan(one.value) for one in prometheus.query(query))

    wait_for(shows, query, 30.0, every=0.5)
