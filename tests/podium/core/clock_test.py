"""Blocks, sync blocks and epochs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.core.clock import LedgerClock, epoch_start, next_sync_block, sync_block, utc
from tests.podium.core.objects import GENESIS

CLOCK = LedgerClock(GENESIS, 1000, 12)


@pytest.mark.parametrize("block", [1_234_511, 1_234_560, 1_234_610])
def test_sync_blocks_of_the_seed_system(block: int) -> None:
    assert sync_block(block, 100, 1_111_111) == 1_234_511
    assert next_sync_block(block, 100, 1_111_111) == 1_234_611


def test_the_next_sync_block_is_strictly_later() -> None:
    assert next_sync_block(1_234_511, 100, 1_111_111) == 1_234_611


def test_before_the_first_sync_block_it_is_negative() -> None:
    assert sync_block(5, 100, 50) == -50


@given(st.integers(0, 10**9), st.integers(1, 10**5), st.integers(0, 10**6))
def test_the_sync_block_is_the_newest_multiple(block: int, every: int, offset: int) -> None:
    sync = sync_block(block, every, offset)
    assert sync <= block < sync + every
    assert (sync - offset) % every == 0
    assert next_sync_block(block, every, offset) == sync + every


@given(st.integers(0, 10**9), st.integers(1, 10**5))
def test_an_epoch_contains_its_block(block: int, every: int) -> None:
    assert epoch_start(block, every) % every == 0
    assert epoch_start(block, every) <= block < epoch_start(block, every) + every


@pytest.mark.parametrize(
    ("seconds", "block"), [(-100, 1000), (0, 1000), (11.999, 1000), (12, 1001), (36, 1003)]
)
def test_a_ledger_block_lasts_its_seconds(seconds: float, block: int) -> None:
    assert CLOCK.block_at(GENESIS + timedelta(seconds=seconds)) == block


@given(st.integers(1000, 10**7))
def test_a_block_starts_where_it_is_found(block: int) -> None:
    assert CLOCK.block_at(CLOCK.start_of(block)) == block
    assert CLOCK.block_at(CLOCK.start_of(block) - timedelta(microseconds=1)) == max(block - 1, 1000)


def test_kubernetes_time_is_read_in_utc() -> None:
    assert utc("2026-01-01T02:00:00+02:00") == utc("2026-01-01T00:00:00Z") == GENESIS
