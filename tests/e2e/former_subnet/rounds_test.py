"""Each example competition runs a whole round, between models of every class that it admits."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from examples.demo.hotkeys import hotkey_of
from tests.cluster.waiting import wait_for
from tests.e2e.contest import condition, is_over, phase_of
from tests.e2e.former_subnet import contenders, repositories
from tests.e2e.former_subnet.overlay import example, installed, miniature
from tests.e2e.installation import Installation, Raw
from tests.e2e.models import Shelf
from tests.examples.former_subnet import COMPETITIONS, SCHEDULE
from tests.hub import Hub, Repositories

pytestmark = pytest.mark.e2e

_SYNC = 5_505_971
"""A sync block of all four cadences (131 more than a multiple of 1,080), after the last change of tasks."""
_BEFORE = 3000
"""Blocks before it at which models are committed: more than any competition's submission delay."""
_EPOCH = 360
_WAIT_SECONDS = 900.0
_API = "podium.dev/v1alpha1"


@dataclass(frozen=True)
class Subnet37:
    """The four competitions on one ledger, whose clock the tests move.

    Attributes:
        rounds: The round of each competition, when it is over.
        submissions: As they were when the rounds were over.
        payment: The weights of the epoch after them.
    """

    podium: Installation = field(repr=False)
    rounds: Mapping[str, Raw]
    submissions: Mapping[str, Raw]
    payment: Raw


