"""What the operator measures reaches Prometheus."""

from pathlib import Path

import pytest

from podium.observability.metrics import METRICS
from tests.cluster.access import ClusterAccess
from tests.cluster.waiting import wait_for
from tests.e2e.forwarding import forwarded
from tests.e2e.prometheus import Sample, prometheus_scraping

pytestmark = pytest.mark.e2e

_SECONDS = 60.0


def samples_of(metrics_url: str, metric: str, folder: Path) -> list[Sample]:
    """What a Prometheus of its own finds of a metric once it has scraped a process."""
    with prometheus_scraping(metrics_url, folder) as prometheus:
        return wait_for(lambda: prometheus.query(metric), f"{metric} at {metrics_url}", _SECONDS, every=0.5)


@pytest.mark.usefixtures("installed_podium")
def test_prometheus_counts_the_passes_of_the_operator(cluster: ClusterAccess, tmp_path: Path) -> None:
    with forwarded(cluster, "podium-system", "service/podium-operator-metrics", 8080) as url:
        passes = samples_of(url, "podium_reconcile_total", tmp_path)
    assert "podium_reconcile_total" in METRICS
    assert all(one.labels["kind"] and one.labels["result"] for one in passes)
    assert sum(one.value for one in passes) > 0
