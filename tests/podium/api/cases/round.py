"""What the API server must say to Rounds."""

from functools import partial
from typing import Any

from tests.podium.api.cases.case import ABSENT, Case
from tests.podium.api.objects import ALICE, BOB, DIGEST, HASH

__all__ = ["ROUND_CASES"]

_case = partial(Case, "Round")
_status = partial(Case, "Round", status=True)
_IMMUTABLE = "is immutable: a Round is evaluated as it was created"

_SPEC = (
    _case("a round on a ledger", {}),
    _case("a round on a chain", {"spec/blockHash": HASH}),
    _case(
        "a round with a reference",
        {"spec/reference": {"source": {"volume": {"claimName": "s", "path": "r"}}, "manifestDigest": DIGEST}},
    ),
    _case("no contenders", {"spec/contenders": []}, {"spec.contenders": "at least 1 items"}),
    _case(
        "a contender twice",
        {"spec/contenders/1/submission": "alice-1"},
        {"spec.contenders[1]": "Duplicate value"},
    ),
    _case(
        "more contenders than fit",
        {
            "spec/contenders": [
                {"submission": f"s-{number}", "submissionUID": "u", "hotkey": ALICE, "commitBlock": 1}
                for number in range(129)
            ]
        },
        {"spec.contenders": "Too many"},
    ),
    _case("a seed that is a number", {"spec/seed": "42"}, {"spec.seed": "should match"}),
    _case(
        "an average of more than the whole",
        {"spec/previousAverage/0/share": "1.1"},
        {"spec.previousAverage[0].share": "should match"},
    ),
    _case(
        "a hotkey twice in an average",
        {"spec/previousAverage": 2 * [{"hotkey": BOB, "share": "0.5"}]},
        {"spec.previousAverage[1]": "Duplicate value"},
    ),
    _case("another seed", {"spec/seed": 64 * "0"}, {"spec": _IMMUTABLE}, first={}),
    _case("one contender less", {"spec/contenders/1": ABSENT}, {"spec": _IMMUTABLE}, first={}),
    _case("a later deadline", {"spec/deadlineBlock": 9999}, {"spec": _IMMUTABLE}, first={}),
)


def _result(**more: Any) -> dict[str, Any]:  # Any: the JSON of Kubernetes objects
    return {"submission": "alice-1", "submissionUID": "11aa", **more}


_SCORED = _result(outcome="Scored", score="0.25", evidence="evidence-1", evidenceDigest=DIGEST)
_FINAL = "is final: Completed, Abandoned and Failed do not change"
_RECORDED = "a recorded outcome and its evidence do not change"

_STATUS = (
    _status("a result in the making", {"status/results": [_result(attempts=1)]}, first={}),
    _status(
        "a first outcome", {"status/results": [_SCORED]}, first={"status/results": [_result(attempts=1)]}
    ),
    _status(
        "a second contender's outcome",
        {"status/results": [_SCORED, {**_SCORED, "submission": "bob-1", "submissionUID": "22bb"}]},
        first={"status/results": [_SCORED]},
    ),
    _status("an end", {"status/phase": "Completed"}, first={"status/phase": "Evaluating"}),
    _status(
        "an end twice",
        {"status/message": "all contenders have an outcome"},
        first={"status/phase": "Completed"},
    ),
    *(
        _status(
            f"a way back from {phase}",
            {"status/phase": "Evaluating"},
            {"status.phase": _FINAL},
            first={"status/phase": phase},
        )
        for phase in ("Completed", "Abandoned", "Failed")
    ),
    _status("an unknown phase", {"status/phase": "Running"}, {"status.phase": "Unsupported value"}, first={}),
    _status(
        "another outcome",
        {"status/results/0/outcome": "Missing"},
        {"status.results[0]": _RECORDED},
        first={"status/results": [_SCORED]},
    ),
    _status(
        "other evidence",
        {"status/results/0/evidenceDigest": "sha256:" + 64 * "0"},
        {"status.results[0]": _RECORDED},
        first={"status/results": [_SCORED]},
    ),
    _status(
        "to forget a result",
        {"status/results": []},
        {"status.results": "a recorded result is never removed"},
        first={"status/results": [_SCORED]},
    ),
    _status(
        "a score of nothing",
        {"status/results": [_result(outcome="Scored")]},
        {"status.results[0].outcome": "outcome Scored needs a score"},
        first={},
    ),
    _status(
        "an infinite score",
        {"status/results": [{**_SCORED, "score": "inf"}]},
        {"status.results[0].score": "should match"},
        first={},
    ),
)

ROUND_CASES = _SPEC + _STATUS
