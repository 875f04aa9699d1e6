"""Clusters for the chart: of its own, since it brings the kinds and rules that hold for everybody."""

import json
from collections.abc import Iterator

import pytest

from tests.cluster.access import ClusterAccess
from tests.cluster.control_plane import ControlPlane, start_control_plane, stop_control_plane
from tests.cluster.processes import Lifetime
from tests.cluster.waiting import wait_for
from tests.helm.chart import WATCHED
from tests.helm.release import Release
from tests.podium.api.cases.case import valid


@pytest.fixture(scope="module")
def bare_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClusterAccess]:
    """A real API server and the controllers, without the project's kinds."""
    plane = ControlPlane(tmp_path_factory.mktemp("chart"), lifetime=Lifetime.CALLER)
    try:
        yield start_control_plane(plane)
    finally:
        stop_control_plane(plane)


@pytest.fixture(scope="module")
def podium(bare_cluster: ClusterAccess) -> Release:
    """The chart, installed with its defaults, and its rules in force."""
    release = Release(bare_cluster)
    release.install({"createWatchNamespaces": True})
    intruding = json.dumps(valid("Round"))

    def in_force() -> bool:
        arguments = ("create", "--filename=-", "--dry-run=server", f"--namespace={WATCHED}")
        done = bare_cluster.kubectl(*arguments, input=intruding, check=False)
        return "ValidatingAdmissionPolicy" in done.stderr

    wait_for(in_force, "the admission policies are in force", 30.0)
    return release
