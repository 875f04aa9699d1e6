"""`python -m tests.podium.signing --epochs 10000`: what becomes of weights when everything fails."""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
from collections import Counter

import structlog

from podium.core.conditions import find_condition
from podium.core.kinds import WeightUpdate
from tests.podium.signing.checker import violations
from tests.podium.signing.simulation import Simulation

_EPOCHS = 40
"""Of one simulation."""


def _end(update: WeightUpdate) -> str:
    complete = find_condition(update.status.conditions, "Complete")
    return f"{update.status.phase.value}/{complete.reason if complete else 'unfinished'}"


def _simulate(seed: int) -> tuple[int, Counter[str], list[str]]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("critical"))
    run = Simulation(seed)
    asyncio.run(run.run(_EPOCHS))
    return seed, Counter(map(_end, run.updates)), violations(run)


def main() -> None:
    """Exits with 1 when weights were set twice, for somebody else, or not at all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    runs = -(-arguments.epochs // _EPOCHS)
    ends: Counter[str] = Counter()
    found = 0
    with multiprocessing.Pool() as pool:
        seeds = range(arguments.seed, arguments.seed + runs)
        for done, (seed, counted, broken) in enumerate(pool.imap_unordered(_simulate, seeds), 1):
            ends += counted
            found += len(broken)
            for text in broken:
                print(f"seed {seed}: {text}", flush=True)
            if not done % 25:
                print(f"{done * _EPOCHS} epochs, {found} violations", flush=True)
    for end, count in ends.most_common():
        print(f"{count:7d}  {end}")
    print(f"{runs * _EPOCHS} epochs, {found} violations")
    raise SystemExit(found > 0)


if __name__ == "__main__":
    main()
