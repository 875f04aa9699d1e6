"""One valid object of each kind, to be changed by cases."""

from typing import Any

__all__ = ["ALICE", "BOB", "COMMIT", "DIGEST", "HASH", "IMAGE", "VALID"]

ALICE = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
BOB = "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
DIGEST = "sha256:" + 64 * "a"
HASH = "0x" + 64 * "b"
IMAGE = "images.example/podium/evaluator@sha256:" + 64 * "c"

# Any, here and below: the JSON of Kubernetes objects.
_TASK: dict[str, Any] = {
    "name": "word-sorting",
    "weight": "1",
    "method": "ReferenceLoss",
    "dataset": {"wordSorting": {"samples": 100}},
    "normalization": {"kind": "InverseExponential", "ceiling": "40"},
}
_TOKENIZER = {"policy": "Fixed", "repository": "organiser/tokenizer", "revision": COMMIT}
_RANKING = {"epsilon": {"kind": "LinearDecay", "start": "0.05", "end": "0.01", "blocks": 36000}}
_EVALUATOR = {"image": IMAGE, "resources": {"limits": {"cpu": 4, "memory": "32Gi", "nvidia.com/gpu": 1}}}

VALID: dict[str, dict[str, Any]] = {
    "Subnet": {
        "spec": {
            "ledger": {"blockSeconds": 12},
            "schedule": [{"startBlock": 0, "shares": [{"competition": "small", "percent": 100}]}],
        }
    },
    "Competition": {
        "spec": {
            "subnet": "main",
            "competitionId": 4,
            "constraints": {
                "parameters": {"min": 3_200_000_000, "max": 3_400_000_000},
                "sequenceLength": 4096,
                "architectures": ["LlamaForCausalLM", "Gemma2ForCausalLM"],
                "tokenizer": _TOKENIZER,
                "maxBytes": 15 * 2**30,
                "norms": {"soft": "200", "softFraction": "0.15", "hard": "1000"},
            },
            "rounds": {"everyBlocks": 360, "deadlineBlocks": 300},
            "taskSchedule": [{"startBlock": 0, "tasks": [_TASK]}],
            "ranking": _RANKING,
            "evaluator": _EVALUATOR,
            "store": {"claimName": "store", "maxBytes": 2**40},
            "volumeClaims": ["shelf"],
        }
    },
    "ModelSubmission": {
        "spec": {
            "competition": "small",
            "hotkey": ALICE,
            "source": {"huggingFace": {"repository": "alice/model", "revision": COMMIT}},
        }
    },
    "Round": {
        "spec": {
            "competition": {"name": "small", "uid": "7d9b", "generation": 1},
            "block": 720,
            "seed": 64 * "d",
            "deadlineBlock": 1020,
            "tasks": [_TASK],
            "tokenizer": _TOKENIZER,
            "sequenceLength": 4096,
            "ranking": _RANKING,
            "evaluator": _EVALUATOR,
            "previousAverage": [{"hotkey": BOB, "share": "1.000000000000000000"}],
            "contenders": [
                {
                    "submission": "alice-1",
                    "submissionUID": "11aa",
                    "hotkey": ALICE,
                    "manifestDigest": DIGEST,
                    "commitBlock": 12,
                },
                {"submission": "bob-1", "submissionUID": "22bb", "hotkey": BOB, "commitBlock": 13},
            ],
        }
    },
    "WeightUpdate": {
        "spec": {
            "subnet": {"name": "main", "uid": "99ff"},
            "target": {"ledger": {"blockSeconds": 12}},
            "epoch": {"startBlock": 720, "endBlock": 1079},
            "validUntilBlock": 1079,
            "weights": [
                {"hotkey": ALICE, "share": "0.600000000000000000"},
                {"hotkey": BOB, "share": "0.300000000000000000"},
            ],
            "burnShare": "0.100000000000000000",
            "inputs": [
                {
                    "competition": "small",
                    "percent": "100",
                    "round": {"name": "small-720", "uid": "33cc", "block": 720},
                    "average": [{"hotkey": ALICE, "share": "1"}],
                    "payable": [{"hotkey": ALICE, "share": "1"}],
                }
            ],
        }
    },
}
