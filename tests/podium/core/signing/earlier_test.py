"""What counts as paid before, where a competition pays whom it paid last."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from podium.core.kinds import UpdatePhase, WeightInput, WeightUpdate, WeightUpdateStatus
from podium.core.shares import UNIT, Share
from podium.core.signing.earlier import paid_before
from tests.podium.core.signing.updates import UPDATE


def _paying(hotkey: str, epoch: int, phase: UpdatePhase, target: str = "target") -> WeightUpdate:
    payable = (Share(hotkey, UNIT),)
    inputs = (WeightInput("small", Fraction(100), None, None, None, payable, payable),)
    status = WeightUpdateStatus(phase=phase)
    return replace(UPDATE, target_digest=target, epoch_start_block=epoch, inputs=inputs, status=status)


_PHASES = sorted(UpdatePhase)


@pytest.mark.parametrize("phase", _PHASES)
def test_the_update_before_counts_once_it_was_found_right(phase: UpdatePhase) -> None:
    oldest = _paying("alice", -20, UpdatePhase.VERIFIED)
    before = _paying("bob", 0, phase)
    counts = phase not in {UpdatePhase.PENDING, UpdatePhase.REFUSED}
    assert paid_before(UPDATE, [before, oldest]) == {
        "small": (Share("bob" if counts else "alice", UNIT),),
    }


def test_neither_later_ones_nor_other_targets_count() -> None:
    others = [
        _paying("bob", UPDATE.epoch_start_block, UpdatePhase.VERIFIED),
        _paying("carol", UPDATE.epoch_start_block + 100, UpdatePhase.VERIFIED),
        _paying("dave", 0, UpdatePhase.VERIFIED, "another"),
    ]
    assert paid_before(UPDATE, others) == {}
