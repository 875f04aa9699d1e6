"""A weight update whose bytes were included, and the chain that shows it; to be changed by tests."""

from __future__ import annotations

from podium.core.kinds import (
    ChainTarget,
    ChainView,
    Neuron,
    UpdatePhase,
    WeightUpdate,
    WeightUpdateStatus,
)
from tests.podium.core.objects import GENESIS

__all__ = ["PAID", "UPDATE", "US", "VIEW"]

US = Neuron(0, "we", 1, stake=10, permit=True, last_update=120)
PAID = Neuron(2, "alice", 5)
VIEW = ChainView(125, "0x1", GENESIS, 1, (US, PAID), tempo=10, row={2: 65535})
UPDATE = WeightUpdate(
    name="main-100",
    uid="update-uid",
    namespace="games",
    generation=1,
    created=GENESIS,
    subnet="main",
    subnet_uid="subnet-uid",
    target_digest="target",
    epoch_start_block=100,
    epoch_end_block=199,
    valid_until_block=190,
    weights=(),
    burn_units=0,
    target=ChainTarget("0x" + 64 * "9", 37, 0, "we"),
    status=WeightUpdateStatus(
        phase=UpdatePhase.FINALIZED,
        uids_block=115,
        uids=(("alice", 2),),
        vector=((2, 65535),),
        included_block=120,
        finalized_block=122,
    ),
)
