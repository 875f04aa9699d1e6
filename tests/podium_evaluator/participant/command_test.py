"""The command end to end: a verdict, each way to none, and what it says about them."""

import math

import pytest

from podium_evaluator.participant.notes import DEFAULT_SEED
from tests.hub import Hub as Server
from tests.podium_evaluator.participant.scene import (
    COMMIT,
    FIXED,
    QUESTIONS,
    SORTING,
    SORTING_ONLY,
    TEXTS,
    Desk,
    Ended,
)

_THREE = (SORTING, QUESTIONS, TEXTS)


def test_a_folder_is_scored(desk: Desk) -> None:
    ended = desk.evaluate("--json")

    assert ended.code == 0, ended.errors
    found = ended.document
    assert (found["outcome"], found["failure"]) == ("Scored", None)
    assert {one["outcome"] for one in found["checks"]} == {"Passed"}
    assert found["identity"]["parameters"] == 106_816
    assert found["identity"]["architecture"] == "LlamaForCausalLM"
    (task,) = found["tasks"]
    assert task["samples"] == 4
    raw = task["raw"]
    assert found["score"] == pytest.approx((1 - math.exp(-raw / 40)) / (1 - math.exp(-1)))
    assert found["score"] == task["weighted"] == task["normalized"]
    assert found["seed"] == DEFAULT_SEED


def test_the_same_seed_gives_the_same_verdict_and_another_does_not(desk: Desk) -> None:
    first, again, other = (
        desk.evaluate("--json", *extra).document for extra in ((), (), ("--seed", "AB" * 32))
    )

    assert {**again, "seconds": None} == {**first, "seconds": None}
    assert other["seed"] == "ab" * 32
    assert other["samplesDigest"] != first["samplesDigest"]
    assert other["identity"] == first["identity"]


def test_a_repository_is_scored_at_the_commit_of_its_branch(desk: Desk, server: Server) -> None:
    desk.write(_THREE, constraints__tokenizer=FIXED, hub={"endpoint": server.endpoint})

    found = desk.evaluate("--json", model="alice/tuned@main").document

    assert found["model"] == f"alice/tuned@{COMMIT}"
    assert found["outcome"] == "Scored", found["failure"]
    assert [(one["name"], one["samples"]) for one in found["tasks"]] == [
        ("sorting", 4),
        ("questions", 5),
        ("texts", 3),
    ]
    assert [one["commit"] is None for one in found["tasks"]] == [True, False, False]
    assert found["score"] == pytest.approx(math.fsum(one["weighted"] for one in found["tasks"]))
    assert desk.evaluate("--json", model=f"alice/tuned@{COMMIT}").document["score"] == found["score"]


def test_a_second_run_downloads_nothing_again(desk: Desk, server: Server) -> None:
    desk.write(_THREE, constraints__tokenizer=FIXED, hub={"endpoint": server.endpoint})
    first = desk.evaluate("--json", model="alice/tuned@main").document
    sent = server.bytes_sent

    assert desk.evaluate("--json", model="alice/tuned@main").document["score"] == first["score"]
    assert server.bytes_sent == sent


def test_the_text_tells_the_same(desk: Desk) -> None:
    found, ended = desk.evaluate("--json").document, desk.evaluate()

    for told in (
        found["identity"]["manifestDigest"],
        found["samplesDigest"],
        found["tasks"][0]["digest"],
        repr(found["tasks"][0]["raw"]),
        f"score {found['score']!r}, lower is better",
        "LlamaForCausalLM, 106,816 parameters",
        "time: fetch ",
        "note: the seed is podium-evaluate's own",
    ):
        assert told in ended.output
    assert "evaluate took" in ended.errors


def test_a_program_gets_one_document_and_no_lines(desk: Desk) -> None:
    ended = desk.evaluate("--json")

    assert ended.output.count("\n") == 1
    assert ended.errors == ""


def test_some_tasks_alone_are_told_to_be_no_score_of_the_competition(desk: Desk, server: Server) -> None:
    desk.write(_THREE, hub={"endpoint": server.endpoint})

    found = desk.evaluate("--json", "--tasks", "sorting").document

    assert [one["name"] for one in found["tasks"]] == ["sorting"]
    assert found["score"] == found["tasks"][0]["normalized"]
    assert any(note.startswith("only sorting of 3 tasks") for note in found["notes"])


