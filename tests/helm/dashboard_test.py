"""The dashboard and the alerts ask for nothing that the processes do not measure."""

import json
import re
from collections.abc import Iterator
from typing import Any

import yaml

from podium.observability.metrics import METRICS
from tests.helm.chart import CHART

_DASHBOARD = CHART / "files/dashboards/podium.json"
_METRIC = re.compile(r"\b(?:podium|process)_\w+")
_PROCESS_METRICS = {"process_resident_memory_bytes", "process_cpu_seconds_total"}
_HISTOGRAM_SUFFIXES = ("_bucket", "_sum", "_count")

Raw = dict[str, Any]  # Any: a dashboard is JSON


def _dashboard() -> Raw:
    parsed: Raw = json.loads(_DASHBOARD.read_text())
    return parsed


def _panels() -> list[Raw]:
    return [one for one in _dashboard()["panels"] if one["type"] != "row"]


def _queries() -> Iterator[str]:
    for panel in _panels():
        for target in panel["targets"]:
            yield target["expr"]
    for variable in _dashboard()["templating"]["list"]:
        yield variable.get("definition", "")


def _metric(name: str) -> str:
    for suffix in _HISTOGRAM_SUFFIXES:
        if name.removesuffix(suffix) in METRICS:
            return name.removesuffix(suffix)
    return name


def test_every_metric_of_the_dashboard_exists() -> None:
    used = {_metric(name) for query in _queries() for name in _METRIC.findall(query)}
    assert used - set(METRICS) == _PROCESS_METRICS


def test_every_metric_of_the_alerts_exists() -> None:
    (group,) = yaml.safe_load((CHART / "files/rules/podium.yaml").read_text())["groups"]
    used = {_metric(name) for rule in group["rules"] for name in _METRIC.findall(rule["expr"])}
    assert used
    assert used <= set(METRICS)


def test_every_metric_of_the_operator_is_on_the_dashboard() -> None:
    used = {_metric(name) for query in _queries() for name in _METRIC.findall(query)}
    assert set(METRICS) - used == set()


def test_every_query_by_competition_follows_the_variable() -> None:
    by_competition = [query for query in _queries() if "competition" in query]
    assert by_competition
    for query in by_competition:
        if not query.startswith("label_values"):
            assert 'competition=~"$competition"' in query


def test_every_panel_explains_itself_and_reads_the_chosen_data_source() -> None:
    for panel in _panels():
        assert panel["title"]
        sources = [panel["datasource"], *(target["datasource"] for target in panel["targets"])]
        assert all(source["uid"] == "${datasource}" for source in sources)


def test_panels_have_numbers_of_their_own_and_do_not_overlap() -> None:
    numbers = [one["id"] for one in _dashboard()["panels"]]
    assert len(numbers) == len(set(numbers))
    taken: set[tuple[int, int]] = set()
    for panel in _dashboard()["panels"]:
        place = panel["gridPos"]
        cells = {
            (place["x"] + column, place["y"] + line)
            for column in range(place["w"])
            for line in range(place["h"])
        }
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells
