"""A subnet of a Bittensor chain: what is read of it, at finalized blocks only."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, Final

import bittensor
from bittensor._transport.errors import StateDiscardedError

from podium.chain.connection import Connection, raw_of
from podium.core.kinds import ChainTarget, ChainView, Commitment, Inclusion, Neuron
from podium.errors import ChainUnavailableError, WrongChainError

__all__ = ["BittensorReader"]

_PALLET: Final = "SubtensorModule"
_MECHANISM_STEP: Final = 4096
"""Weights of a mechanism are stored under mechanism * 4096 + netuid."""


class BittensorReader:
    """Implements `ReadChain`, and what of `SigningChain` needs no key."""

    def __init__(self, connection: Connection, target: ChainTarget) -> None:
        self._connection = connection
        self._target = target
        self._floor = 0

    @property
    def index(self) -> int:
        """Under which the mechanism's weights are stored."""
        return self._target.mechanism * _MECHANISM_STEP + self._target.netuid

    async def close(self) -> None:
        """Ends the connection, if there is one."""
        await self._connection.close()

    async def view(self) -> ChainView:
        """Everything that weights depend on, at the newest finalized block."""
        view = await self._connection.call(self._view, "reading the subnet")
        if view.block < self._floor:
            endpoint = self._connection.endpoint
            await self._connection.turn()
            text = (
                f"{endpoint} shows block {view.block} as the newest final one, {self._floor} was final before"
            )
            raise ChainUnavailableError(text)
        self._floor = view.block
        return view

    async def _view(self, client: bittensor.Client) -> ChainView:
        raw, netuid = raw_of(client), self._target.netuid
        head = await raw.get_chain_finalised_head()
        graph = await raw.runtime_call("SubnetInfoRuntimeApi", "get_metagraph", [netuid], head)
        if not isinstance(graph, dict):
            raise WrongChainError(f"there is no subnet {netuid} on this chain")
        updates = await raw.query(_PALLET, "LastUpdate", [self.index], block_hash=head)
        neurons = _neurons(graph, list(updates or ()))
        own = next((one for one in neurons if one.hotkey == self._target.hotkey), None)
        account, now, threshold, row, pending = await asyncio.gather(
            raw.query("System", "Account", [self._target.hotkey], block_hash=head),
            raw.query("Timestamp", "Now", [], block_hash=head),
            raw.query(_PALLET, "StakeThreshold", [], block_hash=head),
            self._row(raw, own, head),
            self._pending(raw, head),
        )
        return ChainView(
            block=int(graph["block"]),
            hash=head,
            time=datetime.fromtimestamp(int(now) / 1000, tz=UTC),
            nonce=int(account["nonce"]),
            neurons=neurons,
            owner_hotkey=str(graph["owner_hotkey"]),
            stake_threshold=int(threshold or 0),
            version_key=int(graph["weights_version"]),
            rate_limit=int(graph["weights_rate_limit"]),
            min_allowed=int(graph["min_allowed_weights"]),
            max_weight=int(graph["max_weights_limit"]),
            commit_reveal=bool(graph["commit_reveal_weights_enabled"]),
            reveal_period=int(graph["commit_reveal_period"]),
            tempo=int(graph["tempo"]),
            row=row,
            pending=pending,
        )

    # Any: the SDK's transport and its decoded values, here and below.
    async def _row(self, raw: Any, own: Neuron | None, head: str) -> dict[int, int]:
        if own is None:
            return {}
        found = await raw.query(_PALLET, "Weights", [self.index, own.uid], block_hash=head)
        return _as_row(found)

    async def _pending(self, raw: Any, head: str) -> frozenset[int]:
        """Reveal rounds of the hotkey's commits that still wait, of all epochs."""
        epochs = await raw.query_map(
            _PALLET, "TimelockedWeightCommits", [self.index], block_hash=head, page_size=100
        )
        rounds = set()
        async for _, commits in epochs:
            rounds |= {int(one[3]) for one in commits or () if str(one[0]) == self._target.hotkey}
        return frozenset(rounds)

    async def block_hash(self, block: int) -> str:
        """Hash of a finalized block, with ``0x``."""

        async def ask(client: bittensor.Client) -> str:
            found = await raw_of(client).rpc_request("chain_getBlockHash", [block])
            if not isinstance(found, str):
                raise ChainUnavailableError(f"the node does not have block {block} yet")
            return found

        return await self._connection.call(ask, f"reading the hash of block {block}")

    async def commitments(self, block: int) -> tuple[Commitment, ...]:
        """What every hotkey of the subnet has committed in clear, as of a finalized block."""

        async def ask(client: bittensor.Client) -> tuple[Commitment, ...]:
            snapshot = await client.at(block)
            found = await snapshot.subnets.commitments(self._target.netuid)
            read = [
                Commitment(str(key), int(one.block), str(one.value))
                for key, one in found.items()
                if one.value
            ]
            return tuple(sorted(read, key=lambda one: (one.block, one.hotkey)))

        return await self._connection.call(ask, "reading commitments")

    async def rows(self, block: int) -> dict[int, dict[int, int]]:
        """The weights of every validator, as of a finalized block: uid to uid to weight."""

        async def ask(client: bittensor.Client) -> dict[int, dict[int, int]]:
            snapshot = await client.at(block)
            found = await snapshot.query_map((_PALLET, "Weights"), [self.index])
            return {int(uid): _as_row(row) for uid, row in found}

        return await self._connection.call(ask, "reading weights")

    async def find(self, hashes: Sequence[str], first: int, last: int) -> Inclusion | None:
        """Which of these extrinsics the finalized blocks from `first` to `last` include."""
        for number in range(first, last + 1):
            block_hash = await self.block_hash(number)

            async def ask(client: bittensor.Client, at: str = block_hash) -> list[str]:
                found = await raw_of(client).rpc_request("chain_getBlock", [at])
                return [_hash(one) for one in found["block"]["extrinsics"]]

            held = await self._connection.call(ask, f"reading block {number}")
            mine = next((one for one in held if one in hashes), None)
            if mine is not None:
                return await self._outcome(mine, number, block_hash)
        return None

    async def _outcome(self, extrinsic: str, number: int, block_hash: str) -> Inclusion:
        """What became of an extrinsic in a block; unknown when the node has dropped the block's state."""

        async def ask(client: bittensor.Client) -> Inclusion:
            raw = raw_of(client)
            try:
                report = await raw.resolve_extrinsic(extrinsic, block_hash)
                graph = await raw.runtime_call(
                    "SubnetInfoRuntimeApi", "get_metagraph", [self._target.netuid], block_hash
                )
            except StateDiscardedError:
                return Inclusion(extrinsic, number, block_hash, known=False)
            error = None if report.is_success else _error_name(report.error_message)
            holders = {uid: str(key) for uid, key in enumerate(graph["hotkeys"])}
            return Inclusion(extrinsic, number, block_hash, error, holders=holders)

        return await self._connection.call(ask, f"reading the events of block {number}")


def _neurons(graph: dict[str, Any], updates: list[Any]) -> tuple[Neuron, ...]:
    columns = ("hotkeys", "block_at_registration", "total_stake", "validator_permit")
    hotkeys, registered, stakes, permits = (list(graph[name]) for name in columns)
    return tuple(
        Neuron(
            uid=uid,
            hotkey=str(hotkey),
            registered_block=int(registered[uid]),
            stake=int(stakes[uid]),
            permit=bool(permits[uid]) if uid < len(permits) else False,
            last_update=int(updates[uid]) if uid < len(updates) else 0,
        )
        for uid, hotkey in enumerate(hotkeys)
    )


def _as_row(found: Any) -> dict[int, int]:
    return {int(uid): int(weight) for uid, weight in found or ()}


def _hash(extrinsic: str) -> str:
    return "0x" + blake2b(bytes.fromhex(extrinsic.removeprefix("0x")), digest_size=32).hexdigest()


def _error_name(message: Any) -> str:
    """The chain's own name of a dispatch error, fit for a reason."""
    name = message.get("name") if isinstance(message, dict) else str(message)
    letters = "".join(letter for letter in str(name) if letter.isalnum())
    return letters[:64] or "DispatchFailed"
