"""What earlier updates of a target have paid, as far as the signer has found them right."""

from __future__ import annotations

from collections.abc import Iterable

from podium.core.kinds import UpdatePhase, WeightUpdate
from podium.core.shares import Share
from podium.core.subnet import last_paid

__all__ = ["paid_before"]


def paid_before(update: WeightUpdate, updates: Iterable[WeightUpdate]) -> dict[str, tuple[Share, ...]]:
    """What each competition contributed to the newest earlier update in which it paid somebody.

    A pending one was not checked yet, and a refused one was never right. One whose bytes are on their way, or
    whose commit waits for its reveal, was checked before it was signed.
    """
    return last_paid(
        [
            one
            for one in updates
            if one.target_digest == update.target_digest
            and one.epoch_start_block < update.epoch_start_block
            and one.status.phase is not UpdatePhase.PENDING
        ]
    )
