"""What the API server must say to WeightUpdates."""

from functools import partial

from tests.podium.api.cases.case import ABSENT, Case
from tests.podium.api.objects import ALICE, BOB, HASH

__all__ = ["WEIGHT_UPDATE_CASES"]

_case = partial(Case, "WeightUpdate")
_status = partial(Case, "WeightUpdate", status=True)
_IMMUTABLE = "is immutable: other weights are another WeightUpdate"
_SUM = "must sum to 1 with burnShare"
_CHAIN = {"network": "finney", "genesisHash": HASH, "netuid": 37, "hotkey": ALICE}

_SPEC = (
    _case("weights on a ledger", {}),
    _case("weights on a chain", {"spec/target": {"bittensor": _CHAIN}}),
    _case("to burn everything", {"spec/weights": [], "spec/burnShare": "1.000000000000000000"}),
    _case("a third of the reward", {"spec/inputs/0/percent": "33.333333333333333333"}),
    _case("no target", {"spec/target": {}}, {"spec.target": "needs exactly one of ledger and bittensor"}),
    _case(
        "an epoch that ends before it starts",
        {"spec/epoch/endBlock": 719},
        {"spec.epoch.endBlock": "must not be before startBlock"},
    ),
    _case(
        "weights that were never valid",
        {"spec/validUntilBlock": 719},
        {"spec.validUntilBlock": "must not be before epoch.startBlock"},
    ),
    _case("weights of more than the whole", {"spec/burnShare": "0.2"}, {"spec.weights": _SUM}),
    _case("weights of less than the whole", {"spec/burnShare": ABSENT}, {"spec.weights": _SUM}),
    _case("a hotkey twice", {"spec/weights/1/hotkey": ALICE}, {"spec.weights[1]": "Duplicate value"}),
    _case("a share that is a float", {"spec/burnShare": 0.1}, {"spec.burnShare": "must be of type string"}),
    _case("a share with 19 digits", {"spec/burnShare": "0.1" + 18 * "0"}, {"spec.burnShare": "Too long"}),
    _case(
        "a percentage above 100", {"spec/inputs/0/percent": "101"}, {"spec.inputs[0].percent": "should match"}
    ),
    _case("weights to be paused", {"spec/mode": "Paused"}, {"spec.mode": "Unsupported value"}),
    _case(
        "other weights", {"spec/weights/0/hotkey": BOB.replace("ty", "tz")}, {"spec": _IMMUTABLE}, first={}
    ),
    _case("a later end", {"spec/validUntilBlock": 9999}, {"spec": _IMMUTABLE}, first={}),
)

_ATTEMPT = {"nonce": 7, "era": {"birthBlock": 720, "deathBlock": 784}, "bytes": "0x00ff", "hash": HASH}
_NEXT = {**_ATTEMPT, "hash": "0x" + 64 * "c", "bytes": "0x00fe"}
_STORED = {"status": {"phase": "Signed", "attempts": [_ATTEMPT]}}
_SPENT = {"nonce": 7, "block": 800, "reason": "ForeignExtrinsic"}
_ENDED = {"status": {**_STORED["status"], "spentNonces": [_SPENT]}}

_STATUS = (
    _status("the ledger's record", {"status": {"phase": "Verified", "recordedBlock": 721}}, first={}),
    _status("signed bytes", _STORED, first={}),
    _status("other bytes of the same nonce", {"status/attempts": [_ATTEMPT, _NEXT]}, first=_STORED),
    _status(
        "a second nonce",
        {"status/attempts": [_ATTEMPT, {**_NEXT, "nonce": 8}]},
        {
            "status.attempts": "every attempt must have the nonce of the last unless its own is spent:"
            " two nonces could pay twice"
        },
        first=_STORED,
    ),
    _status(
        "a second nonce after the first was spent",
        {"status/attempts": [_ATTEMPT, {**_NEXT, "nonce": 8}], "status/spentNonces": [_SPENT]},
        first=_STORED,
    ),
    _status(
        "to forget that a nonce was spent",
        {"status/spentNonces": []},
        {"status.spentNonces": "a spent nonce stays spent"},
        first=_ENDED,
    ),
    _status(
        "another reason for a spent nonce",
        {"status/spentNonces/0/reason": "Other"},
        {"status.spentNonces[0]": "does not change: what is spent stays spent"},
        first=_ENDED,
    ),
    _status(
        "other bytes under a stored hash",
        {"status/attempts/0/bytes": "0x01"},
        {"status.attempts[0]": "a stored attempt does not change: only its bytes are ever sent"},
        first=_STORED,
    ),
    _status(
        "to forget an attempt",
        {"status/attempts": [_NEXT]},
        {"status.attempts": "a stored attempt is never removed"},
        first=_STORED,
    ),
    _status(
        "bytes that are no bytes",
        {"status/attempts": [{**_ATTEMPT, "bytes": "0x0"}]},
        {"status.attempts[0].bytes": "should match"},
        first={},
    ),
    _status(
        "another record",
        {"status/recordedBlock": 722},
        {"status.recordedBlock": "is immutable"},
        first={"status/recordedBlock": 721},
    ),
    *(
        _status(
            f"a way back from {phase}",
            {"status/phase": "Pending"},
            {"status.phase": "is final: Verified, Expired, Refused and Skipped do not change"},
            first={"status/phase": phase},
        )
        for phase in ("Verified", "Expired", "Refused", "Skipped")
    ),
    _status(
        "a weight of more than 16 bits",
        {"status/vector": [{"uid": 1, "weight": 65536}]},
        {"status.vector[0].weight": "should be less than or equal to 65535"},
        first={},
    ),
)

WEIGHT_UPDATE_CASES = _SPEC + _STATUS