def test_the_block_decides_about_the_tasks(desk: Desk) -> None:
    later = {**SORTING_ONLY, "name": "later"}
    schedule = [{"startBlock": 5, "tasks": [SORTING_ONLY]}, {"startBlock": 90, "tasks": [later]}]
    desk.write(taskSchedule=schedule)

    newest, early = desk.evaluate("--json").document, desk.evaluate("--json", "--block", "89").document

    assert [one["name"] for one in newest["tasks"]] == ["later"]
    assert ([one["name"] for one in early["tasks"]], early["startBlock"]) == (["sorting"], 5)
    ended = desk.evaluate("--block", "4")
    assert ended.code == 64
    assert "at block 4; entries start at blocks 5, 90" in ended.errors


# --- wrong use -----------------------------------------------------------------------------------


def _refused(ended: Ended, told: str) -> None:
    assert (ended.code, ended.output) == (64, "")
    assert told in ended.errors


def test_a_file_that_is_no_competition_is_refused(desk: Desk) -> None:
    desk.write(constraints__maxBytes="1 GiB", constraints__odd=1)
    _refused(desk.evaluate(), "spec.constraints.maxBytes: expected a valid integer, found '1 GiB'")

    desk.write(constraints__sequenceLength=3)
    _refused(desk.evaluate(), "spec.constraints.sequenceLength: expected greater than")


def test_a_field_that_no_competition_has_is_a_note(desk: Desk) -> None:
    desk.write(constraints__odd=1)

    assert "spec.constraints.odd: no Competition has this field" in desk.evaluate().output


def test_a_model_that_is_neither_a_folder_nor_a_repository_is_refused(desk: Desk) -> None:
    _refused(desk.evaluate(model="no/such/folder"), "--model: expected a folder or namespace/name@revision")


def test_a_task_that_is_not_there_is_refused(desk: Desk) -> None:
    _refused(desk.evaluate("--tasks", "sorting,other"), "no task 'other', expected some of sorting")


def test_a_cache_that_cannot_be_written_is_refused(desk: Desk) -> None:
    (desk.folder / "file").write_text("")

    _refused(desk.evaluate("--cache", str(desk.folder / "file")), "--cache: ")


def test_without_a_gpu_it_is_not_asked_for_in_vain(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)

    _refused(desk.evaluate("--device", "cuda"), "finds no GPU")
    assert desk.evaluate("--device", "cpu").code == 0


# --- the JSON document ---------------------------------------------------------------------------

_KEYS = [
    *("version", "outcome", "competition", "startBlock", "model", "seed", "window", "identity", "checks"),
    *("failure", "samplesDigest", "tasks", "score", "environment", "path", "seconds", "notes"),
]
_TASK_KEYS = [
    *("name", "method", "weight", "raw", "normalized", "weighted", "samples", "dropped", "commit", "digest"),
    *("reason", "message"),
]
_IDENTITY_KEYS = [
    *("manifestDigest", "tensorsDigest", "parameters", "architecture", "chatTemplate", "bytes", "files"),
]


@pytest.mark.parametrize("largest", [10**6, 1001])
def test_the_document_always_has_the_same_keys(desk: Desk, largest: int) -> None:
    desk.write(constraints__parameters={"max": largest})

    found = desk.evaluate("--json", "--until", "2026-01-01T00:00:00Z").document

    assert list(found) == _KEYS
    assert found["version"] == "podium.dev/verdict/v1"
    assert [list(one) for one in found["tasks"]] == [_TASK_KEYS]
    assert found["identity"] is None or list(found["identity"]) == _IDENTITY_KEYS
    assert found["failure"] is None or list(found["failure"]) == ["fault", "reason", "message", "step"]
    assert found["window"] == {"after": 1_767_225_600 - 120, "until": 1_767_225_600}
    assert {tuple(one) for one in found["checks"]} == {("name", "rule", "outcome")}
