"""Processes are found again by their records, and never mistaken for others."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cluster import processes
from tests.cluster.errors import ClusterError
from tests.cluster.waiting import wait_for


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    processes.stop_all(tmp_path)


def test_a_process_is_recorded_until_it_is_stopped(state: Path) -> None:
    process = processes.start(state, "sleeper", ["sleep", "60"])
    assert processes.recorded(state) == {"sleeper": process}
    assert processes.alive(process)
    processes.stop_all(state)
    assert not processes.alive(process)
    assert processes.recorded(state) == {}


def test_an_id_that_another_process_has_by_now_is_left_alone(state: Path) -> None:
    other = processes.start(state, "other", ["sleep", "60"])
    for recycled in (replace(other, started=other.started - 1), replace(other, boot="an earlier boot")):
        assert not processes.alive(recycled)
        processes.stop(recycled, grace=1.0)
    assert processes.alive(other)


def test_a_process_that_ended_on_its_own_is_not_alive_even_before_it_is_reaped(state: Path) -> None:
    process = processes.start(state, "brief", ["true"])
    wait_for(lambda: not processes.alive(process), "`true` ends", 10.0)


def test_one_that_ignores_sigterm_is_killed_after_its_grace(state: Path) -> None:
    script = "trap '' TERM; echo ready; while :; do sleep 60; done"
    stubborn = processes.start(state, "stubborn", ["sh", "-c", script])
    log = processes.log_file(state, "stubborn")
    wait_for(lambda: "ready" in log.read_text(), "the signal is ignored", 10.0)
    processes.stop(stubborn, grace=0.1)
    assert not processes.alive(stubborn)


def test_what_was_started_but_not_recorded_and_children_are_found_by_their_owner(state: Path) -> None:
    parent = processes.start(state, "parent", ["sh", "-c", "sleep 60 & wait"])
    wait_for(lambda: len(processes.owned(state)) == 2, "the child runs", 10.0)
    os.kill(parent.pid, signal.SIGKILL)
    processes.forget(state, parent)
    processes.stop_all(state)
    assert processes.owned(state) == []


def test_processes_stop_in_the_order_that_is_asked_for(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("store", "server", "other"):
        processes.start(state, name, ["sleep", "60"])
    stopped: list[str] = []
    stop = processes.stop

    def noting(process: processes.Process, grace: float = 0.0) -> None:
        stopped.append(process.name)
        stop(process, grace)

    monkeypatch.setattr(processes, "stop", noting)
    processes.stop_all(state, order=("server", "absent", "store"))
    assert stopped == ["server", "store", "other"]


def test_one_that_lives_as_long_as_its_caller_ends_with_it(state: Path) -> None:
    script = (
        "import pathlib, sys; from tests.cluster import processes; "
        "processes.start(pathlib.Path(sys.argv[1]), 'bound', ['sleep', '60'], processes.Lifetime.CALLER)"
    )
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", script, str(state)], cwd=root, check=True)
    bound = processes.recorded(state)["bound"]
    wait_for(lambda: not processes.alive(bound), "it ends with its caller", 10.0)


def test_the_tail_of_a_log_is_its_last_lines(state: Path) -> None:
    process = processes.start(state, "counter", ["seq", "100"])
    wait_for(lambda: not processes.alive(process), "`seq` ends", 10.0)
    tail = processes.log_tail(state, "counter").splitlines()
    assert str(processes.log_file(state, "counter")) in tail[0]
    assert tail[1:] == [f"  {number}" for number in range(81, 101)]


def test_a_program_that_is_missing_is_named(state: Path) -> None:
    with pytest.raises(ClusterError, match="no-such-program is not on the PATH"):
        processes.start(state, "absent", ["no-such-program"])
