"""Ending processes of pods as a crash does: from outside, without a word to Kubernetes."""

from pathlib import Path

from tests.cluster import cgroups, processes
from tests.cluster.waiting import wait_for
from tests.e2e.installation import Installation, Raw

__all__ = ["kill_operator", "kill_pod"]

_SECONDS_TO_START = 120.0


def kill_pod(pod: Raw) -> None:
    """Sends SIGKILL to everything that runs in a pod's containers, and waits until it has ended."""
    for status in pod["status"]["containerStatuses"]:
        found = _processes_of(status["containerID"].rpartition("/")[2])
        assert found, f"nothing runs in {pod['metadata']['name']}"
        for process in found:
            processes.stop(process)


def kill_operator(podium: Installation) -> None:
    """Kills the operator's process, and its pod too, so that kubelet does not hold back a new one.

    It returns when the next operator has begun.
    """
    (pod,) = _operators(podium)
    kill_pod(pod)
    force = ("--grace-period=0", "--force", "--wait=false")
    podium.kubectl("delete", "pod", pod["metadata"]["name"], f"-n={podium.system_namespace}", *force)

    def replaced() -> bool:
        others = [one for one in _operators(podium) if one["metadata"]["uid"] != pod["metadata"]["uid"]]
        return any(_runs(one) for one in others)

    wait_for(replaced, "the next operator runs", _SECONDS_TO_START, every=0.3)


def _operators(podium: Installation) -> list[Raw]:
    chosen = f"app.kubernetes.io/instance={podium.release},app.kubernetes.io/component=operator"
    return podium.all("pods", f"-n={podium.system_namespace}", f"--selector={chosen}")


def _runs(pod: Raw) -> bool:
    return any("running" in one["state"] for one in pod["status"].get("containerStatuses") or ())


def _processes_of(container: str) -> list[processes.Process]:
    found = []
    # The container's first process comes first: it would report the death of its child.
    for pid in sorted(set(cgroups.pod_processes())):
        try:
            mine = container in Path(f"/proc/{pid}/cgroup").read_text()
        except OSError:  # it ended meanwhile
            continue
        process = processes.as_process(pid) if mine else None
        if process is not None:
            found.append(process)
    return found
