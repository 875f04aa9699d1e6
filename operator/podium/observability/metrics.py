"""The metrics of the operator: a closed set, with labels of bounded value sets only.

A competition is a label, a submission never is: participants choose its name. State is read from
the store when Prometheus asks; what happens is counted when it is written.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterator
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from typing_extensions import override

from podium.cluster.resources import COMPETITIONS, SUBMISSIONS, WEIGHT_UPDATES, Raw
from podium.cluster.store import Store
from podium.core.clock import utc

__all__ = ["METRICS", "Metrics", "StoreCollector"]

METRICS: Final = (
    "podium_reconcile_total",
    "podium_reconcile_duration_seconds",
    "podium_relist_timestamp_seconds",
    "podium_evaluations_total",
    "podium_evaluation_gpu_seconds_total",
    "podium_rounds_total",
    "podium_round_duration_seconds",
    "podium_competitions",
    "podium_submissions",
    "podium_weight_updates",
)
"""Every metric there is; dashboards and alerts may use no other."""

_OUTCOMES: Final = (
    ("Scored", ""),
    ("Failed", "Submission"),
    ("Missing", "Infrastructure"),
    ("Missing", "Evaluator"),
    ("Missing", "Organizer"),
)
_PASS_SECONDS: Final = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_ROUND_SECONDS: Final = (30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800)


class Metrics:
    """Counters and histograms of one process, in a registry of its own."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.passes = Counter(
            "podium_reconcile", "Passes by owner's kind and result.", ("kind", "result"), registry=registry
        )
        self.pass_seconds = Histogram(
            "podium_reconcile_duration_seconds",
            "Duration of a pass.",
            ("kind",),
            buckets=_PASS_SECONDS,
            registry=registry,
        )
        self._relist = Gauge(
            "podium_relist_timestamp_seconds", "When everything was last read afresh.", registry=registry
        )
        self._evaluations = Counter(
            "podium_evaluations",
            "Contenders that got an outcome.",
            ("competition", "outcome", "fault"),
            registry=registry,
        )
        self._gpu_seconds = Counter(
            "podium_evaluation_gpu_seconds",
            "Seconds that evaluate pods ran.",
            ("competition",),
            registry=registry,
        )
        self._rounds = Counter(
            "podium_rounds", "Rounds that ended.", ("competition", "phase"), registry=registry
        )
        self._round_seconds = Histogram(
            "podium_round_duration_seconds",
            "From the start of a round's preparation to its end.",
            ("competition",),
            buckets=_ROUND_SECONDS,
            registry=registry,
        )

    def relisted(self) -> None:
        """Everything was read afresh just now."""
        self._relist.set_to_current_time()

    def expect(self, competition: str) -> None:
        """Starts a competition's counters at zero, so that an increase over time sees their first step."""
        for outcome, fault in _OUTCOMES:
            self._evaluations.labels(competition, outcome, fault).inc(0)
        for phase in ("Completed", "Abandoned", "Failed"):
            self._rounds.labels(competition, phase).inc(0)
        self._gpu_seconds.labels(competition).inc(0)

    def round_written(self, before: Raw, after: Raw) -> None:
        """Counts what a write of a Round's status decided."""
        competition = f"{after['metadata']['namespace']}/{after['spec']['competition']['name']}"
        old, new = before.get("status") or {}, after.get("status") or {}
        decided = {one["submission"] for one in old.get("results") or () if one.get("outcome")}
        for result in new.get("results") or ():
            if result.get("outcome") and result["submission"] not in decided:
                outcome, fault = result["outcome"], result.get("fault", "")
                self._evaluations.labels(competition, outcome, fault).inc()
                self._gpu_seconds.labels(competition).inc(result.get("gpuSeconds", 0))
        if new.get("completionTime") and not old.get("completionTime"):
            self._rounds.labels(competition, new["phase"]).inc()
            seconds = (utc(new["completionTime"]) - utc(new["startTime"])).total_seconds()
            self._round_seconds.labels(competition).observe(seconds)


class StoreCollector(Collector):
    """Gauges of what the store holds, computed when they are asked for."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @override
    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The state of competitions, submissions and weight updates."""
        yield self._by_phase(
            "podium_competitions", "Competitions by phase.", "competition", self._competitions()
        )
        yield self._by_phase(
            "podium_submissions", "Submissions by phase.", "competition", self._submissions()
        )
        yield self._by_phase("podium_weight_updates", "Weight updates by phase.", "subnet", self._updates())

    def _competitions(self) -> Tally[tuple[str, str]]:
        return Tally((_path(raw), _phase(raw)) for raw in self._store.all(COMPETITIONS))

    def _submissions(self) -> Tally[tuple[str, str]]:
        """Submissions of competitions that exist: a name that a stranger made up is no label."""
        known = {_path(raw) for raw in self._store.all(COMPETITIONS)}
        named = (
            (f"{raw['metadata']['namespace']}/{raw['spec']['competition']}", _phase(raw))
            for raw in self._store.all(SUBMISSIONS)
        )
        return Tally((path if path in known else "", phase) for path, phase in named)

    def _updates(self) -> Tally[tuple[str, str]]:
        return Tally(
            (f"{raw['metadata']['namespace']}/{raw['spec']['subnet']['name']}", _phase(raw, "Pending"))
            for raw in self._store.all(WEIGHT_UPDATES)
        )

    @staticmethod
    def _by_phase(name: str, text: str, label: str, tally: Tally[tuple[str, str]]) -> GaugeMetricFamily:
        family = GaugeMetricFamily(name, text, labels=(label, "phase"))
        for (path, phase), count in sorted(tally.items()):
            family.add_metric((path, phase), count)
        return family


def _path(raw: Raw) -> str:
    return f"{raw['metadata']['namespace']}/{raw['metadata']['name']}"


def _phase(raw: Raw, default: str = "Waiting") -> str:
    return str((raw.get("status") or {}).get("phase") or default)
