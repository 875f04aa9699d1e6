"""What the API server must say to Subnets."""

from functools import partial

from tests.podium.api.cases.case import ABSENT, Case
from tests.podium.api.objects import ALICE, BOB, HASH

__all__ = ["SUBNET_CASES"]

_case = partial(Case, "Subnet")
_CHAIN = {"network": "finney", "genesisHash": HASH, "netuid": 37, "hotkey": ALICE}
_ON_CHAIN = {"spec/ledger": ABSENT, "spec/bittensor": _CHAIN}
_ANOTHER = "is immutable: create another Subnet"


def _entry(start: int, **percents: int) -> dict[str, object]:
    shares = [{"competition": name, "percent": percent} for name, percent in percents.items()]
    return {"startBlock": start, "shares": shares}


_TARGETS = (
    _case("a ledger with nothing said about it", {"spec/ledger": {}}),
    _case("a ledger with a genesis", {"spec/ledger/genesisTime": "2026-01-01T00:00:00Z"}),
    _case("a chain by the name of its network", _ON_CHAIN),
    _case(
        "a chain by its endpoints",
        {
            **_ON_CHAIN,
            "spec/bittensor": {**_CHAIN, "endpoints": ["wss://node.example:443", "ws://127.0.0.1:9944/x"]},
        }
        | {"spec/bittensor/network": ABSENT},
    ),
    _case("no target", {"spec/ledger": ABSENT}, {"spec": "needs exactly one of ledger and bittensor"}),
    _case("two targets", {"spec/bittensor": _CHAIN}, {"spec": "needs exactly one of ledger and bittensor"}),
    _case(
        "blocks of no time",
        {"spec/ledger/blockSeconds": 0},
        {"spec.ledger.blockSeconds": "should be greater than or equal to 1"},
    ),
    _case(
        "blocks of more than an hour",
        {"spec/ledger/blockSeconds": 3601},
        {"spec.ledger.blockSeconds": "should be less than or equal to 3600"},
    ),
    _case(
        "a genesis that is no time",
        {"spec/ledger/genesisTime": "yesterday"},
        {"spec.ledger.genesisTime": "must be of type date-time"},
    ),
    _case(
        "a network and endpoints",
        {**_ON_CHAIN, "spec/bittensor/endpoints": ["wss://node.example"]},
        {"spec.bittensor": "needs exactly one of network and endpoints"},
    ),
    _case(
        "neither a network nor endpoints",
        {**_ON_CHAIN, "spec/bittensor/network": ABSENT},
        {"spec.bittensor": "needs exactly one of network and endpoints"},
    ),
    _case(
        "a network that is no name",
        {**_ON_CHAIN, "spec/bittensor/network": "Finney!"},
        {"spec.bittensor.network": "must be 1 to 63 lower-case letters, digits and '-'"},
    ),
    _case(
        "an endpoint that is no WebSocket",
        {**_ON_CHAIN, "spec/bittensor/network": ABSENT, "spec/bittensor/endpoints": ["https://node.example"]},
        {"spec.bittensor.endpoints[0]": "must be a WebSocket address, ws:// or wss://"},
    ),
    _case(
        "an endpoint twice",
        {
            **_ON_CHAIN,
            "spec/bittensor/network": ABSENT,
            "spec/bittensor/endpoints": 2 * ["wss://node.example"],
        },
        {"spec.bittensor.endpoints[1]": "Duplicate value"},
    ),
    _case(
        "a short genesis hash",
        {**_ON_CHAIN, "spec/bittensor/genesisHash": "0x2f05"},
        {"spec.bittensor.genesisHash": "must be 0x and 64 lower-case hexadecimal digits"},
    ),
    _case(
        "the root network",
        {**_ON_CHAIN, "spec/bittensor/netuid": 0},
        {"spec.bittensor.netuid": "should be greater than or equal to 1"},
    ),
    _case(
        "a hotkey that is no address",
        {**_ON_CHAIN, "spec/bittensor/hotkey": "validator"},
        {"spec.bittensor.hotkey": "must be an SS58 address of 47 or 48 base58 characters"},
    ),
)

