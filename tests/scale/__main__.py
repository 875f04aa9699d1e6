"""`python -m tests.scale`: what 100, 1,000 and 10,000 submissions cost; see `--help`."""

from __future__ import annotations

import argparse
import sys

from tests.scale.cluster import Outcome, many_submissions
from tests.scale.decisions import CONTENDERS, cost_of, settled_world

_MIB = 1024 * 1024
_AGAIN_MILLISECONDS = 50.0
_WRITES = 2.2
_SECONDS = {1000: 60.0}
_RESIDENT = {1000: 200 * _MIB, 10_000: 400 * _MIB}


def main() -> int:
    """Print both tables; 1 where a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.scale", description=__doc__)
    parser.add_argument("--submissions", type=int, default=1000, help="on the real API server")
    parser.add_argument("--decisions", type=int, nargs="*", default=[100, 1000, 10_000])
    arguments = parser.parse_args()
    missed = _decisions(arguments.decisions) if arguments.decisions else []
    if arguments.submissions:
        missed += _cluster(many_submissions(arguments.submissions))
    for line in missed:
        print(f"missed: {line}")
    return int(bool(missed))


def _decisions(sizes: list[int]) -> list[str]:
    print(f"decide(), at most {CONTENDERS} contenders, milliseconds of processor time, best of three:")
    print(f"{'submissions':>12} {'first':>9} {'again':>9} {'one changed':>12} {'actions':>8}")
    missed = []
    for size in sizes:
        cost = cost_of(settled_world(size))
        print(
            f"{size:12} {cost.first:9.1f} {cost.again:9.1f} {cost.one_changed:12.1f} {cost.actions:8}",
            flush=True,
        )
        if cost.actions:
            missed.append(f"{size} submissions: expected no action in a settled world, found {cost.actions}")
        if size >= max(sizes) and cost.again > _AGAIN_MILLISECONDS:
            missed.append(f"{size} submissions: expected {_AGAIN_MILLISECONDS} ms, took {cost.again:.1f}")
    return missed


def _cluster(found: Outcome) -> list[str]:
    per_submission = found.writes / found.submissions
    print(f"\n{found.submissions} ModelSubmissions at once on a real API server:")
    print(f"  created within {found.created:.1f} s, all Accepted after {found.accepted:.1f} s")
    print(f"  {per_submission:.2f} writes of a status each")
    print(f"  {found.fetched} models fetched by pods on hollow nodes, as far ahead as rounds need them")
    print(f"  the operator holds {found.resident / _MIB:.0f} MiB")
    missed = [] if found.fetched else ["expected models to be fetched, found none"]
    if per_submission > _WRITES:
        missed.append(f"expected {_WRITES} writes a submission, found {per_submission:.2f}")
    seconds, resident = _SECONDS.get(found.submissions), _RESIDENT.get(found.submissions)
    if seconds is not None and found.accepted > seconds:
        missed.append(f"expected all Accepted within {seconds} s, took {found.accepted:.1f}")
    if resident is not None and found.resident > resident:
        missed.append(f"expected {resident / _MIB:.0f} MiB, found {found.resident / _MIB:.0f}")
    return missed


if __name__ == "__main__":
    sys.exit(main())
