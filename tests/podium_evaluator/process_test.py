"""A watched child cannot lose the report: it hangs, dies or is stopped, and the parent still tells."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

_PROGRAM = """
    import os, signal, sys, time
    from podium_evaluator.process import supervise

    def report(failure):
        print(failure.fault, failure.reason, flush=True)
        return 75

    {work}

    sys.exit(supervise(work, report, {seconds}))
"""


def start(work: str, seconds: float | None = None) -> subprocess.Popen[str]:
    program = textwrap.dedent(_PROGRAM).format(work=textwrap.dedent(work), seconds=seconds)
    return subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def run(work: str, seconds: float | None = None) -> tuple[int, str]:
    with start(work, seconds) as process:
        output, _ = process.communicate(timeout=60)
        return process.returncode, output.strip()


def test_the_childs_exit_status_and_output_are_passed_on() -> None:
    assert run("def work():\n    print('done')\n    return 65") == (65, "done")


def test_a_child_that_hangs_is_a_timeout() -> None:
    started = time.monotonic()

    assert run("def work():\n    while True: pass", seconds=0.3) == (75, "Infrastructure Timeout")
    assert time.monotonic() - started < 20


@pytest.mark.parametrize(
    ("name", "told"), [("SIGKILL", "Infrastructure OutOfMemory"), ("SIGSEGV", "Evaluator EvaluatorBug")]
)
def test_a_child_that_is_killed_is_told_by_the_signal(name: str, told: str) -> None:
    assert run(f"def work():\n    os.kill(os.getpid(), signal.{name})") == (75, told)


def test_an_exception_that_escapes_is_a_bug() -> None:
    assert run("def work():\n    raise ValueError")[0] == 70


def test_stopping_the_parent_stops_the_child() -> None:
    with start("def work():\n    print(os.getpid(), flush=True)\n    time.sleep(60)") as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        process.send_signal(signal.SIGTERM)

        assert process.wait(timeout=20) == 128 + signal.SIGTERM
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
