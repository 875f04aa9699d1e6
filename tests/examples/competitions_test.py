"""The example competitions and subnets say what the former subnet said."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from kubernetes import client, config

from podium.api.competition import Competition
from podium.api.subnet import Subnet
from podium_evaluator.models.table import ARCHITECTURES
from tests.cluster.access import ClusterAccess
from tests.examples.former_subnet import COMPETITIONS, SCHEDULE, Expected, TaskRow

EXAMPLES = Path(__file__).parents[2] / "examples"
_SETTINGS = (
    "answerBy",
    "minimumSamples",
    "minimumWords",
    "maximumWords",
    "refusals",
    "rules",
    "systemPrompt",
)

Raw = dict[str, Any]  # Any: the JSON of a Kubernetes object

each = pytest.mark.parametrize(("name", "expected"), COMPETITIONS.items(), ids=list(COMPETITIONS))
each_subnet = pytest.mark.parametrize("name", ["ledger", "historical"])


def _read(folder: str, name: str) -> Raw:
    raw: Raw = yaml.safe_load((EXAMPLES / folder / f"{name}.yaml").read_text(encoding="utf-8"))
    return raw


def _row(task: Raw) -> TaskRow:
    """What a task of an example says, defaults of the schema left out."""
    ((dataset, values),) = task["dataset"].items()
    said = {**values, **task}
    return TaskRow(
        task["weight"],
        task["method"],
        dataset,
        values.get("repository"),
        values["samples"],
        task.get("normalization", {}).get("ceiling"),
        tuple((key, said[key]) for key in _SETTINGS if key in said),
    )


def test_there_is_a_file_for_each_competition_and_no_other() -> None:
    assert {path.stem for path in (EXAMPLES / "competitions").glob("*.yaml")} == set(COMPETITIONS)


@each
def test_constraints_are_the_former_ones(name: str, expected: Expected) -> None:
    constraints = _read("competitions", name)["spec"]["constraints"]
    low, high = expected.parameters
    assert constraints.pop("architectures") == sorted(expected.architectures)
    assert constraints == {
        "parameters": {"min": low, "max": high},
        "sequenceLength": expected.sequence_length,
        "tokenizer": expected.tokenizer,
        "maxBytes": expected.max_bytes,
        "norms": {"soft": "200", "softFraction": "0.15", "hard": "1000"},
    }


@each
def test_rounds_and_ranking_are_the_former_ones(name: str, expected: Expected) -> None:
    spec = _read("competitions", name)["spec"]
    rounds, ranking = spec["rounds"], spec["ranking"]
    assert (spec["competitionId"], rounds["everyBlocks"]) == (expected.number, expected.every_blocks)
    assert rounds["syncOffsetBlock"] == 3_138_611 % expected.every_blocks
    assert (rounds["submissionDelayBlocks"], rounds["keepTop"]) == (expected.delay, expected.keep_top)
    assert ranking["epsilon"] == expected.epsilon
    assert (ranking["selection"], ranking.get("temperature")) == expected.selection
    assert tuple(ranking["movingAverage"].values()) == expected.average


@each
def test_tasks_over_time_are_the_former_ones(name: str, expected: Expected) -> None:
    schedule = _read("competitions", name)["spec"]["taskSchedule"]
    found = {
        entry["startBlock"]: {task["name"]: _sorted(_row(task)) for task in entry["tasks"]}
        for entry in schedule
    }
    assert found == {
        block: {task: _sorted(row) for task, row in tasks.items()} for block, tasks in expected.tasks.items()
    }


@each
def test_a_competition_is_read_as_it_is_written(name: str, expected: Expected) -> None:
    raw = _read("competitions", name)
    parsed = Competition.model_validate(raw).stored()["spec"]
    assert _within(raw["spec"], parsed), "the schema knows every key of the example"
    assert parsed["constraints"]["dtype"] == "BFloat16"
    assert parsed["ranking"]["cloneFilter"] == "Off"


@each_subnet
def test_shares_over_time_are_the_former_ones(name: str) -> None:
    raw = _read("subnets", name)
    found = {
        entry["startBlock"]: {one["competition"]: one["percent"] for one in entry["shares"]}
        for entry in raw["spec"]["schedule"]
    }
    assert found == SCHEDULE
    assert _within(raw["spec"], Subnet.model_validate(raw).stored()["spec"])


def test_the_historical_subnet_sends_nothing_and_says_so() -> None:
    text = (EXAMPLES / "subnets/historical.yaml").read_text(encoding="utf-8")
    spec = _read("subnets", "historical")["spec"]
    assert text.startswith("# Historical.")
    assert (spec["weights"]["mode"], spec["bittensor"]["netuid"]) == ("DryRun", 37)


def test_the_extension_admits_every_architecture_of_the_table() -> None:
    patch = _read("competitions", "extensions/all-architectures")
    assert patch == {"spec": {"constraints": {"architectures": sorted(ARCHITECTURES)}}}


@pytest.fixture
def objects(control_plane: ClusterAccess) -> Iterator[client.CustomObjectsApi]:
    with config.new_client_from_config(str(control_plane.kubeconfig)) as connection:
        yield client.CustomObjectsApi(connection)


@pytest.mark.cluster
@pytest.mark.parametrize(
    ("plural", "path"),
    [("competitions", f"competitions/{name}") for name in COMPETITIONS]
    + [("subnets", f"subnets/{name}") for name in ("ledger", "historical")],
)
def test_the_api_server_accepts(
    objects: client.CustomObjectsApi, namespace: str, plural: str, path: str
) -> None:
    folder, name = path.split("/")
    sent = _read(folder, name)
    stored = objects.create_namespaced_custom_object(
        "podium.dev", "v1alpha1", namespace, plural, sent, field_validation="Strict"
    )
    assert _within(sent["spec"], stored["spec"]), "nothing was pruned"


def _sorted(row: TaskRow) -> TaskRow:
    return TaskRow(
        row.weight,
        row.method,
        row.dataset,
        row.repository,
        row.samples,
        row.ceiling,
        tuple(sorted(row.more, key=str)),
    )


def _within(part: object, whole: object) -> bool:
    """Whether everything that `part` says is in `whole`; quantities may be spelled as texts."""
    match part, whole:
        case dict(), dict():
            return all(key in whole and _within(value, whole[key]) for key, value in part.items())
        case list(), list():
            return len(part) == len(whole) and all(map(_within, part, whole))
        case _:
            return str(part) == str(whole)
