"""What is not the model's fault gives no verdict, and says what to do."""

import json
from pathlib import Path

import pytest

from podium_evaluator.participant import verdict as verdict_module
from tests.hub import Hub as Server
from tests.hub import Refuse
from tests.podium_evaluator.participant.conftest import TOKEN
from tests.podium_evaluator.participant.scene import COMMIT, QUESTIONS, SORTING, TEXTS, Desk

_THREE = (SORTING, QUESTIONS, TEXTS)


def _gone(root: Path) -> None:
    (root / "datasets" / "org" / "rows" / "rows.parquet").unlink()


def test_a_dataset_that_is_gone_is_the_organisers(desk: Desk, server: Server) -> None:
    desk.write(_THREE, hub={"endpoint": server.endpoint})
    _gone(desk.folder / "hub")

    found, ended = desk.evaluate("--json").document, desk.evaluate()

    assert (ended.code, found["outcome"]) == (64, "Undecided")
    assert (found["failure"]["fault"], found["failure"]["reason"]) == ("Organizer", "DatasetInvalid")
    assert found["failure"]["step"] == "prepare"
    assert "no verdict: DatasetInvalid: task questions: 0 of 5 samples drawn from 'org/rows'" in ended.output
    assert "this is the organiser's" in ended.output
    assert {one["outcome"] for one in found["checks"]} == {"Passed"}
    assert found["identity"]["manifestDigest"] in ended.output


def test_where_the_competition_does_without_a_task_so_does_the_score(desk: Desk, server: Server) -> None:
    desk.write(_THREE, hub={"endpoint": server.endpoint}, rounds__whenTaskUnavailable="Renormalize")
    _gone(desk.folder / "hub")

    found = desk.evaluate("--json").document

    sorting, questions, _ = found["tasks"]
    assert found["score"] == sorting["normalized"] == sorting["weighted"]
    assert (questions["samples"], questions["raw"], questions["reason"]) == (0, None, "DatasetInvalid")
    assert any("fill the place of questions: DatasetInvalid" in note for note in found["notes"])


@pytest.mark.parametrize(
    ("on", "reason", "step"),
    [
        ("models/alice/*", "HubUnavailable", "fetch"),
        ("datasets/org/*", "DatasetUnavailable", "prepare"),
    ],
)
def test_a_hub_in_trouble_gives_no_verdict(
    desk: Desk, server: Server, on: str, reason: str, step: str
) -> None:
    desk.write(_THREE, hub={"endpoint": server.endpoint})
    server.faults.add(Refuse(503), on=on)

    ended = desk.evaluate("--json", model="alice/tuned@main")

    assert (ended.code, ended.document["outcome"]) == (69, "Undecided")
    failure = ended.document["failure"]
    assert (failure["fault"], failure["reason"], failure["step"]) == ("Infrastructure", reason, step)


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        ("alice/nothing@main", "NotYetPublished"),
        ("alice/tuned@branch", "RevisionNotFound"),
        (f"alice/tuned@{'d' * 40}", "RevisionNotFound"),
    ],
)
def test_a_repository_that_is_not_there_is_rejected(
    desk: Desk, server: Server, model: str, reason: str
) -> None:
    ended = desk.evaluate("--json", "--hub-endpoint", server.endpoint, model=model)

    assert (ended.code, ended.document["failure"]["reason"]) == (65, reason)
    assert ended.document["checks"][0] | {"rule": ""} == {"name": "source", "rule": "", "outcome": "Rejected"}


def test_a_private_repository_is_read_with_the_users_token_which_is_shown_nowhere(
    desk: Desk, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    sidecar = desk.folder / "hub" / "models" / "alice" / "tuned" / ".hub.json"
    sidecar.write_text(json.dumps({"commit": COMMIT, "access": "private"}), encoding="utf-8")
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    desk.write(hub={"endpoint": server.endpoint})

    # Somebody else wrote the file, and the address in it.
    kept = desk.evaluate(model="alice/tuned@main")
    sent = desk.evaluate("--hub-endpoint", server.endpoint, model="alice/tuned@main")

    assert (kept.code, sent.code) == (65, 0)
    assert "NotYetPublished" in kept.output
    assert "HF_TOKEN was not sent" in kept.output
    assert "HF_TOKEN" not in sent.output
    assert TOKEN not in kept.output + kept.errors + sent.output + sent.errors


def test_stored_bytes_that_changed_are_made_anew_by_the_next_run(desk: Desk, server: Server) -> None:
    desk.write(hub={"endpoint": server.endpoint})
    first = desk.evaluate("--json", model="alice/tuned@main").document
    (weights,) = desk.cache.glob("models/*/model.safetensors")
    weights.write_bytes(weights.read_bytes()[:-1] + b"!")

    broken = desk.evaluate("--json", model="alice/tuned@main")

    assert (broken.code, broken.document["failure"]["reason"]) == (75, "StoredBytesChanged")
    assert desk.evaluate("--json", model="alice/tuned@main").document["score"] == first["score"]


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (MemoryError(), 75, "OutOfMemory: an allocation failed\nfault: Infrastructure\nclose other programs"),
        (RuntimeError("CUDA out of memory. Tried"), 75, "OutOfMemory: an allocation of a tensor failed"),
        (ZeroDivisionError(), 70, "no verdict: EvaluatorBug: unexpected ZeroDivisionError"),
    ],
)  # fmt: skip
def test_what_ends_an_evaluation_is_told_with_what_to_do(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, error: Exception, code: int, told: str
) -> None:
    def fail(*_arguments: object) -> None:
        raise error

    monkeypatch.setattr(verdict_module, "score_tasks", fail)
    ended = desk.evaluate()

    assert ended.code == code
    assert told in ended.output
    assert ("Traceback" in ended.errors) == (code == 70)


def test_an_interrupt_ends_quietly(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(verdict_module, "score_tasks", interrupt)
    ended = desk.evaluate()

    assert (ended.code, ended.output) == (130, "")
    assert "interrupted" in ended.errors
