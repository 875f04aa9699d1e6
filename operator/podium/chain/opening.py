"""Opening chains: for readers by a Subnet's endpoints, for signers by their own.

The SDK of a chain is loaded when the first chain is asked for: an image without one runs ledgers.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from podium.chain.protocol import ReadChain, SigningChain
from podium.core.kinds import ChainTarget
from podium.errors import ChainUnavailableError

__all__ = ["open_reader", "open_signer"]


def open_reader(target: ChainTarget, endpoints: Sequence[str]) -> ReadChain:
    """A subnet to read; nothing is connected before something is asked.

    Raises:
        ChainUnavailableError: This image has no SDK.
    """
    with _loading_sdk():
        from podium.chain.connection import Connection  # noqa: PLC0415
        from podium.chain.reading import BittensorReader  # noqa: PLC0415
    return BittensorReader(Connection(endpoints, target.genesis_hash, target.netuid), target)


def open_signer(target: ChainTarget, endpoints: Sequence[str], key_file: Path) -> SigningChain:
    """A subnet to set weights on.

    Raises:
        ChainUnavailableError: This image has no SDK.
        KeyUnusableError: The key file does not hold the target's hotkey.
    """
    with _loading_sdk():
        from podium.chain.connection import Connection  # noqa: PLC0415
        from podium.chain.signing import BittensorSigner, read_key  # noqa: PLC0415
    keypair = read_key(key_file, target.hotkey)
    return BittensorSigner(Connection(endpoints, target.genesis_hash, target.netuid), target, keypair)


@contextlib.contextmanager
def _loading_sdk() -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        text = f"this image cannot speak to a chain, {error.name} is missing"
        raise ChainUnavailableError(f"{text}: build it with requirements-chain.txt") from error
