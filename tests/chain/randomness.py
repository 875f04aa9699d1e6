"""Commits that can be opened: a reveal in the one past round whose public randomness these tests hold."""

import time
from typing import Any, Final

import bittensor_core

from tests.chain.chain import Chain
from tests.chain.scale import compact, from_hex, read_compact
from tests.chain.subnet import PALLET

__all__ = ["ROUND", "block_time_to_the_past", "opened", "pending_commits"]

ROUND: Final = 1000
_SIGNATURE: Final = (
    "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39"
)
"""Of that round of drand's network quicknet, as https://api.drand.sh tells it to everybody."""

_START, _SECONDS = 1_692_803_367, 3


def block_time_to_the_past(chain: Chain, netuid: int) -> float:
    """Such a length of blocks, in seconds, that weights committed now are revealed in `ROUND`.

    The SDK adds so many blocks to the clock; it does not mind that they are shorter than nothing.
    """
    state = chain.state
    names = {
        "tempo": "Tempo",
        "last_epoch_block": "LastEpochBlock",
        "pending_epoch_at": "PendingEpochAt",
        "subnet_epoch_index": "SubnetEpochIndex",
        "blocks_since_last_step": "BlocksSinceLastStep",
        "subnet_reveal_period_epochs": "RevealPeriodEpochs",
    }
    schedule: dict[str, Any] = {key: int(state.get(PALLET, name, netuid)) for key, name in names.items()}
    content = {"uids": [1], "weights": [1], "version_key": 0, "hotkey": bytes(32)}
    _, plain = bittensor_core.get_encrypted_commit_v2(
        **schedule, **content, current_block=chain.height, block_time=12.0
    )
    blocks = round((_START + _SECONDS * plain - time.time()) / 12)
    return float((_START + _SECONDS * (ROUND + 0.5) - time.time()) / blocks)


def pending_commits(chain: Chain, netuid: int) -> list[list[Any]]:
    """Hotkey, block, sealed weights and reveal round of every commit of the subnet's present epoch."""
    epoch = int(chain.state.get(PALLET, "SubnetEpochIndex", netuid))
    return list(chain.state.get(PALLET, "TimelockedWeightCommits", netuid, epoch))


def opened(sealed: str) -> tuple[bytes, dict[int, int]]:
    """Public key and row of a commit that is revealed in `ROUND`."""
    data = from_hex(sealed)
    wrapped = compact(len(data)) + data + ROUND.to_bytes(8, "little")
    payload = bytes(bittensor_core.decrypt_with_signature(wrapped, _SIGNATURE))
    size, at = read_compact(payload, 0)
    hotkey, at = payload[at : at + size], at + size
    columns = []
    for _ in range(2):
        count, at = read_compact(payload, at)
        columns.append([int.from_bytes(payload[at + 2 * i : at + 2 * i + 2], "little") for i in range(count)])
        at += 2 * count
    return hotkey, dict(zip(*columns, strict=True))
