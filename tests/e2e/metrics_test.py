"""What the operator measures reaches Prometheus."""

from pathlib import Path

import pytest

from podium.observability.metrics import METRICS
from tests.e2e.forwarding import forwarded
from tests.e2e.installation import Installation
from tests.e2e.prometheus import samples_of

pytestmark = pytest.mark.e2e


def test_prometheus_counts_the_passes_of_the_operator(installed_podium: Installation, tmp_path: Path) -> None:
    access, namespace = installed_podium.access, installed_podium.system_namespace
    with forwarded(access, namespace, installed_podium.metrics_service, 8080) as url:
        passes = samples_of(url, "podium_reconcile_total", tmp_path)
    assert "podium_reconcile_total" in METRICS
    assert all(one.labels["kind"] and one.labels["result"] for one in passes)
    assert sum(one.value for one in passes) > 0