@pytest.fixture(scope="module")
def subnet(installed_podium: Installation, hub: Hub, shelf: Shelf) -> Iterator[Subnet37]:
    repositories.fill(shelf.root)
    contenders.fill(shelf.root)
    podium = installed_podium
    _start_ledger(podium, _SYNC - _BEFORE, block_seconds=1)
    for name in COMPETITIONS:
        podium.apply(_competition(podium, hub, name))
    names = [*_submit_all(podium, shelf), "odd"]
    _submit(podium, shelf, "odd", "instruct-8b", contenders.STRANGE_TEMPLATE)
    _wait(podium, lambda: _decided(podium, names), "a verdict on every submission")
    _move_ledger(podium, _SYNC - 2)
    rounds = {
        name: _wait(podium, lambda name=name: _over(podium, f"{name}-{_SYNC}"), f"the round of {name}")
        for name in COMPETITIONS
    }
    submissions = {one["metadata"]["name"]: one for one in podium.all("msub")}
    _move_ledger(podium, (_SYNC // _EPOCH + 1) * _EPOCH)
    payment = _wait(podium, lambda: _paid(podium), "the weights of the next epoch")
    yield Subnet37(podium, rounds, submissions, payment)
    podium.kubectl("delete", "comp,msub", *COMPETITIONS, *names, "--ignore-not-found", "--wait=false")
    podium.kubectl("delete", "subnet", "finetuning", "--ignore-not-found", "--wait=false")


each = pytest.mark.parametrize("name", COMPETITIONS)


@each
def test_every_admitted_model_is_scored(subnet: Subnet37, name: str) -> None:
    round_ = subnet.rounds[name]
    assert phase_of(round_) == "Completed", round_["status"].get("message")
    outcomes = {one["submission"]: (one["outcome"], one.get("reason")) for one in round_["status"]["results"]}
    assert outcomes == {f"{name}-{number}": ("Scored", None) for number in range(len(_admitted(name)))}


@each
def test_samples_are_of_the_tasks_of_that_block_at_a_commit(subnet: Subnet37, name: str) -> None:
    expected = COMPETITIONS[name].tasks[max(COMPETITIONS[name].tasks)]
    prepared = {one["name"]: one for one in subnet.rounds[name]["status"]["samples"]["tasks"]}
    assert set(prepared) == set(expected)
    for task, row in expected.items():
        assert prepared[task]["samples"] == (2 if row.dataset == "instructionFollowing" else 4)
        assert prepared[task]["digest"].startswith("sha256:")
        assert (len(prepared[task].get("revision", "")) == 40) == (row.repository is not None)


@each
def test_a_score_is_there_for_each_task_and_places_follow_the_total(subnet: Subnet37, name: str) -> None:
    status = subnet.rounds[name]["status"]
    tasks = set(COMPETITIONS[name].tasks[max(COMPETITIONS[name].tasks)])
    for result in status["results"]:
        assert {one["name"] for one in result["tasks"]} == tasks
        assert all(("score" in one) != ("reason" in one) for one in result["tasks"])
    assert status["ranking"][0]["place"] == 1
    scores = [float(line["score"]) for line in status["ranking"]]
    assert len(scores) == len(_admitted(name))
    # Who came earlier wins where the difference is smaller than epsilon.
    assert scores[0] * (1 - float(str(COMPETITIONS[name].epsilon["start"]))) < min(scores)


def test_models_of_all_classes_took_part(subnet: Subnet37) -> None:
    found = {one["status"]["architecture"] for one in subnet.submissions.values() if "place" in one["status"]}
    assert found == set(contenders.EVERY_CLASS)


def test_own_templates_are_told_by_name_and_a_strange_one_is_turned_away(subnet: Subnet37) -> None:
    found = {
        one["status"].get("chatTemplate")
        for one in subnet.submissions.values()
        if one["spec"]["competition"] == "instruct-8b" and "place" in one["status"]
    }
    assert {"ChatML", "Llama-3", "Gemma", "Zephyr"} <= found
    odd = subnet.submissions["odd"]
    assert condition(odd, "Accepted")["reason"] == "ChatTemplateUnknown"
    assert "ChatML" in condition(odd, "Accepted")["message"]


def test_the_subnets_schedule_pays_the_last_competition_alone(subnet: Subnet37) -> None:
    assert SCHEDULE[max(SCHEDULE)] == {"distilled-reasoning-3b": 100}
    winner = subnet.rounds["distilled-reasoning-3b"]["status"]["ranking"][0]["hotkey"]
    assert subnet.payment["spec"]["weights"] == [{"hotkey": winner, "share": "1.000000000000000000"}]


def _competition(podium: Installation, hub: Hub, name: str) -> Raw:
    raw = example("competitions", name)
    if name == "instruct-8b":
        patch = example("competitions", "extensions/all-architectures")
        raw["spec"]["constraints"] |= patch["spec"]["constraints"]
    small = miniature(raw, repositories.REPOSITORIES)
    return installed(small, podium.evaluator_image, hub.endpoint)


def _admitted(name: str) -> list[str]:
    """The classes of a competition's models; one competition runs with the extension of the examples."""
    if name == "instruct-8b":
        return list(contenders.EVERY_CLASS)
    return sorted(COMPETITIONS[name].architectures)


def _submit_all(podium: Installation, shelf: Shelf) -> list[str]:
    names = []
    for competition in COMPETITIONS:
        for number, architecture in enumerate(_admitted(competition)):
            names.append(f"{competition}-{number}")
            _submit(podium, shelf, names[-1], competition, contenders.repository_of(architecture))
    return names


def _submit(podium: Installation, shelf: Shelf, name: str, competition: str, repository: str) -> None:
    found = Repositories(shelf.root).find("models", repository)
    assert found is not None
    source = {"huggingFace": {"repository": repository, "revision": found.commit}}
    spec = {"competition": competition, "hotkey": hotkey_of(name), "source": source}
    podium.apply({"apiVersion": _API, "kind": "ModelSubmission", "metadata": {"name": name}, "spec": spec})


# --- the clock -------------------------------------------------------------------------------


def _start_ledger(podium: Installation, block: int, *, block_seconds: int) -> None:
    """The example's ledger, begun at a block; that and the length of a block are the organiser's choice.

    For a while before the round all four competitions can be committed to.
    """
    raw = example("subnets", "ledger")
    together = [{"competition": name, "percent": 25} for name in COMPETITIONS]
    raw["spec"]["schedule"] += [
        {"startBlock": _SYNC - _BEFORE, "shares": together},
        {**raw["spec"]["schedule"][-1], "startBlock": _SYNC - 2},
    ]
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    raw["spec"]["ledger"] = {"genesisTime": now, "startBlock": block, "blockSeconds": block_seconds}
    podium.apply(raw)


def _move_ledger(podium: Installation, block: int) -> None:
    """A ledger cannot be changed, so another takes its place. Commit blocks were recorded before."""
    podium.kubectl("delete", "subnet", "finetuning")
    _start_ledger(podium, block, block_seconds=4)


# --- waiting ---------------------------------------------------------------------------------


# Any: what a look returns once there is something.
def _wait(podium: Installation, look: Any, what: str) -> Any:
    kinds = "comp,msub,round,wu,jobs,pods"
    return wait_for(look, what, _WAIT_SECONDS, every=0.5, explain=lambda: f"\n{podium.kubectl('get', kinds)}")


def _decided(podium: Installation, names: list[str]) -> bool:
    phases = {one["metadata"]["name"]: phase_of(one) for one in podium.all("msub")}
    return all(phases.get(name, "") not in {"", "Waiting", "Fetching"} for name in names)


def _over(podium: Installation, name: str) -> Raw | None:
    found = podium.get("round", name)
    return found if found and is_over(found) else None


def _paid(podium: Installation) -> Raw | None:
    start = (_SYNC // _EPOCH + 1) * _EPOCH
    updates = podium.all("wu", "--field-selector=spec.subnet.name=finetuning")
    found = [one for one in updates if one["spec"]["epoch"]["startBlock"] == start]
    return next((one for one in found if phase_of(one) == "Verified"), None)
