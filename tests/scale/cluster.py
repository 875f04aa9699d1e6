"""Many submissions at once on a real API server, with the operator as a process of its own."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from examples.demo.hotkeys import hotkey_of
from podium.cluster.client import Client
from podium.cluster.resources import COMPETITIONS, SUBMISSIONS, SUBNETS, Raw
from tests.cluster.access import ClusterAccess
from tests.cluster.control_plane import ControlPlane, start_control_plane, stop_control_plane
from tests.cluster.processes import Lifetime
from tests.podium.api.cases.case import changed, valid
from tests.scale.hollow import start_hollow_nodes

__all__ = ["Outcome", "many_submissions"]

_KINDS = Path(__file__).parents[2] / "crds"
_SPACE = "scale"
_DEADLINE = 1800.0
_MIB = 1024 * 1024
_WRITES = re.compile(
    r'^apiserver_request_total\{(?=[^}]*resource="modelsubmissions")(?=[^}]*subresource="status")'
    r'(?=[^}]*verb="(?:PUT|PATCH|UPDATE)")[^}]*\} (\S+)$',
    re.MULTILINE,
)


@dataclass(frozen=True)
class Outcome:
    """What became of submissions that were created as fast as the API server takes them.

    Attributes:
        created: Seconds until the last one was there.
        accepted: Seconds from the first one's creation until all are told Accepted.
        writes: Of statuses, until nothing was written for ten seconds.
        fetched: Models that pods on hollow nodes had fetched by then: two rounds full, not more.
        resident: Bytes of the operator's process then.
    """

    submissions: int
    created: float
    accepted: float
    writes: int
    fetched: int
    resident: int


def many_submissions(count: int) -> Outcome:
    """Starts everything, creates the submissions, and ends everything."""
    with tempfile.TemporaryDirectory() as folder, _control_plane(Path(folder)) as plane:
        access = plane.access
        access.kubectl("create", "namespace", _SPACE)
        start_hollow_nodes(plane, _SPACE, "store", "shelf")
        with _operator(access, Path(folder)) as process:
            return asyncio.run(_measured(access, process, count))


@contextmanager
def _control_plane(folder: Path) -> Iterator[ControlPlane]:
    plane = ControlPlane(folder / "plane", lifetime=Lifetime.CALLER)
    try:
        start_control_plane(plane, _KINDS)
        yield plane
    finally:
        stop_control_plane(plane)


@contextmanager
def _operator(access: ClusterAccess, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    settings = {"PODIUM_WATCH_NAMESPACES": _SPACE, "PODIUM_METRICS_PORT": "0", "PODIUM_HEALTH_PORT": "0"}
    environment = {**os.environ, **settings, "KUBECONFIG": str(access.kubeconfig)}
    with (folder / "operator.log").open("wb") as log:
        process = subprocess.Popen(
            [Path(sys.executable).with_name("podium"), "run"], env=environment, stdout=log, stderr=log
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


async def _measured(access: ClusterAccess, operator: subprocess.Popen[bytes], count: int) -> Outcome:
    async with await Client.connect(str(access.kubeconfig)) as client:
        await client.create(SUBNETS, _SPACE, _subnet())
        await client.create(COMPETITIONS, _SPACE, changed(valid("Competition"), [("metadata/name", "small")]))
        began = time.monotonic()
        await asyncio.gather(*(client.create(SUBMISSIONS, _SPACE, _submission(one)) for one in range(count)))
        created = time.monotonic() - began
        while (told := await _told(client, "Accepted")) < count:
            if operator.poll() is not None:
                raise RuntimeError(f"the operator ended with {operator.returncode}")
            if time.monotonic() - began > _DEADLINE:
                raise TimeoutError(f"{told} of {count} submissions are told Accepted after {_DEADLINE} s")
            await asyncio.sleep(0.5)
        accepted = time.monotonic() - began
        while not await _told(client, "Fetched"):
            if time.monotonic() - began > _DEADLINE:
                raise TimeoutError(f"no model is fetched after {_DEADLINE} s: look at the hollow nodes")
            await asyncio.sleep(0.5)
        writes = await _when_quiet(access)
        fetched = await _told(client, "Fetched")
    return Outcome(count, created, accepted, writes, fetched, _resident(operator.pid))


async def _told(client: Client, kind: str) -> int:
    """How many submissions have a condition that is true."""
    found, _ = await client.list(SUBMISSIONS, _SPACE)
    return sum(
        one["type"] == kind and one["status"] == "True"
        for raw in found
        for one in (raw.get("status") or {}).get("conditions") or ()
    )


async def _when_quiet(access: ClusterAccess) -> int:
    """Writes of statuses, once ten seconds have passed without one."""
    known, since = -1, time.monotonic()
    while time.monotonic() - since < 10.0:
        await asyncio.sleep(1.0)
        now = sum(int(float(one)) for one in _WRITES.findall(access.kubectl("get", "--raw=/metrics").stdout))
        if now != known:
            known, since = now, time.monotonic()
    return known


def _resident(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


# Any: values of the JSON of Kubernetes objects.
def _subnet() -> Raw:
    genesis = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    ledger: dict[str, Any] = {"blockSeconds": 12, "genesisTime": genesis}
    return changed(valid("Subnet"), {"metadata/name": "main", "spec/ledger": ledger}.items())


def _submission(number: int) -> Raw:
    name = f"model-{number:05}"
    return changed(valid("ModelSubmission"), {"metadata/name": name, "spec/hotkey": hotkey_of(name)}.items())
