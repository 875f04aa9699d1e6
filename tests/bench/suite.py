"""Every bar, one command each in its own process, and one table."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.bench.arguments import read_arguments
from tests.bench.bars import Case, counts_here
from tests.bench.machine import describe_processor, has_amx

__all__ = ["decides", "run_all", "verdict"]

_ROOT: Final = Path(__file__).parents[2]
_THREADS: Final = 2
_UNDECIDED: Final = "not run: bfloat16 is judged with amx_bf16 alone"


@dataclass(frozen=True, slots=True)
class _Row:
    case: Case
    ratio: float | None
    verdict: str


def run_all(cases: Sequence[Case], *, quick: bool) -> int:
    """Run every case that decides here, show its lines while it runs and the table at the end.

    Returns:
        1 where any failed.
    """
    amx = has_amx()
    rows = [
        _run(case, quick=quick) if quick or decides(case, amx=amx) else _Row(case, None, _UNDECIDED)
        for case in cases
    ]
    print(f"\n{describe_processor(_THREADS)}\n")
    print(f"{'what':44} {'peer':12} {'ratio':>8} {'bar':>6}  verdict")
    for row in rows:
        what = " ".join((row.case.name, *row.case.options)).removesuffix(" --device cuda")
        ratio = "-" if row.ratio is None else f"{row.ratio:.3g}"
        print(f"{what:44} {row.case.peer or '-':12} {ratio:>8} {row.case.bar:6g}  {row.verdict}")
    return int(any(row.verdict.startswith("failed") for row in rows))


def _run(case: Case, *, quick: bool) -> _Row:
    words = (*case.words, *(("--quick",) if quick else ()))
    print(f"\n== {' '.join(words)}", flush=True)
    lines = []
    with subprocess.Popen(
        [sys.executable, "-m", "tests.bench", *words], cwd=_ROOT, stdout=subprocess.PIPE, text=True
    ) as child:
        for line in child.stdout or ():
            print(f"   {line}", end="", flush=True)
            lines.append(line)
    last = lines[-1].split() if lines else []
    ratio = float(last[1]) if len(last) == 2 and last[0] == "ratio" else None
    return _Row(case, ratio, verdict(case, ratio, child.returncode, quick=quick))


def decides(case: Case, *, amx: bool) -> bool:
    """Whether a case is worth its time: without AMX bfloat16 is emulated, hours that decide nothing."""
    return counts_here(read_arguments(case.words), amx=amx)


def verdict(case: Case, ratio: float | None, status: int, *, quick: bool) -> str:
    """What the table says of a case.

    Args:
        case: With its bar.
        ratio: What it printed, if it did.
        status: Its exit status.
        quick: Whether no bar counts.
    """
    if ratio is None:
        return f"failed: no ratio, exit status {status}"
    if quick:
        return "not judged: quick"
    return "passed" if ratio >= case.bar else "failed"
