"""`podium verify`: from objects as the API server, or a file, holds them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from podium.cli import app
from podium.commands.objects import exported
from podium.commands.verify import differences, verification
from podium.core.names import evidence_name
from podium.errors import NotFoundError, PodiumError
from podium_evaluator.contract import Evidence, TaskEvidence, encode_evidence
from podium_evaluator.methods import outcome
from tests.podium.api.cases.case import changed, valid
from tests.podium.api.objects import ALICE, BOB, DIGEST

# Any: the JSON of Kubernetes objects.
Raw = dict[str, Any]

_SAMPLES = "sha256:" + 64 * "e"


_SAMPLED = {"name": "word-sorting", "samples": 2, "digest": DIGEST}
_NOT_FETCHED = {
    "submission": "bob-1",
    "submissionUID": "22bb",
    "outcome": "Missing",
    "fault": "Infrastructure",
    "reason": "NotFetched",
}


def evidence_of(scores: tuple[float, ...], weights: tuple[int, ...] | None = None) -> tuple[str, str]:
    """A line of evidence and its digest."""
    task = TaskEvidence(
        name="word-sorting",
        sample_ids=tuple(f"s{index}" for index in range(len(scores))),
        scores=scores,
        weights=weights,
    )
    held = Evidence(nonce=32 * "0", samples_digest=_SAMPLES, manifest_digest=DIGEST, tasks=(task,))
    return encode_evidence(held)


def _status(name: str, digest: str) -> Raw:
    return {
        "phase": "Completed",
        "samples": {"digest": _SAMPLES, "attempts": 0, "tasks": [_SAMPLED]},
        "results": [
            {
                "submission": "alice-1",
                "submissionUID": "11aa",
                "outcome": "Scored",
                "score": "1.0",
                "evidence": name,
                "evidenceDigest": digest,
                "gpuSeconds": 7,
                "tasks": [{"name": "word-sorting", "score": "40.0"}],
            },
            _NOT_FETCHED,
        ],
        "ranking": [
            {
                "submission": "alice-1",
                "hotkey": ALICE,
                "place": 1,
                "score": "1.0",
                "wins": 0,
                "winRate": "0.000000",
                "share": "1.000000000000000000",
            }
        ],
        "movingAverage": [
            {"hotkey": BOB, "share": "0.900000000000000000"},
            {"hotkey": ALICE, "share": "0.100000000000000000"},
        ],
        "environment": {"gpu": "A"},
        "startTime": "2026-01-01T00:00:00Z",
        "completionTime": "2026-01-01T00:10:00Z",
    }


def completed() -> tuple[Raw, Raw]:
    """A completed Round of one model that scored and one that was not in the store, and its evidence."""
    line, digest = evidence_of((30.0, 50.0))
    name = evidence_name("uid-720", "11aa", digest)
    status = _status(name, digest)
    head = {"metadata/name": "small-720", "metadata/namespace": "games", "metadata/uid": "uid-720"}
    # A later round publishes without its leader; an earlier one would have been postponed.
    round_ = changed(valid("Round"), {**head, "spec/whenLeaderMissing": "Publish", "status": status}.items())
    config_map = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": "games"},
        "data": {"evidence": line},
    }
    return round_, config_map


def test_a_stored_round_is_verified_with_the_evidence_that_it_names() -> None:
    round_, config_map = completed()
    assert differences(round_, [config_map]) == ()


def test_other_evidence_under_the_same_name_is_found() -> None:
    round_, config_map = completed()
    other, _ = evidence_of((30.0, 51.0))
    found = differences(round_, [changed(config_map, [("data/evidence", other)])])
    assert [one.where for one in found][:2] == ["alice-1: evidence digest", "alice-1: evidence name"]
    assert found[2].sentence() == "alice-1: task word-sorting: stored 40.0, computed 40.5"


@pytest.mark.parametrize("data", [{}, {"evidence": "?"}])
def test_what_is_no_evidence_is_a_difference(data: Raw) -> None:
    round_, config_map = completed()
    (found,) = differences(round_, [{**config_map, "data": data}])
    assert found.where == "alice-1: evidence"


def test_an_average_that_is_off_by_one_unit_is_found() -> None:
    round_, config_map = completed()
    off = changed(round_, [("status/movingAverage/0/share", "0.899999999999999999")])
    (found,) = differences(off, [config_map])
    assert found.sentence().endswith("stored 0.899999999999999999, computed 0.900000000000000000")


def _file(folder: Path, objects: list[Raw], *, as_json: bool) -> Path:
    listed = {"apiVersion": "v1", "kind": "List", "items": objects}
    path = folder / "objects"
    path.write_text(json.dumps(listed) if as_json else yaml.safe_dump(listed))
    return path


@pytest.mark.parametrize("as_json", [True, False])
def test_a_file_is_enough(tmp_path: Path, as_json: bool) -> None:  # noqa: FBT001  # a parameter of the cases
    path = _file(tmp_path, list(completed()), as_json=as_json)
    result = CliRunner().invoke(app, ["verify", "round/small-720", "-n", "games", "--file", str(path)])
    assert (result.exit_code, result.stdout) == (
        0,
        "round/small-720: scores, ranking and average follow from the evidence\n",
    )


def test_each_difference_is_printed_and_the_exit_code_is_1(tmp_path: Path) -> None:
    round_, config_map = completed()
    off = changed(round_, [("status/results/0/score", "0.5"), ("status/ranking/0/score", "0.5")])
    path = _file(tmp_path, [off, config_map], as_json=True)
    result = CliRunner().invoke(app, ["verify", "round/small-720", "-n", "games", "--file", str(path)])
    assert result.exit_code == 1
    assert [line.split(": stored")[0] for line in result.stdout.splitlines()] == [
        "alice-1: score",
        "ranking, line 1",
    ]


async def test_a_round_of_another_namespace_is_not_meant(tmp_path: Path) -> None:
    path = _file(tmp_path, list(completed()), as_json=True)
    with pytest.raises(NotFoundError, match="no Round small-720 of namespace default"):
        await verification(None, "default", "small-720", path)


async def test_only_rounds_are_verified() -> None:
    with pytest.raises(PodiumError, match="expected round/NAME"):
        await verification(None, "games", "comp/small", None)


@pytest.mark.parametrize("text", ["- 1", "{", "kind: Round"])
def test_a_file_of_something_else_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "objects"
    path.write_text(text)
    with pytest.raises(PodiumError, match="objects"):
        exported(path)


@given(st.lists(st.tuples(st.floats(0, 1e6), st.integers(1, 20)), min_size=1, max_size=40), st.booleans())
def test_the_mean_is_the_evaluators_to_the_last_bit(pairs: list[tuple[float, int]], weighted: bool) -> None:  # noqa: FBT001  # as above
    scores = tuple(round(score, 6) for score, _ in pairs)
    weights = tuple(weight for _, weight in pairs) if weighted else (1,) * len(pairs)
    mean = repr(outcome._mean(scores, weights))
    round_, _ = completed()
    line, digest = evidence_of(scores, weights)
    changes = [
        ("status/results/0/tasks/0/score", mean),
        ("status/results/0/evidenceDigest", digest),
        ("status/results/0/evidence", evidence_name("uid-720", "11aa", digest)),
    ]
    held = {
        "metadata": {"name": evidence_name("uid-720", "11aa", digest)},
        "data": {"evidence": line},
    }
    found = differences(changed(round_, changes), [held])
    assert "alice-1: task word-sorting" not in [one.where for one in found]
    assert not any("evidence" in one.where for one in found)