_SETTINGS = (
    _case("no schedule and no settings", {"spec/schedule": ABSENT, "spec/weights": {}}),
    _case("a ramp", {"spec/schedule": [_entry(0, a=100), _entry(9, a=95, b=5), _entry(18, a=90, b=10)]}),
    _case(
        "shares that leave something over",
        {"spec/schedule": [_entry(0, a=60, b=39)]},
        {"spec.schedule[0].shares": "percents of an entry must sum to 100"},
    ),
    _case(
        "a schedule that goes back",
        {"spec/schedule": [_entry(9, a=100), _entry(0, a=100)]},
        {"spec.schedule": "entries must ascend by startBlock"},
    ),
    _case(
        "two entries from one block on",
        {"spec/schedule": [_entry(9, a=100), _entry(9, b=100)]},
        {"spec.schedule[1]": "Duplicate value"},
    ),
    _case(
        "a competition twice in an entry",
        {"spec/schedule/0/shares": 2 * [{"competition": "a", "percent": 50}]},
        {"spec.schedule[0].shares[1]": "Duplicate value"},
    ),
    _case(
        "a share of nothing",
        {"spec/schedule": [_entry(0, a=100, b=0)]},
        {"spec.schedule[0].shares[1].percent": "should be greater than or equal to 1"},
    ),
    _case(
        "a competition that is no name",
        {"spec/schedule/0/shares/0/competition": "The Best"},
        {"spec.schedule[0].shares[0].competition": "must be 1 to 63 lower-case letters, digits and '-'"},
    ),
    _case(
        "discovery on a ledger",
        {"spec/discovery": "Enabled"},
        {"spec.discovery": "Enabled needs bittensor: a ledger has no commitments to read"},
    ),
    _case(
        "discovery on a chain", {**_ON_CHAIN, "spec/discovery": "Enabled", "spec/consensusMinStake": "1000.5"}
    ),
    _case(
        "a stake that is no number",
        {"spec/consensusMinStake": "a lot"},
        {"spec.consensusMinStake": "must be a decimal in quotes, such as '12.5'"},
    ),
    _case("an unknown mode", {"spec/weights": {"mode": "Once"}}, {"spec.weights.mode": "Unsupported value"}),
    _case(
        "to burn more than there is",
        {"spec/weights": {"burnPercent": 101}},
        {"spec.weights.burnPercent": "should be less than or equal to 100"},
    ),
    _case(
        "a name that is too long for a label",
        {"metadata/name": 64 * "a"},
        {"metadata.name": "must have at most 63 characters: it becomes a label"},
    ),
)

_UPDATES = (
    _case("a longer schedule", {"spec/schedule": [_entry(0, a=100), _entry(9, b=100)]}, first={}),
    _case("another node of the chain", {"spec/bittensor/network": "test"}, first=_ON_CHAIN),
    _case("other weights", {"spec/weights": {"mode": "Paused"}}, first={}),
    _case("a longer block", {"spec/ledger/blockSeconds": 13}, {"spec.ledger": _ANOTHER}, first={}),
    _case(
        "a chain instead of a ledger",
        _ON_CHAIN,
        {"spec": "cannot change from ledger to bittensor or back: create another Subnet"},
        first={},
    ),
    _case(
        "another chain",
        {"spec/bittensor/genesisHash": "0x" + 64 * "0"},
        {"spec.bittensor.genesisHash": "is immutable: another chain is another Subnet"},
        first=_ON_CHAIN,
    ),
    _case(
        "another netuid", {"spec/bittensor/netuid": 38}, {"spec.bittensor.netuid": _ANOTHER}, first=_ON_CHAIN
    ),
    _case(
        "another mechanism",
        {"spec/bittensor/mechanism": 1},
        {"spec.bittensor.mechanism": _ANOTHER},
        first=_ON_CHAIN,
    ),
    _case(
        "another hotkey",
        {"spec/bittensor/hotkey": BOB},
        {"spec.bittensor.hotkey": "is immutable: create another Subnet for another hotkey"},
        first=_ON_CHAIN,
    ),
)

SUBNET_CASES = _TARGETS + _SETTINGS + _UPDATES
