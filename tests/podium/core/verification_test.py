"""Verification: an honest round is reproduced, and every alteration is found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import pytest

from podium.core.faults import Fault
from podium.core.jobs import Purpose
from podium.core.kinds import (
    Normalization,
    Outcome,
    Round,
    RoundPhase,
    RoundTask,
    TaskEntry,
    TaskScore,
)
from podium.core.ranking import Selection
from podium.core.verification import Evidence, TaskSamples, verify_round
from tests.podium.core.objects import a_competition, a_submission, failed, scored
from tests.podium.core.worlds import World


def _honest() -> tuple[Round, dict[str, Evidence]]:
    """The second round of two scored models and one that fails by its own fault."""
    world = World(scores={"alice": "0.5", "bob": "0.9"})
    softmax = Selection("Softmax", Fraction(1, 10))
    world.competition = a_competition(selection=softmax, keep_top=3)
    world.add(*(a_submission(name, block) for block, name in enumerate(("alice", "bob", "carol"), start=1)))
    world.script[Purpose.EVALUATE, "carol"] = [failed(Fault.SUBMISSION, "OutOfVocabulary")] * 2
    world.run_to(290)
    current = world.round(200)
    samples = {"alice": (0.25, 0.625), "bob": (0.8, 0.95)}
    return current, {
        str(result.evidence): Evidence(
            str(result.evidence_digest),
            "sha256:samples",
            f"sha256:{result.submission}",
            # The second sample counts twice.
            (TaskSamples("sorting", samples[result.submission], (1, 2)),),
        )
        for result in current.status.results
        if result.evidence is not None
    }


def _with_result(current: Round, name: str, **changes: object) -> Round:
    results = tuple(
        replace(one, **changes) if one.submission == name else one  # type: ignore[arg-type]  # tests name fields
        for one in current.status.results
    )
    return replace(current, status=replace(current.status, results=results))


def _found(current: Round, evidence: Mapping[str, Evidence]) -> list[str]:
    return [one.where for one in verify_round(current, evidence)]


def _evidence_of(current: Round, name: str) -> str:
    return next(str(one.evidence) for one in current.status.results if one.submission == name)


def test_an_honest_round_is_reproduced_to_the_last_digit() -> None:
    current, evidence = _honest()
    assert current.status.phase is RoundPhase.COMPLETED
    assert len(current.status.ranking) == len(current.previous_average) + 1 == 3
    assert verify_round(current, evidence) == ()


def test_an_altered_score_is_found_and_what_was_computed_is_told() -> None:
    current, evidence = _honest()
    (first, *_) = verify_round(_with_result(current, "bob", score="0.8"), evidence)
    assert first.sentence() == "bob: score: stored 0.8, computed 0.9"


def test_an_altered_task_score_is_found_though_the_weighted_score_agrees_with_it() -> None:
    current, evidence = _honest()
    changed = _with_result(current, "bob", score="0.4", task_scores=(TaskScore("sorting", "0.4"),))
    assert _found(changed, evidence)[:2] == ["bob: task sorting", "bob: score"]


def test_an_altered_sample_is_found() -> None:
    current, evidence = _honest()
    name = _evidence_of(current, "alice")
    altered = replace(evidence[name], tasks=(TaskSamples("sorting", (0.25, 0.626), (1, 2)),))
    assert _found(current, {**evidence, name: altered})[0] == "alice: task sorting"


def test_an_altered_weight_of_samples_is_found() -> None:
    current, evidence = _honest()
    name = _evidence_of(current, "alice")
    altered = replace(evidence[name], tasks=(TaskSamples("sorting", (0.25, 0.625), (1, 1)),))
    assert _found(current, {**evidence, name: altered})[0] == "alice: task sorting"


def test_an_altered_weight_of_a_task_is_found() -> None:
    names, world = ("choice", "sorting"), World()
    light, heavy = (
        RoundTask(name, Fraction(weight, 4), Normalization())
        for name, weight in zip(names, (1, 3), strict=True)
    )
    world.competition = a_competition(task_schedule=(TaskEntry(0, (light, heavy)),))
    world.add(a_submission("alice", 1))
    world.script[Purpose.EVALUATE, "alice"] = [scored("0.5", "0.75", tasks=names)]
    world.run_to(190)
    current = world.round(100)
    held = tuple(TaskSamples(name, (score,), (1,)) for name, score in zip(names, (0.5, 0.75), strict=True))
    (result,) = current.status.results
    evidence = {
        str(result.evidence): Evidence(str(result.evidence_digest), "sha256:samples", "sha256:alice", held)
    }
    assert verify_round(current, evidence) == ()
    swapped = (replace(light, weight=heavy.weight), replace(heavy, weight=light.weight))
    assert _found(replace(current, tasks=swapped), evidence) == ["alice: score", "ranking, line 1"]


def test_an_altered_share_of_the_ranking_is_found() -> None:
    current, evidence = _honest()
    first, *others = current.status.ranking
    ranking = (replace(first, units=first.units - 1), *others)
    changed = replace(current, status=replace(current.status, ranking=ranking))
    assert _found(changed, evidence) == ["ranking, line 1"]


def test_one_unit_of_the_average_is_found() -> None:
    current, evidence = _honest()
    first, *others = current.status.moving_average
    average = (replace(first, units=first.units + 1), *others)
    changed = replace(current, status=replace(current.status, moving_average=average))
    (difference,) = verify_round(changed, evidence)
    assert difference.where == f"moving average of {first.hotkey}"
    assert difference.stored[-1] != difference.computed[-1]


def test_a_line_that_is_missing_from_the_ranking_is_found() -> None:
    current, evidence = _honest()
    changed = replace(current, status=replace(current.status, ranking=current.status.ranking[:-1]))
    assert _found(changed, evidence) == ["ranking, line 3"]


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"digest": "sha256:other"}, ["alice: evidence digest", "alice: evidence name"]),
        ({"samples_digest": "sha256:other"}, ["alice: samples"]),
        ({"manifest_digest": "sha256:other"}, ["alice: model"]),
        ({"unreadable": "not base64"}, ["alice: evidence"]),
        ({"tasks": ()}, ["alice: task sorting"]),
    ],
)
def test_evidence_of_something_else_is_found(change: dict[str, object], where: list[str]) -> None:
    current, evidence = _honest()
    name = _evidence_of(current, "alice")
    changed = {**evidence, name: replace(evidence[name], **change)}  # type: ignore[arg-type]  # the cases name fields
    assert _found(current, changed) == where


def test_an_altered_digest_in_the_status_is_found() -> None:
    current, evidence = _honest()
    changed = _with_result(current, "alice", evidence_digest="sha256:other")
    assert _found(changed, evidence) == ["alice: evidence digest"]


def test_evidence_that_is_gone_is_a_difference() -> None:
    current, _ = _honest()
    assert _found(current, {}) == ["alice: evidence", "bob: evidence"]


def test_a_score_without_evidence_is_a_difference() -> None:
    current, evidence = _honest()
    changed = _with_result(current, "alice", evidence=None, evidence_digest=None)
    assert _found(changed, evidence) == ["alice: evidence"]


def test_a_model_that_is_said_to_have_failed_with_good_evidence_is_found() -> None:
    current, evidence = _honest()
    changed = _with_result(current, "alice", outcome=Outcome.FAILED, score=None)
    assert _found(changed, evidence) == ["alice: score", "alice: outcome"]


def test_a_result_of_nobody_and_a_contender_without_one_are_found() -> None:
    current, evidence = _honest()
    changed = _with_result(current, "alice", submission_uid="uid-mallory")
    assert _found(changed, evidence) == ["alice: outcome", "alice: result"]


def test_a_round_that_is_not_completed_cannot_be_verified() -> None:
    current, evidence = _honest()
    changed = replace(current, status=replace(current.status, phase=RoundPhase.ABANDONED))
    assert _found(changed, evidence) == ["phase"]
