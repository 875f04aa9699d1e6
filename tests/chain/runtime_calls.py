"""Answers of the runtime's own functions, encoded as its metadata says."""

from typing import Any

from tests.chain.chain import Block, Chain, RpcError
from tests.chain.scale import compact, from_hex, to_hex
from tests.chain.storage import Storage
from tests.chain.subnet import PALLET, Subnet

__all__ = ["call_runtime"]

_NO_AXON = {"block": 0, "version": 0, "ip": 0, "port": 0, "ip_type": 4}
_NO_AXON |= {"protocol": 0, "placeholder1": 0, "placeholder2": 0}


def call_runtime(chain: Chain, name: str, arguments: bytes, block_hash: str | None) -> str:
    """The answer to a `state_call`, in hex.

    Raises:
        RpcError: The stand-in has no such function.
    """
    if name == "Metadata_metadata_at_version":
        wanted = int.from_bytes(arguments, "little")
        known = b"\x01" + compact(len(chain.metadata)) + chain.metadata
        return to_hex(known if wanted == 15 else b"\x00")  # the version that is kept
    if name == "Metadata_metadata_versions":
        return to_hex(compact(1) + (15).to_bytes(4, "little"))
    if name == "TransactionPaymentApi_query_info":
        return to_hex(compact(1000) + compact(0) + b"\x00" + (0).to_bytes(8, "little"))
    state = chain.state_of(block_hash)
    netuid = int.from_bytes(arguments[:2], "little")
    value: Any
    match name:
        case "SubnetInfoRuntimeApi_get_metagraph":
            value = metagraph(state, netuid, chain.block(block_hash))
        case "SubnetInfoRuntimeApi_get_next_epoch_start_block":
            value = _next_epoch(state, netuid)
        case _:
            text = f"Exported method {name} is not found"
            raise RpcError(-32000, "Client error: Execution failed", text)
    api, function = name.split("_", 1)
    output = chain.codec.runtime_api_map[api][function]["output"]
    return to_hex(chain.codec.encode(output, value))


def _next_epoch(state: Storage, netuid: int) -> int:
    last = int(state.get(PALLET, "LastEpochBlock", netuid))
    return last + int(state.get(PALLET, "Tempo", netuid)) + 1


# Any: 75 fields of many types, here and below.
def metagraph(state: Storage, netuid: int, block: Block) -> dict[str, Any] | None:
    """Everything about a subnet in one value; None where there is none."""
    if not state.get(PALLET, "NetworksAdded", netuid):
        return None
    subnet = Subnet(state, netuid)
    hotkeys = [subnet.hotkey(uid) for uid in range(subnet.size)]
    stakes = [subnet.stake(one) for one in hotkeys]
    zeros = [0] * len(hotkeys)
    owner = str(state.get(PALLET, "SubnetOwnerHotkey", netuid))
    fields = _blank(state, "Metagraph") | {
        "netuid": netuid,
        "name": list(b"subnet"),
        "owner_hotkey": owner,
        "owner_coldkey": owner,
        "block": block.number,
        "moving_price": {"bits": 1 << 32},
        **_rules(subnet),
        "num_uids": len(hotkeys),
        "max_uids": 256,
        "tao_in": 1,
        "alpha_in": 1,
        "hotkeys": hotkeys,
        "coldkeys": [owner] * len(hotkeys),
        "identities": [None] * len(hotkeys),
        "axons": [_NO_AXON] * len(hotkeys),
        "active": [True] * len(hotkeys),
        "validator_permit": _padded(subnet.column("ValidatorPermit"), len(hotkeys), blank=False),
        "last_update": _padded(subnet.column("LastUpdate"), len(hotkeys), blank=0),
        "block_at_registration": [
            int(state.get(PALLET, "BlockAtRegistration", netuid, uid)) for uid in range(len(hotkeys))
        ],
        "alpha_stake": stakes,
        "total_stake": stakes,
    }
    for name in ("pruning_score", "emission", "dividends", "incentives", "consensus", "trust", "rank"):
        fields[name] = zeros
    for name in ("tao_stake", "collateral_locked", "collateral_min", "collateral_earned"):
        fields[name] = zeros
    return fields


def _rules(subnet: Subnet) -> dict[str, Any]:
    return {
        "tempo": int(subnet.rule("Tempo")),
        "min_allowed_weights": int(subnet.rule("MinAllowedWeights")),
        "max_weights_limit": int(subnet.rule("MaxWeightsLimit")),
        "weights_version": int(subnet.rule("WeightsVersionKey")),
        "weights_rate_limit": int(subnet.rule("WeightsSetRateLimit")),
        "commit_reveal_weights_enabled": bool(subnet.rule("CommitRevealWeightsEnabled")),
        "commit_reveal_period": int(subnet.rule("RevealPeriodEpochs")),
    }


def _padded(values: list[Any], length: int, *, blank: Any) -> list[Any]:
    return (values + [blank] * length)[:length]


def _blank(state: Storage, type_name: str) -> dict[str, Any]:
    """A value of a composite type with nothing in it."""
    codec = state.codec
    types = {one["id"]: one["type"] for one in codec.registry_types()}
    found = next(one for one in types.values() if one.get("path") and one["path"][-1] == type_name)
    blank: dict[str, Any] = {}
    for part in found["def"]["composite"]["fields"]:
        name = codec.type_name_of(part["type"]) or ""
        empty: Any = [] if name.startswith("Vec") else False if name == "bool" else 0
        blank[part["name"]] = None if name.startswith("Option") else empty
    return blank


def arguments_of(hexadecimal: str | None) -> bytes:
    """The arguments of a `state_call`."""
    return from_hex(hexadecimal or "0x")
