"""A real Prometheus that scrapes one address, and its answers."""

import contextlib
import http.client
import json
import shutil
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.cluster import processes
from tests.cluster.errors import ClusterError
from tests.cluster.health import HealthCheck, wait_until_healthy
from tests.cluster.ports import free_port
from tests.cluster.processes import Lifetime
from tests.cluster.settings import LOOPBACK
from tests.cluster.waiting import wait_for

__all__ = ["Prometheus", "Sample", "prometheus_scraping", "samples_of"]

_NAME = "prometheus"
_SECONDS_TO_STOP = 5.0
_SECONDS_TO_ANSWER = 10.0
_SECONDS_TO_SCRAPE = 60.0


@dataclass(frozen=True)
class Sample:
    """A value of a series, as an instant query finds it."""

    labels: dict[str, str]
    value: float


@dataclass(frozen=True)
class Prometheus:
    """A Prometheus that answers on this port of the loopback address."""

    port: int

    def query(self, expression: str) -> list[Sample]:
        """The samples of an expression now."""
        question = urllib.parse.urlencode({"query": expression})
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=_SECONDS_TO_ANSWER)
        with contextlib.closing(connection):
            connection.request("GET", f"/api/v1/query?{question}")
            answer = json.load(connection.getresponse())
        if answer["status"] != "success":
            raise ClusterError(f"Prometheus does not take {expression}: {answer['error']}")
        return [Sample(one["metric"], float(one["value"][1])) for one in answer["data"]["result"]]


@contextlib.contextmanager
def prometheus_scraping(address: str, folder: Path, *, every: str = "500ms") -> Iterator[Prometheus]:
    """A Prometheus in `folder` that scrapes the host and port of `address`, until the block ends."""
    if shutil.which(_NAME) is None:
        raise ClusterError(f"{_NAME} is not on the PATH: install the package of that name (Debian, Ubuntu)")
    job = {"job_name": "podium", "static_configs": [{"targets": [urllib.parse.urlsplit(address).netloc]}]}
    times = {"scrape_interval": every, "scrape_timeout": every}
    configuration = folder / "prometheus.yml"
    configuration.write_text(yaml.safe_dump({"global": times, "scrape_configs": [job]}))
    port = free_port()
    arguments = (
        f"--config.file={configuration}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address={LOOPBACK}:{port}",
        "--log.level=warn",
    )
    process = processes.start(folder, _NAME, [_NAME, *arguments], Lifetime.CALLER)
    try:
        wait_until_healthy(folder, process, HealthCheck(LOOPBACK, port, "/-/ready"))
        yield Prometheus(port)
    finally:
        processes.stop(process, _SECONDS_TO_STOP)
        processes.forget(folder, process)


def samples_of(metrics_url: str, metric: str, folder: Path) -> list[Sample]:
    """What a Prometheus of its own finds of a metric once it has scraped a process."""
    with prometheus_scraping(metrics_url, folder) as prometheus:
        what = f"{metric} at {metrics_url}"
        return wait_for(lambda: prometheus.query(metric), what, _SECONDS_TO_SCRAPE, every=0.5)
