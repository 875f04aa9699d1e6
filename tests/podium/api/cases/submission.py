"""What the API server must say to ModelSubmissions."""

from functools import partial

from tests.podium.api.cases.case import ABSENT, Case
from tests.podium.api.objects import BOB, COMMIT

__all__ = ["SUBMISSION_CASES"]

_case = partial(Case, "ModelSubmission")
_FOLDER = {"spec/source": {"volume": {"claimName": "shelf", "path": "models/alice"}}}
_BAD_PATH = "must be a relative path without '.', '..' or empty parts"
_IMMUTABLE = "is immutable: create another ModelSubmission for another revision"


_SOURCES = (
    _case("a repository at a commit", {}),
    _case("a folder of a volume", _FOLDER),
    _case("a secure hash", {"spec/secureHash": 43 * "A" + "="}),
    _case("no source", {"spec/source": {}}, {"spec.source": "needs exactly one of huggingFace and volume"}),
    _case(
        "two sources",
        {"spec/source/volume": {"claimName": "shelf", "path": "x"}},
        {"spec.source": "needs exactly one of huggingFace and volume"},
    ),
    _case(
        "a branch",
        {"spec/source/huggingFace/revision": "main"},
        {"spec.source.huggingFace.revision": "must be a commit of 40 lower-case hexadecimal digits"},
    ),
    _case(
        "a commit in upper case",
        {"spec/source/huggingFace/revision": COMMIT.upper()},
        {"spec.source.huggingFace.revision": "must be a commit of 40 lower-case hexadecimal digits"},
    ),
    _case(
        "a repository without a namespace",
        {"spec/source/huggingFace/repository": "model"},
        {"spec.source.huggingFace.repository": "must be a repository as namespace/name"},
    ),
    _case(
        "a repository that climbs",
        {"spec/source/huggingFace/repository": "../../etc"},
        {"spec.source.huggingFace.repository": "must be a repository as namespace/name"},
    ),
    *(
        _case(
            f"the path {path!r}",
            {**_FOLDER, "spec/source/volume/path": path},
            {"spec.source.volume.path": _BAD_PATH},
        )
        for path in ("/etc", "a/../../b", "..", "a//b", "a/./b", "a/")
    ),
    _case("a path with dots in a name", {**_FOLDER, "spec/source/volume/path": "v1..2/x"}),
    _case(
        "a claim that is no name",
        {**_FOLDER, "spec/source/volume/claimName": "My Claim"},
        {"spec.source.volume.claimName": "must be the name of an object: a-z, 0-9, '-' and '.'"},
    ),
    _case(
        "a path without end",
        {**_FOLDER, "spec/source/volume/path": 513 * "a"},
        {"spec.source.volume.path": "Too long"},
    ),
)

_OTHERS = (
    _case("no competition", {"spec/competition": ABSENT}, {"spec.competition": "Required value"}),
    _case(
        "a competition that is no name",
        {"spec/competition": "Small"},
        {"spec.competition": "must be 1 to 63 lower-case letters, digits and '-'"},
    ),
    *(
        _case(
            f"the hotkey {hotkey!r}",
            {"spec/hotkey": hotkey},
            {"spec.hotkey": "must be an SS58 address of 47 or 48 base58 characters"},
        )
        for hotkey in ("", "alice", 48 * "0", 46 * "5", 48 * "l")
    ),
    _case(
        "a secure hash that is hexadecimal",
        {"spec/secureHash": 44 * "a"},
        {"spec.secureHash": "must be the base64 of 32 bytes, 44 characters"},
    ),
    _case(
        "a name that is too long for a label",
        {"metadata/name": 64 * "a"},
        {"metadata.name": "must have at most 63 characters and no '.': it becomes a label"},
    ),
    _case(
        "a name with a dot",
        {"metadata/name": "alice.1"},
        {"metadata.name": "must have at most 63 characters and no '.': it becomes a label"},
    ),
)

_UPDATES = (
    *(
        _case(f"another value of {path}", {path: value}, {"spec": _IMMUTABLE}, first={})
        for path, value in {
            "spec/competition": "large",
            "spec/hotkey": BOB,
            "spec/source/huggingFace/revision": 40 * "0",
            "spec/secureHash": 43 * "A" + "=",
        }.items()
    ),
    _case("labels", {"metadata/labels": {"team": "alice"}}, first={}),
    _case("a verdict", {"status/score": "0.25", "status/place": 1}, first={}, status=True),
    _case("the commit block once", {"status/commitBlock": 12}, first={"status": {"place": 1}}, status=True),
    _case(
        "an earlier commit block",
        {"status/commitBlock": 11},
        {"status.commitBlock": "is immutable: who came first decides who is paid"},
        first={"status": {"commitBlock": 12}},
        status=True,
    ),
    _case(
        "to forget the commit block",
        {"status": {"place": 1}},
        {"status.commitBlock": "is immutable: who came first decides who is paid"},
        first={"status": {"commitBlock": 12}},
        status=True,
    ),
    _case(
        "a float as score",
        {"status/score": 0.25},
        {"status.score": "must be of type string"},
        first={},
        status=True,
    ),
    _case(
        "a score that is not finite",
        {"status/score": "nan"},
        {"status.score": "should match"},
        first={},
        status=True,
    ),
    _case(
        "a share of more than the whole",
        {"status/share": "1.5"},
        {"status.share": "should match"},
        first={},
        status=True,
    ),
    _case(
        "a fourth evaluation",
        {
            "status/evaluations": [
                {"round": f"small-{block}", "block": block, "outcome": "Scored", "score": "1e-05"}
                for block in range(4)
            ]
        },
        {"status.evaluations": "Too many"},
        first={},
        status=True,
    ),
    _case(
        "an evaluation by an image that may be another one tomorrow",
        {
            "status/evaluations": [
                {
                    "round": "small-1",
                    "block": 1,
                    "outcome": "Scored",
                    "score": "1",
                    "evaluatorImage": "images.example/evaluator:latest",
                }
            ]
        },
        {"status.evaluations[0].evaluatorImage": "must name the image by digest"},
        first={},
        status=True,
    ),
    _case(
        "a quarantine for an image that may be another one tomorrow",
        {"status/quarantine": "images.example/evaluator:latest"},
        {"status.quarantine": "must name the image by digest"},
        first={},
        status=True,
    ),
    _case(
        "a failure at nobody's fault",
        {"status/failure": {"fault": "Nobody", "reason": "TooLarge", "time": "2026-01-01T00:00:00Z"}},
        {"status.failure.fault": "Unsupported value"},
        first={},
        status=True,
    ),
    _case(
        "a condition twice",
        {
            "status/conditions": 2
            * [
                {
                    "type": "Ready",
                    "status": "True",
                    "reason": "Ranked",
                    "lastTransitionTime": "2026-01-01T00:00:00Z",
                }
            ]
        },
        {"status.conditions[1]": "Duplicate value"},
        first={},
        status=True,
    ),
)

SUBMISSION_CASES = _SOURCES + _OTHERS + _UPDATES
