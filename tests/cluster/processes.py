"""Starting processes that outlive this one, and ending exactly those.

A record holds the process id together with the moment the process started, so that an id which the
kernel has given to another process since is never signalled. Every process also carries its state folder
in `OWNER_VARIABLE`, which its children inherit: what was started but not yet recorded when this program
was killed, and containerd's shims, are found by it.
"""

import contextlib
import json
import os
import shutil
import signal
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path

from tests.cluster.errors import ClusterError
from tests.cluster.waiting import wait_for

OWNER_VARIABLE = "PODIUM_CLUSTER_OWNER"
_SECONDS_TO_DIE = 10.0
_LOG_LINES = 20


class Lifetime(Enum):
    """How long a process lives if nobody ends it."""

    UNTIL_STOPPED = "until stopped"
    CALLER = "as long as the thread that started it"


@dataclass(frozen=True)
class Process:
    """A process that was started here; `started` is in clock ticks since the boot named by `boot`."""

    name: str
    pid: int
    started: int
    boot: str


def start_afresh(state: Path, name: str, command: Sequence[str | Path]) -> Process:
    """End what is recorded under a name, if it runs, and start `command` in its place."""
    known = recorded(state).get(name)
    if known is not None:
        stop(known)
        forget(state, known)
    return start(state, name, command)


def start(
    state: Path, name: str, command: Sequence[str | Path], lifetime: Lifetime = Lifetime.UNTIL_STOPPED
) -> Process:
    """Start `command` in a session of its own, its output in `log/NAME.log`, and record it."""
    words = [str(word) for word in command]
    if lifetime is Lifetime.CALLER:
        words = ["setpriv", "--pdeathsig", "KILL", "--", *words]
    program = shutil.which(words[0])
    if program is None:
        raise ClusterError(f"{words[0]} is not on the PATH, expected a program to start as {name}")
    log = log_file(state, name)
    log.parent.mkdir(parents=True, exist_ok=True)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
    try:
        pid = os.posix_spawn(
            program,
            words,
            {**os.environ, OWNER_VARIABLE: str(state)},
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_DUP2, output, 1),
                (os.POSIX_SPAWN_DUP2, output, 2),
            ],
            setsid=True,
        )
    finally:
        os.close(output)
    process = Process(name, pid, _started(pid) or 0, boot_id())
    record = _record_file(state, name)
    record.parent.mkdir(exist_ok=True)
    unfinished = record.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(asdict(process)))
    unfinished.rename(record)
    if lifetime is Lifetime.CALLER:
        # Until setpriv has asked the kernel for it, a caller that ends leaves the process behind.
        wait_for(lambda: _program(pid) != "setpriv", f"{name} is bound to its caller", _SECONDS_TO_DIE)
    return process


def recorded(state: Path) -> Mapping[str, Process]:
    """The recorded processes of a state folder by name, whether they still run or not."""
    found = {}
    for record in sorted(_record_file(state, "any").parent.glob("*.json")):
        process = Process(**json.loads(record.read_text()))
        found[process.name] = process
    return found


def alive(process: Process) -> bool:
    """Whether the very process that was started still runs."""
    _reap(process.pid)
    return process.boot == boot_id() and _started(process.pid) == process.started


def stop(process: Process, grace: float = 0.0) -> None:
    """End a process: SIGTERM, and SIGKILL after `grace` seconds; at once if there is no grace."""
    if grace > 0 and alive(process):
        _signal(process.pid, signal.SIGTERM)
        with contextlib.suppress(ClusterError):
            wait_for(lambda: not alive(process), f"{process.name} ends", grace, every=0.02)
    if alive(process):
        _signal(process.pid, signal.SIGKILL)
    wait_for(lambda: not alive(process), f"{process.name} ({process.pid}) ends", _SECONDS_TO_DIE, every=0.02)


def _program(pid: int) -> str | None:
    """Name of the program that a process runs; None when it is gone."""
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
    except OSError:
        return None


def forget(state: Path, process: Process) -> None:
    """Delete the record of a process that has ended."""
    _record_file(state, process.name).unlink(missing_ok=True)


def stop_all(state: Path, order: Sequence[str] = (), grace: float = 0.0) -> None:
    """End what is recorded, in the given order of names and then the rest, and what is not recorded."""
    processes = dict(recorded(state))
    for name in [*order, *processes]:
        process = processes.pop(name, None)
        if process is not None:
            stop(process, grace)
            forget(state, process)
    for process in owned(state):
        stop(process)


def owned(state: Path) -> list[Process]:
    """All processes that carry this state folder in their environment, recorded or not."""
    mark = f"{OWNER_VARIABLE}={state}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment = (folder / "environ").read_bytes()
        except OSError:  # it ended meanwhile, or belongs to another user
            continue
        process = as_process(int(folder.name))
        if process is not None and mark in environment.split(b"\0"):
            found.append(process)
    return found


def as_process(pid: int) -> Process | None:
    """The process that has this id now, or None where there is none."""
    started = _started(pid)
    return None if started is None else Process(f"process {pid}", pid, started, boot_id())


def log_file(state: Path, name: str) -> Path:
    """Where a process writes."""
    return state / "log" / f"{name}.log"


def log_tail(state: Path, name: str) -> str:
    """The last lines that a process wrote, with the file's name above them."""
    log = log_file(state, name)
    lines = log.read_text(errors="replace").splitlines()[-_LOG_LINES:] if log.exists() else []
    return "\n".join([f"The end of {log}:", *(f"  {line}" for line in lines or ["(nothing was written)"])])


def boot_id() -> str:
    """What tells this boot of the machine from others: start times count from it."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def _started(pid: int) -> int | None:
    """When a process started, in clock ticks since boot; None for one that is gone or a zombie."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    # proc(5): the second field is the name in parentheses, which may itself hold spaces and parentheses.
    fields = text.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else int(fields[19])


def _reap(pid: int) -> None:
    with contextlib.suppress(ChildProcessError):  # not a child of ours: whoever is its parent reaps it
        os.waitpid(pid, os.WNOHANG)


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _record_file(state: Path, name: str) -> Path:
    return state / "processes" / f"{name}.json"
