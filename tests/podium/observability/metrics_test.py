"""Metrics: a closed set, and labels that strangers cannot fill."""

from __future__ import annotations

from typing import Any

from prometheus_client import CollectorRegistry

from podium.cluster.resources import COMPETITIONS, SUBMISSIONS, WEIGHT_UPDATES
from podium.cluster.store import Store
from podium.observability.metrics import METRICS, Metrics, StoreCollector
from tests.podium.api.cases.case import changed, valid

SPACE = "games"


# Any: values of the JSON of Kubernetes objects.
def _object(kind: str, name: str, **changes: Any) -> dict[str, Any]:
    head = {"metadata/name": name, "metadata/namespace": SPACE, "metadata/uid": name}
    given = {path.replace("__", "/"): value for path, value in changes.items()}
    return changed(valid(kind), {**head, **given}.items())


def _filled() -> CollectorRegistry:
    registry, store = CollectorRegistry(), Store()
    store.put(COMPETITIONS, _object("Competition", "small", status__phase="Ready"))
    store.put(SUBMISSIONS, _object("ModelSubmission", "alice", spec__competition="small"))
    store.put(SUBMISSIONS, _object("ModelSubmission", "bob", spec__competition="made-up-by-bob"))
    store.put(WEIGHT_UPDATES, _object("WeightUpdate", "weights", status__phase="Verified"))
    registry.register(StoreCollector(store))
    metrics = Metrics(registry)
    metrics.relisted()
    metrics.expect(f"{SPACE}/small")
    metrics.passes.labels("Competition", "success").inc()
    metrics.pass_seconds.labels("Competition").observe(0.1)
    ended = {
        "status__phase": "Completed",
        "status__startTime": "2026-01-01T00:00:00Z",
        "status__completionTime": "2026-01-01T00:05:00Z",
        "status__results": [{"submission": "alice", "outcome": "Scored", "gpuSeconds": 9}],
    }
    metrics.round_written(_object("Round", "small-720"), _object("Round", "small-720", **ended))
    return registry


def test_every_metric_is_there_and_nothing_else() -> None:
    suffixes = ("_bucket", "_count", "_sum", "_created")
    found = set()
    for family in _filled().collect():
        for sample in family.samples:
            name = sample.name
            for suffix in suffixes:
                name = name.removesuffix(suffix)
            found.add(name)
    assert {name.removesuffix("_total") for name in found} == {
        name.removesuffix("_total") for name in METRICS
    }


def test_a_competition_starts_at_zero() -> None:
    registry = CollectorRegistry()
    Metrics(registry).expect(f"{SPACE}/small")
    labels = {"competition": f"{SPACE}/small", "outcome": "Missing", "fault": "Infrastructure"}
    assert registry.get_sample_value("podium_evaluations_total", labels) == 0


def test_a_round_is_measured_from_its_start_to_its_end() -> None:
    value = _filled().get_sample_value
    assert value("podium_round_duration_seconds_sum", {"competition": f"{SPACE}/small"}) == 300
    assert value("podium_evaluation_gpu_seconds_total", {"competition": f"{SPACE}/small"}) == 9


def test_a_name_that_a_participant_made_up_is_no_label() -> None:
    registry = _filled()
    value = registry.get_sample_value
    assert value("podium_submissions", {"competition": f"{SPACE}/small", "phase": "Waiting"}) == 1
    assert value("podium_submissions", {"competition": "", "phase": "Waiting"}) == 1
    text = str([sample for family in registry.collect() for sample in family.samples])
    assert "made-up-by-bob" not in text
    assert "alice" not in text


def test_an_outcome_is_counted_when_it_is_new() -> None:
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    first = _object(
        "Round", "r", status__results=[{"submission": "a", "outcome": "Failed", "fault": "Submission"}]
    )
    metrics.round_written(_object("Round", "r", status__results=[{"submission": "a"}]), first)
    metrics.round_written(first, first)
    labels = {"competition": f"{SPACE}/small", "outcome": "Failed", "fault": "Submission"}
    assert registry.get_sample_value("podium_evaluations_total", labels) == 1
