"""The largest objects that the schemas allow, against the API server's and etcd's own limits."""

from collections.abc import Iterator
from typing import Any

import pytest
from kubernetes import client, config

from podium.api.base import MAX_AVERAGE, MAX_CONTENDERS
from podium.core.environments import MOST_ENVIRONMENTS
from podium.core.quoting import QUOTED_CHARACTERS
from tests.cluster.access import ClusterAccess
from tests.podium.api.cases.case import changed, valid
from tests.podium.api.objects import ALICE, DIGEST, HASH
from tests.podium.api.server import Server

pytestmark = pytest.mark.cluster

_TASKS = 14
"""Of names of 63 characters: more do not fit into a pod's result."""
_SCORE = "-1.2345678901234567e-300"

# Any, here and below: the JSON of Kubernetes objects.
Items = list[dict[str, Any]]


@pytest.fixture
def server(control_plane: ClusterAccess, namespace: str) -> Iterator[Server]:
    with config.new_client_from_config(str(control_plane.kubeconfig)) as connection:
        yield Server(client.CustomObjectsApi(connection), namespace)


def test_a_round_of_the_most_contenders_and_tasks_is_stored_and_finished(server: Server) -> None:
    contenders = [
        {**_submission(number), "hotkey": _hotkey(number), "manifestDigest": DIGEST, "commitBlock": number}
        for number in range(MAX_CONTENDERS)
    ]
    spec = {
        "spec/tasks": _tasks(hotkeys=64),
        "spec/tokenizer/templates": [{"name": f"own-{number}", "text": 8192 * "t"} for number in range(4)],
        "spec/contenders": contenders,
        "spec/previousAverage": _average(),
    }
    stored = server.create(changed(valid("Round"), spec.items()))
    results, environments = _results(), _environments()
    first = {
        "phase": "Evaluating",
        "results": results,
        "reference": results[0],
        "environments": environments,
        "samples": _samples(),
    }
    stored = server.replace({**stored, "status": first}, status=True)
    last = {
        **first,
        "phase": "Completed",
        "ranking": _ranking(),
        "movingAverage": _average(),
        "environment": environments[0]["values"],
        "comparison": [
            {
                "submission": _long("model", number),
                "incumbent": _long("model", 127),
                "verdict": "Inconclusive",
                **dict.fromkeys(("difference", "low", "high"), _SCORE),
                "level": "0.999606",
            }
            for number in range(8)
        ],
    }
    assert server.replace({**stored, "status": last}, status=True)["status"] == last


def test_an_update_of_the_most_hotkeys_and_competitions_is_stored_and_signed(server: Server) -> None:
    weights = _average()
    source = valid("WeightUpdate")["spec"]["inputs"][0]
    inputs = [
        {**source, "competition": _long("comp", number), "average": weights[:128], "payable": weights[:128]}
        for number in range(32)
    ]
    burn = "0." + f"{10**18 - MAX_AVERAGE * 10**14:018d}"
    spec = {"spec/weights": weights, "spec/burnShare": burn, "spec/inputs": inputs}
    stored = server.create(changed(valid("WeightUpdate"), spec.items()))
    attempts = [
        {
            "nonce": 7,
            "era": {"birthBlock": 720, "deathBlock": 784},
            "bytes": "0x" + 20_000 * "ab",
            "hash": HASH[:-1] + str(number),
        }
        for number in range(8)
    ]
    first = {
        "phase": "Signed",
        "uids": [{"hotkey": _hotkey(number), "uid": number} for number in range(MAX_AVERAGE)],
        "vector": [{"uid": number, "weight": 65535} for number in range(MAX_AVERAGE)],
        "attempts": attempts,
    }
    stored = server.replace({**stored, "status": first}, status=True)
    last = {**first, "phase": "Verified"}
    assert server.replace({**stored, "status": last}, status=True)["status"] == last


def test_a_competition_of_the_longest_schedule_is_stored(server: Server) -> None:
    schedule = [{"startBlock": block, "tasks": _tasks()} for block in range(32)]
    stored = server.create(changed(valid("Competition"), [("spec/taskSchedule", schedule)]))
    assert len(server.replace(stored, status=False)["spec"]["taskSchedule"]) == 32


def _long(word: str, number: int) -> str:
    """A name of 63 characters."""
    return f"{word}-{number:0{62 - len(word)}d}"


def _hotkey(number: int) -> str:
    digits = f"{number:04d}".translate(str.maketrans("0", "z"))
    return ALICE[:-4] + digits


def _average() -> Items:
    return [{"hotkey": _hotkey(number), "share": "0.000100000000000000"} for number in range(MAX_AVERAGE)]


def _submission(number: int) -> dict[str, Any]:
    return {"submission": _long("model", number), "submissionUID": f"{number:036d}"}


def _tasks(hotkeys: int = 0) -> Items:
    names = [f"{ALICE[:-2]}{first}{second}" for first in "ABCDEFGH" for second in "12345678"]
    rows = {"samples": 100, "repository": "organiser/rows", "revision": 40 * "a", "hotkeys": names[:hotkeys]}
    task = {"method": "MultipleChoice", "dataset": {"syntheticMmlu": rows}}
    weights = ["0.07"] * (_TASKS - 1) + [f"{1 - 0.07 * (_TASKS - 1):.2f}"]
    return [
        {**task, "name": _long("task", number), "weight": weight} for number, weight in enumerate(weights)
    ]


def _results() -> Items:
    """Of models that made their pods say as much as they may, in letters that are stored as six."""
    said = {"reason": "DegenerateOutput", "message": QUOTED_CHARACTERS // _TASKS * "<"}
    scores = [{"name": _long("task", number), **said} for number in range(_TASKS)]
    outcome = {
        "outcome": "Failed",
        "fault": "Submission",
        "reason": "DegenerateOutput",
        "message": QUOTED_CHARACTERS * "<",
        "evidence": _long("evidence", 0),
        "attempts": 10,
        "disruptions": 5,
        "ends": 15 * ["ContainerNotCreated"],
        "environment": f"{0:016x}",
    }
    return [
        {**_submission(number), **outcome, "evidenceDigest": DIGEST, "tasks": scores}
        for number in range(MAX_CONTENDERS)
    ]


def _environments() -> Items:
    """As many as a round has room for, with the longest values."""
    values = {f"{number:02d}": 128 * "<" for number in range(16)}
    return [{"name": f"{number:016x}", "values": values} for number in range(MOST_ENVIRONMENTS)]


def _ranking() -> Items:
    line = {"score": _SCORE, "wins": 1, "winRate": "0.007874", "share": "0.000000000000000000"}
    return [
        {
            "submission": _submission(number)["submission"],
            "hotkey": _hotkey(number),
            "place": number + 1,
            **line,
        }
        for number in range(MAX_CONTENDERS)
    ]


def _samples() -> dict[str, Any]:
    drawn = {"samples": 100, "dropped": 10_000, "revision": 40 * "a", "digest": DIGEST}
    tasks = [{"name": _long("task", number), **drawn} for number in range(_TASKS)]
    return {"digest": DIGEST, "tasks": tasks}
