"""JSON-RPC methods of a node, as far as clients of this chain ask for them."""

from collections.abc import Callable
from typing import Any, Final

from tests.chain.chain import Chain, RpcError
from tests.chain.runtime_calls import arguments_of, call_runtime
from tests.chain.scale import from_hex, to_hex

__all__ = ["METHODS", "answer"]

# Any: parameters and results are JSON.
Method = Callable[[Chain, list[Any]], Any]


def answer(chain: Chain, method: str, parameters: list[Any]) -> Any:
    """The result of a call.

    Raises:
        RpcError: What the node answers instead.
    """
    known = METHODS.get(method)
    if known is None:
        raise RpcError(-32601, "Method not found", method)
    return known(chain, parameters)


def _at(parameters: list[Any], index: int) -> Any:
    return parameters[index] if len(parameters) > index else None


def _block_hash(chain: Chain, parameters: list[Any]) -> str | None:
    number = _at(parameters, 0)
    if number is None:
        return chain.blocks[-1].hash
    wanted = int(number, 16) if isinstance(number, str) else int(number)
    return chain.blocks[wanted].hash if wanted <= chain.height else None


def _get_block(chain: Chain, parameters: list[Any]) -> dict[str, Any]:
    block = chain.block(_at(parameters, 0))
    bodies = [to_hex(one.extrinsic.raw) for one in block.included]
    return {"block": {"header": block.header, "extrinsics": bodies}, "justifications": None}


def _version(chain: Chain, parameters: list[Any]) -> dict[str, Any]:
    del parameters
    names = {"specName": "node-subtensor", "implName": "node-subtensor", "apis": []}
    numbers = {"authoringVersion": 1, "implVersion": 1, "transactionVersion": 1, "stateVersion": 1}
    return {**names, **numbers, "specVersion": chain.spec_version}


def _storage(chain: Chain, parameters: list[Any]) -> str | None:
    value = chain.state_of(_at(parameters, 1)).values.get(from_hex(parameters[0]))
    return None if value is None else to_hex(value)


def _storages(chain: Chain, parameters: list[Any]) -> list[dict[str, Any]]:
    block = chain.block(_at(parameters, 1))
    values = chain.state_of(block.hash).values
    found = [(key, values.get(from_hex(key))) for key in parameters[0]]
    changes = [[key, None if value is None else to_hex(value)] for key, value in found]
    return [{"block": block.hash, "changes": changes}]


def _keys(chain: Chain, parameters: list[Any]) -> list[str]:
    prefix, count, start, block_hash = (_at(parameters, index) for index in range(4))
    values = chain.state_of(block_hash).values
    after = from_hex(start) if start else b""
    wanted = sorted(key for key in values if key.startswith(from_hex(prefix)) and key > after)
    return [to_hex(key) for key in wanted[: int(count)]]


def _runtime(chain: Chain, parameters: list[Any]) -> str:
    return call_runtime(chain, parameters[0], arguments_of(_at(parameters, 1)), _at(parameters, 2))


def _submit(chain: Chain, parameters: list[Any]) -> str:
    return chain.submit(from_hex(parameters[0])).hash


METHODS: Final[dict[str, Method]] = {
    "account_nextIndex": lambda chain, parameters: chain.next_index(parameters[0]),
    "author_submitExtrinsic": _submit,
    "chain_getBlock": _get_block,
    "chain_getBlockHash": _block_hash,
    "chain_getFinalizedHead": lambda chain, _: chain.blocks[chain.final].hash,
    "chain_getHead": lambda chain, _: chain.blocks[-1].hash,
    "chain_getHeader": lambda chain, parameters: chain.block(_at(parameters, 0)).header,
    "state_call": _runtime,
    "state_getKeysPaged": _keys,
    "state_getMetadata": lambda chain, _: to_hex(chain.metadata),
    "state_getRuntimeVersion": _version,
    "state_getStorage": _storage,
    "state_getStorageAt": _storage,
    "state_queryStorageAt": _storages,
    # Of no real node: for those who look on.
    "stub_row": lambda chain, parameters: chain.subnet(parameters[0]).row(parameters[1]),
    "system_accountNextIndex": lambda chain, parameters: chain.next_index(parameters[0]),
    "system_chain": lambda *_: "Bittensor",
    "system_name": lambda *_: "subtensor-stand-in",
    "system_properties": lambda *_: {"ss58Format": 42, "tokenDecimals": 9, "tokenSymbol": "TAO"},
    "system_version": lambda *_: "0",
}
