"""Weights are set exactly once an epoch, whatever fails, and the checker would tell if they were not."""

from __future__ import annotations

import pytest

from tests.podium.signing.checker import violations
from tests.podium.signing.mutants import MUTANTS, Mutate
from tests.podium.signing.simulation import Simulation

_EPOCHS = 40


@pytest.mark.parametrize("seed", range(25))
async def test_nothing_is_set_twice_missing_or_for_somebody_else(seed: int) -> None:
    run = Simulation(seed)
    await run.run(_EPOCHS)
    assert violations(run) == []


@pytest.mark.parametrize("mutate", MUTANTS, ids=lambda one: one.__name__.strip("_"))
async def test_the_checker_tells_a_broken_signer(mutate: Mutate, monkeypatch: pytest.MonkeyPatch) -> None:
    mutate(monkeypatch)
    found: list[str] = []
    for seed in range(50):
        run = Simulation(1000 + seed)
        await run.run(_EPOCHS)
        found = violations(run)
        if found:
            break
    assert found
