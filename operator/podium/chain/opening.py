"""Opening chains: for readers by a Subnet's endpoints, for signers by their own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from podium.chain.connection import Connection
from podium.chain.protocol import ReadChain, SigningChain
from podium.chain.reading import BittensorReader
from podium.chain.signing import BittensorSigner, read_key
from podium.core.kinds import ChainTarget

__all__ = ["open_reader", "open_signer"]


def open_reader(target: ChainTarget, endpoints: Sequence[str]) -> ReadChain:
    """A subnet to read; nothing is connected before something is asked."""
    return BittensorReader(Connection(endpoints, target.genesis_hash, target.netuid), target)


def open_signer(target: ChainTarget, endpoints: Sequence[str], key_file: Path) -> SigningChain:
    """A subnet to set weights on.

    Raises:
        KeyUnusableError: The key file does not hold the target's hotkey.
    """
    keypair = read_key(key_file, target.hotkey)
    return BittensorSigner(Connection(endpoints, target.genesis_hash, target.netuid), target, keypair)
