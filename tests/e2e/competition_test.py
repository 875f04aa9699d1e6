"""A competition from submissions to weights, as its participants and its organiser see it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from examples.demo.hotkeys import hotkey_of
from tests.e2e.conftest import NewContest
from tests.e2e.contest import Contest, condition, is_over
from tests.e2e.forwarding import forwarded
from tests.e2e.installation import Raw
from tests.e2e.prometheus import samples_of

pytestmark = pytest.mark.e2e

# Committed within a second or two, so in any order: who comes first is no better for it.
_HONEST = {
    "alice": "strangers/burning",
    "bob": "strangers/warm",
    "carol": "strangers/uniform",
    "dave": "strangers/hot",
}
_ORDER = ["carol", "bob", "dave", "alice"]
_COPY = {"eve": "thieves/uniform"}
_BROKEN = {
    "mallory-truncated": ("strangers/truncated", "SafetensorsTruncated"),
    "mallory-pickled": ("strangers/pickled", "NoSafetensors"),
    "mallory-large": ("strangers/large", "TooLarge"),
    "mallory-rewritten": ("strangers/uniform", "RevisionNotFound"),
}
_ELSEWHERE = "0" * 40
_REFERENCE = "strangers/uniform"


@dataclass(frozen=True)
class Story:
    """A competition whose first round is over and paid.

    Attributes:
        during: A pod that was evaluating a model.
    """

    contest: Contest
    round: Raw
    payment: Raw
    during: Raw

    def submission(self, name: str) -> Raw:
        return self.contest.submission(name)


@pytest.fixture(scope="module")
def story(new_contest: NewContest) -> Iterator[Story]:
    contest = new_contest("open", reference=_REFERENCE)
    for name, repository in _HONEST.items():
        contest.submit(name, repository)
    contest.wait_for_next_block()
    for name, repository in _COPY.items():
        contest.submit(name, repository)
    for name, (repository, _) in _BROKEN.items():
        contest.submit(name, repository, _ELSEWHERE if name == "mallory-rewritten" else None)
    contest.wait_for_verdicts(*_HONEST, *_COPY, *_BROKEN)
    name = contest.open_round()
    during = contest.wait(lambda: _evaluating(contest), "a model is evaluated", 300.0)
    ended = contest.wait_for_round(name, is_over)
    yield Story(contest, ended, contest.wait_for_payment(name), during)
    contest.end()


def _evaluating(contest: Contest) -> Raw | None:
    return next(iter(contest.objects("pods", "evaluate")), None)


# --- submissions -----------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "reason"), [(name, reason) for name, (_, reason) in _BROKEN.items()])
def test_a_broken_submission_is_turned_away_with_its_reason(story: Story, name: str, reason: str) -> None:
    found = story.submission(name)
    assert found["status"]["phase"] == "Rejected"
    assert condition(found, "Accepted")["reason"] == reason
    assert found["status"]["failure"]["fault"] == "Submission"
    assert not found["status"]["failure"]["retriable"]


def test_a_copy_is_turned_away_and_told_what_it_copies(story: Story) -> None:
    found = story.submission("eve")
    assert found["status"]["phase"] == "Rejected"
    assert found["status"]["duplicateOf"] == "carol"
    accepted = condition(found, "Accepted")
    assert accepted["reason"] == "Duplicate"
    assert "carol" in accepted["message"]


def test_the_others_take_part_as_if_nothing_had_happened(story: Story) -> None:
    for name in _HONEST:
        found = story.submission(name)
        assert [condition(found, kind)["status"] for kind in ("Accepted", "Fetched", "Evaluated")] == [
            "True",
            "True",
            "True",
        ]


# --- the round -------------------------------------------------------------------------------


def test_models_are_ranked_in_the_order_that_they_were_made_with(story: Story) -> None:
    ranking = story.round["status"]["ranking"]
    assert story.round["status"]["phase"] == "Completed"
    assert [one["submission"] for one in ranking] == _ORDER
    assert [one["wins"] for one in ranking] == [3, 2, 1, 0]
    assert all(float(better["score"]) < float(worse["score"]) for better, worse in pairwise(ranking))


def test_the_organisers_own_model_was_scored_and_has_no_place(story: Story) -> None:
    reference = story.round["status"]["reference"]
    (carol,) = [one for one in story.round["status"]["results"] if one["submission"] == "carol"]
    assert (reference["outcome"], reference["score"]) == ("Scored", carol["score"])
    assert {one["submission"] for one in story.round["status"]["results"]} == set(_HONEST)


def test_a_model_that_knows_nothing_loses_the_logarithm_of_the_vocabulary(story: Story) -> None:
    (carol,) = [one for one in story.round["status"]["results"] if one["submission"] == "carol"]
    # ln 320, of a bfloat16 model in any task.
    assert [float(one["score"]) for one in carol["tasks"]] == pytest.approx([5.7683, 5.7683], abs=1e-3)


def test_every_contender_is_evaluated_once(story: Story) -> None:
    assert [(one["outcome"], one["attempts"]) for one in story.round["status"]["results"]] == 4 * [
        ("Scored", 0)
    ]


def test_the_evidence_of_each_score_is_kept_with_the_round(story: Story) -> None:
    for result in story.round["status"]["results"]:
        kept = story.contest.podium.get("configmap", result["evidence"])
        (owner,) = kept["metadata"]["ownerReferences"]
        assert kept["immutable"] is True
        assert (owner["kind"], owner["uid"]) == ("Round", story.round["metadata"]["uid"])


def test_no_jobs_are_left(story: Story) -> None:
    story.contest.wait(lambda: {"none": not story.contest.objects("jobs")}, "no Jobs are left", 60.0)
    assert story.contest.objects("jobs") == []


# --- isolation -------------------------------------------------------------------------------


def test_evaluate_pods_were_shown_to_reach_nothing(story: Story) -> None:
    isolated = condition(story.contest.podium.get("comp", story.contest.name), "Isolated")
    assert (isolated["status"], isolated["reason"]) == ("True", "NothingReachable")


def test_an_evaluate_pod_has_no_identity_and_no_secret(story: Story) -> None:
    spec = story.during["spec"]
    (container,) = spec["containers"]
    assert spec["automountServiceAccountToken"] is False
    assert spec["runtimeClassName"] == "isolated"
    assert {kind for volume in spec["volumes"] for kind in volume} == {
        "name",
        "emptyDir",
        "persistentVolumeClaim",
    }
    assert not any("valueFrom" in one for one in container["env"])


def test_an_evaluate_pod_sees_its_model_and_the_samples_only(story: Story) -> None:
    (container,) = story.during["spec"]["containers"]
    stored = [one for one in container["volumeMounts"] if one["name"] == "store"]
    assert {one["mountPath"] for one in stored} == {"/model", "/samples"}
    assert all(one["readOnly"] and one["subPath"] for one in stored)


# --- weights ---------------------------------------------------------------------------------


def test_the_winner_is_paid(story: Story) -> None:
    (weight,) = story.payment["spec"]["weights"]
    assert (weight["hotkey"], float(weight["share"])) == (hotkey_of("carol"), 1.0)
    (source,) = story.payment["spec"]["inputs"]
    assert source["round"]["uid"] == story.round["metadata"]["uid"]


# --- what people see -------------------------------------------------------------------------


def test_the_leaderboard_shows_places_and_who_was_turned_away(story: Story) -> None:
    lines = story.contest.podium.podium("leaderboard", story.contest.name).splitlines()
    words = [line.split() for line in lines if line]
    assert words[1] == ["PLACE", "SUBMISSION", "SCORE", "SHARE", "ROUND", "STATUS"]
    assert [row[:2] for row in words[2:6]] == [[str(place), name] for place, name in enumerate(_ORDER, 1)]
    turned_away = {row[1]: row[-1] for row in words[6:]}
    assert turned_away == {"eve": "Duplicate"} | {name: reason for name, (_, reason) in _BROKEN.items()}


def test_an_explanation_gives_reasons(story: Story) -> None:
    explain = story.contest.podium.podium
    assert "place 1; share of the moving average 1" in explain("explain", "msub/carol")
    assert "SafetensorsTruncated" in explain("explain", "msub/mallory-truncated")
    assert "carol leads" in explain("explain", f"comp/{story.contest.name}")
    assert "place 4: alice beat 0" in explain("explain", f"round/{story.round['metadata']['name']}")
    paid = explain("explain", f"wu/{story.payment['metadata']['name']}")
    assert f"from the average after {story.round['metadata']['name']}" in paid


@pytest.mark.parametrize(
    ("kind", "selector", "row"),
    [
        ("comp", "", ("PHASE", "Ready", "LEADER", "carol")),
        ("msub", "metadata.name=bob", ("PHASE", "Ranked", "PLACE", "2")),
        ("msub", "metadata.name=mallory-large", ("PHASE", "Rejected", "REASON", "TooLarge")),
        ("round", "", ("PHASE", "Completed", "WINNER", "carol")),
    ],
    ids=["competition", "ranked submission", "rejected submission", "round"],
)
def test_kubectl_get_tells_the_story(story: Story, kind: str, selector: str, row: tuple[str, ...]) -> None:
    chosen = {"comp": f"metadata.name={story.contest.name}"}.get(kind, selector)
    chosen = chosen or f"metadata.name={story.round['metadata']['name']}"
    header, *rows = story.contest.podium.kubectl("get", kind, f"--field-selector={chosen}").splitlines()
    assert len(rows) == 1
    columns = dict(zip(row[::2], row[1::2], strict=True))
    for name, value in columns.items():
        start = header.index(name)
        assert rows[0][start:].split()[0] == value, f"{header}\n{rows[0]}"


def test_events_tell_what_happened(story: Story) -> None:
    told = {(one["involvedObject"]["name"], one["reason"]) for one in story.contest.podium.all("events")}
    assert told >= {
        (story.contest.name, "NothingReachable"),
        ("mallory-pickled", "NoSafetensors"),
        ("eve", "Duplicate"),
        ("carol", "Stored"),
        ("carol", "Scored"),
        ("carol", "Ranked"),
        (story.round["metadata"]["name"], "Ranked"),
        (story.payment["metadata"]["name"], "Recorded"),
    }


def test_the_seed_decides_the_samples_and_is_public(story: Story) -> None:
    assert len(bytes.fromhex(story.round["spec"]["seed"])) == 32
    assert {one["name"] for one in story.round["status"]["samples"]["tasks"]} == {"sorting", "capitals"}


@pytest.mark.parametrize("process", ["operator", "signer"])
def test_nothing_went_wrong_inside(story: Story, process: str) -> None:
    podium = story.contest.podium
    place = {"operator": podium.system_namespace, "signer": podium.signer_namespace}[process]
    said = podium.kubectl("logs", f"deployment/{podium.release}-{process}", f"--namespace={place}")
    lines = [json.loads(line) for line in said.splitlines()]
    assert lines
    assert [line for line in lines if line["level"] in {"warning", "error", "critical"}] == []


def test_the_operator_stays_small(story: Story, tmp_path: Path) -> None:
    podium = story.contest.podium
    with forwarded(podium.access, podium.system_namespace, podium.metrics_service, 8080) as url:
        (memory,) = samples_of(url, "process_resident_memory_bytes", tmp_path)
    assert memory.value < 150e6
