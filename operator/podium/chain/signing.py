"""Signing weights with the hotkey's key, which stays in this object."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Final

import bittensor
import bittensor_core
from bittensor._transport.contract import SignedExtrinsic
from bittensor.keyfiles import Keyfile, Keypair

from podium.chain.connection import Connection, raw_of
from podium.chain.reading import BittensorReader
from podium.core.kinds import Attempt, ChainTarget
from podium.core.signing.world import Sign
from podium.errors import ChainUnavailableError, ExtrinsicRefusedError, KeyUnusableError

__all__ = ["BittensorSigner", "read_key"]

_COMMIT_REVEAL_VERSION: Final = 4
_PROBE: Final = b"podium: is this key the one that is meant?"
_SCHEDULE: Final = (
    "Tempo",
    "RevealPeriodEpochs",
    "LastEpochBlock",
    "PendingEpochAt",
    "SubnetEpochIndex",
    "BlocksSinceLastStep",
)


def read_key(path: Path, hotkey: str) -> Keypair:
    """The key of a file, once it has signed something for the hotkey that is meant.

    Raises:
        KeyUnusableError: It cannot be read, cannot sign, or is another one. Nothing of it is told.
    """
    try:
        keypair = Keyfile(str(path)).get_keypair()
        signs = keypair.ss58_address == hotkey and keypair.verify(_PROBE, keypair.sign(_PROBE))
    except Exception as error:  # noqa: BLE001  # of any kind, and its text could hold what is secret
        text = f"{path}: no key that can sign ({type(error).__name__}): mount the hotkey file of a wallet"
        raise KeyUnusableError(text) from None
    if not signs:
        raise KeyUnusableError(f"{path}: the key of {keypair.ss58_address}, expected {hotkey}")
    return keypair


class BittensorSigner(BittensorReader):
    """Implements `SigningChain`."""

    def __init__(self, connection: Connection, target: ChainTarget, keypair: Keypair) -> None:
        super().__init__(connection, target)
        self._keypair = keypair

    async def sign(self, request: Sign) -> tuple[Attempt, int | None]:
        """Bytes that set weights, and the round of their reveal if they are committed. Sends nothing."""

        async def ask(client: bittensor.Client) -> tuple[Attempt, int | None]:
            raw = raw_of(client)
            birth, era = request.birth_block, {"period": request.period, "current": request.birth_block}
            found = await raw.rpc_request("chain_getBlockHash", [birth])
            if found != request.birth_hash:
                raise ChainUnavailableError(f"the node has another block {birth}, or none")
            call, reveal_round = await self._call(client, request)
            signed = await raw.sign_without_nonce_tracking(
                await raw.compose_call(*call), self._keypair, nonce=request.nonce, era=era
            )
            data = "0x" + signed.data.hex()
            death = birth + request.period
            return Attempt(request.nonce, birth, death, data, signed.extrinsic_hash, birth), reveal_round

        return await self._connection.call(ask, "signing weights")

    async def _call(self, client: bittensor.Client, request: Sign) -> tuple[Any, int | None]:
        """The call as the subnet wants it, plain or committed. Any: the SDK's generated calls."""
        uids = [uid for uid, _ in request.vector]
        weights = [weight for _, weight in request.vector]
        target = self._target
        if not request.commit:
            call = bittensor.calls.SubtensorModule.set_mechanism_weights(
                netuid=target.netuid,
                mecid=target.mechanism,
                dests=uids,
                weights=weights,
                version_key=request.version_key,
            )
            return call, None
        commit, reveal_round = await self._commit(client, request, uids, weights)
        call = bittensor.calls.SubtensorModule.commit_timelocked_mechanism_weights(
            netuid=target.netuid,
            mecid=target.mechanism,
            commit=commit,
            reveal_round=reveal_round,
            commit_reveal_version=_COMMIT_REVEAL_VERSION,
        )
        return call, int(reveal_round)

    async def _commit(
        self, client: bittensor.Client, request: Sign, uids: list[int], weights: list[int]
    ) -> tuple[bytes, int]:
        """Weights that nobody can read before their round, and the round. The schedule is of one block."""
        raw = raw_of(client)
        head = await raw.get_chain_head()
        block = await raw.get_block_number(head)
        values = await asyncio.gather(
            *(
                raw.query("SubtensorModule", name, [self._target.netuid], block_hash=head)
                for name in _SCHEDULE
            )
        )
        tempo, period, last, pending, index, since = (int(value or 0) for value in values)
        commit, reveal_round = bittensor_core.get_encrypted_commit_v2(
            uids=uids,
            weights=weights,
            version_key=request.version_key,
            last_epoch_block=last,
            pending_epoch_at=pending,
            subnet_epoch_index=index,
            tempo=tempo,
            blocks_since_last_step=since,
            current_block=block,
            subnet_reveal_period_epochs=period,
            block_time=await client.block_time(),
            hotkey=self._keypair.public_key,
        )
        return commit, reveal_round

    async def submit(self, data: str) -> None:
        """Hands signed bytes to a node. Done when it has them, or had them already."""

        async def ask(client: bittensor.Client) -> None:
            extrinsic = SignedExtrinsic(data=bytes.fromhex(data[2:]), extrinsic_hash="")
            await raw_of(client).submit_extrinsic(extrinsic)

        try:
            await self._connection.call(ask, "sending weights")
        except ExtrinsicRefusedError as error:
            if error.reason != "AlreadyImported":
                raise
