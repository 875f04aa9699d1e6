"""The control group under which kubelet puts every pod, so that all their processes can be found."""

import os
from collections.abc import Iterator
from pathlib import Path

from tests.cluster import mounts, processes
from tests.cluster.waiting import wait_for

NAME = "podium"
_SECONDS_TO_EMPTY = 10.0


def create_cgroup() -> None:
    """Create the group in every hierarchy; kubelet insists that its root group exists."""
    for hierarchy in hierarchies():
        unified = hierarchy / "cgroup.controllers"
        if unified.exists():
            controllers = " ".join(f"+{name}" for name in unified.read_text().split())
            (hierarchy / "cgroup.subtree_control").write_text(controllers)
        (hierarchy / NAME).mkdir(exist_ok=True)


def remove_cgroup() -> None:
    """Kill every process of the group and delete it with all groups below."""
    tops = [hierarchy / NAME for hierarchy in hierarchies()]
    wait_for(lambda: all(_emptied(top) for top in tops), "the pods' processes end", _SECONDS_TO_EMPTY)


def pod_processes() -> Iterator[int]:
    """The ids of all processes that run in pods."""
    for hierarchy in hierarchies():
        for members in (hierarchy / NAME).rglob("cgroup.procs"):
            yield from (int(pid) for pid in members.read_text().split())


def hierarchies() -> list[Path]:
    """Where cgroups are mounted: one folder with version 2, one for each controller with version 1."""
    return [mount.point for mount in mounts.mounts() if mount.kind in {"cgroup", "cgroup2"}]


def _emptied(top: Path) -> bool:
    for folder, _, _ in os.walk(top, topdown=False):
        for pid in (Path(folder) / "cgroup.procs").read_text().split():
            process = processes.as_process(int(pid))
            if process is not None:
                processes.stop(process)
        try:
            Path(folder).rmdir()
        except OSError:  # the kernel still lets go of a process that was killed
            return False
    return True
