"""What would end a process is tried in another one."""

import os
import signal
import threading

from podium_evaluator.datasets.trial import survives


def test_a_process_survives_what_returns_or_raises() -> None:
    assert survives(lambda: None)
    assert survives(lambda: 1 / 0)
    assert survives(lambda: os._exit(3))


def test_a_process_does_not_survive_a_signal() -> None:
    assert not survives(os.abort)
    assert not survives(lambda: os.kill(os.getpid(), signal.SIGSEGV))


def test_a_process_does_not_survive_what_never_ends() -> None:
    assert not survives(_hang, seconds=1)


def _hang() -> None:
    # A lock that nobody gives back, as after a fork beside another thread.
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()
