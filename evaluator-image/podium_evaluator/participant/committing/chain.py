"""A hotkey's commitment on a Bittensor chain, through the chain's own SDK."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from podium_evaluator.contract import Reason
from podium_evaluator.errors import infrastructure
from podium_evaluator.participant.model import UsageError

if TYPE_CHECKING:
    from bittensor._transport import SubstrateConnection
    from bittensor.keyfiles import Keypair

__all__ = ["BittensorCommitments", "read_hotkey"]

_T = TypeVar("_T")
_CALL_SECONDS: Final = 60.0
_FINAL_SECONDS: Final = 180.0
_ERA: Final = 32
_POLL_SECONDS: Final = 2.0


def read_hotkey(path: Path) -> Keypair:
    """The key of a wallet's hotkey file, once it has signed something.

    Raises:
        UsageError: It cannot be read or cannot sign. Nothing of it is told.
    """
    try:
        from bittensor.keyfiles import Keyfile  # noqa: PLC0415  # an extra, needed by this command alone
    except ImportError as error:
        raise UsageError("commit needs the chain's SDK: install podium[evaluator,chain]") from error
    try:
        keypair = Keyfile(str(path)).get_keypair()
        keypair.sign(b"podium: can this key sign?")
    except Exception as error:  # noqa: BLE001  # of any kind, and its text could hold what is secret
        text = (
            f"--key-file {path}: no key that can sign ({type(error).__name__}): name a wallet's hotkey file"
        )
        raise UsageError(text) from None
    return keypair


@dataclass(frozen=True)
class BittensorCommitments:
    """Implements `Chain`: one hotkey on one subnet, by way of one node.

    Attributes:
        genesis_hash: A node of another chain is refused by it, if it is given.
    """

    endpoint: str
    netuid: int
    keypair: Keypair
    genesis_hash: str | None = None

    def committed(self) -> str | None:
        """What the hotkey has committed to, as of the newest finalized block."""

        async def ask(connection: SubstrateConnection) -> str | None:
            head = await connection.get_chain_finalised_head()
            return _text(await self._record(connection, head))

        return self._with_node(ask, _CALL_SECONDS)

    def commit(self, value: str) -> int:
        """Commits, and returns the block once it is final."""

        async def ask(connection: SubstrateConnection) -> int:
            data = value.encode()
            info = {"fields": [{f"Raw{len(data)}": "0x" + data.hex()}]}
            call = await connection.compose_call(
                "Commitments", "set_commitment", {"netuid": self.netuid, "info": info}
            )
            nonce = await connection.get_account_next_index(self.keypair.ss58_address)
            signed = await connection.sign_without_nonce_tracking(
                call, self.keypair, nonce=nonce, era={"period": _ERA}
            )
            await connection.submit_extrinsic(signed)
            while True:
                head = await connection.get_chain_finalised_head()
                record = await self._record(connection, head)
                if _text(record) == value:
                    return int(record["block"])
                await asyncio.sleep(_POLL_SECONDS)

        return self._with_node(ask, _FINAL_SECONDS)

    # Any: decoded storage.
    async def _record(self, connection: SubstrateConnection, head: str) -> Any:
        return await connection.query(
            "Commitments", "CommitmentOf", [self.netuid, self.keypair.ss58_address], block_hash=head
        )

    def _with_node(self, ask: Callable[[SubstrateConnection], Awaitable[_T]], seconds: float) -> _T:
        from bittensor._transport import SubstrateConnection  # noqa: PLC0415  # as above

        async def run() -> _T:
            async with (
                asyncio.timeout(seconds),
                SubstrateConnection(self.endpoint, ss58_format=42) as connection,
            ):
                found = await connection.genesis_hash()
                if self.genesis_hash is not None and found != self.genesis_hash:
                    text = f"{self.endpoint} is of the chain {found}, expected {self.genesis_hash}"
                    raise UsageError(text)
                return await ask(connection)

        try:
            return asyncio.run(run())
        except UsageError:
            raise
        except TimeoutError as error:
            text = (
                f"{self.endpoint}: not done in {seconds:.0f} s; run the command again, it goes on from there"
            )
            raise infrastructure(Reason.HUB_UNAVAILABLE, text) from error
        except Exception as error:  # the SDK raises anything
            text = f"{self.endpoint}: {type(error).__name__}: {str(error)[:300]}"
            raise infrastructure(Reason.HUB_UNAVAILABLE, text) from error


def _text(record: Any) -> str | None:
    """The text of a commitment: its first field of plain bytes."""
    fields = ((record or {}).get("info") or {}).get("fields") or ()
    for field in fields:
        for kind, value in field.items() if isinstance(field, dict) else ():
            if kind.startswith("Raw"):
                data = bytes.fromhex(value[2:]) if isinstance(value, str) else bytes(value)
                return data.decode(errors="replace")
    return None
