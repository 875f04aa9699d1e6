"""The evaluate command inside one process: evidence, attribution, and nothing opened without isolation."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from podium_evaluator import evaluate as module
from podium_evaluator.contract import Fault, Reason
from tests.podium_evaluator.stages import Stage, settings, task
from tests.podium_evaluator.tiny import LLAMA, NONCE, Tensors, bfloat16, random_tensors, tokenizer_json


@pytest.fixture(autouse=True)
def isolated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "reachable", lambda _: ())


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def test_scores_are_means_of_the_evidence(stage: Stage) -> None:
    summary, evidence = stage.run()

    assert summary.scores is not None
    assert [one.name for one in summary.scores] == ["tokens", "bytes"]
    for found, of in zip(summary.scores, evidence.tasks, strict=True):
        scores = [score for score in of.scores if score is not None]
        assert found.samples == len(scores) == 6
        assert of.sample_ids == tuple(f"{index:05d}" for index in range(6))
        assert found.score == math.fsum(scores) / 6
    # A random model knows nothing: each of 512 tokens is as likely.
    assert summary.scores[0].score == pytest.approx(math.log(512), abs=0.3)
    assert (summary.samples_digest, summary.manifest_digest) == (stage.samples_digest, stage.manifest_digest)
    assert (evidence.nonce, evidence.samples_digest) == (NONCE, stage.samples_digest)
    assert summary.environment["dtype"] == "bfloat16"
    assert summary.path == {
        "attention": "packed rows, fused",
        "head": "tiles",
        "generation": "slots",
        "row_tokens": "4096",
        "slots": "64",
        "step_rows": "32",
    }


def test_every_method_is_scored_and_a_second_run_gives_the_same_evidence(stage: Stage) -> None:
    tasks = [
        task("tokens"),
        task("texts", "TextLoss", degenerateOutput="Ignore"),
        task("likely", "MultipleChoice"),
        task("chosen", "MultipleChoice", answerBy="Generation"),
        task("rules", "InstructionFollowing"),
    ]

    summary, evidence = stage.run(tasks=tasks)

    assert summary.scores is not None
    assert [one.name for one in summary.scores] == [one["name"] for one in tasks]
    assert all(one.score is not None and one.score >= 0 for one in summary.scores)
    assert [one.weights for one in evidence.tasks] == [None, None, None, None, (2, 4)]
    assert stage.run(tasks=tasks)[0].evidence_digest == summary.evidence_digest


def test_the_competition_says_in_which_type_a_model_computes(stage: Stage) -> None:
    summary, evidence = stage.run(dtype="Float32")

    assert summary.environment["dtype"] == "float32"
    assert evidence != stage.run()[1]


def test_nothing_is_opened_where_something_answers(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "reachable", lambda _: ("api-server 10.96.0.1:443/tcp",))

    def refuse(*_arguments: object) -> None:
        raise AssertionError("opened")

    with monkeypatch.context() as context:
        context.setattr(module, "open_folder", refuse)
        failure = stage.failure()
    assert (failure.fault, failure.reason) == (Fault.INFRASTRUCTURE, Reason.NOT_ISOLATED)
    assert "api-server" in failure.message

    summary, _ = stage.run(isolation="Preferred")
    assert summary.reachable == ("api-server 10.96.0.1:443/tcp",)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json", "manifest.json"])
def test_changed_bytes_of_the_model_are_nobodys_fault(stage: Stage, name: str) -> None:
    path = stage.model / name
    path.write_bytes(path.read_bytes()[:-2] + b"!}")

    failure = stage.failure()

    assert (failure.fault, failure.reason) == (Fault.INFRASTRUCTURE, Reason.STORED_BYTES_CHANGED)


@pytest.mark.parametrize("name", ["tokens.jsonl", "manifest.json"])
def test_changed_bytes_of_the_samples_are_nobodys_fault(stage: Stage, name: str) -> None:
    path = stage.samples / name
    path.write_bytes(path.read_bytes()[:-1])

    assert stage.failure().reason is Reason.STORED_BYTES_CHANGED


def test_a_file_that_vanished_is_nobodys_fault(stage: Stage) -> None:
    (stage.samples / "bytes.jsonl").unlink()

    assert stage.failure().reason is Reason.STORED_BYTES_CHANGED


def test_a_task_that_was_not_prepared_is_noticed(stage: Stage) -> None:
    assert stage.failure(tasks=[task("other")]).reason is Reason.STORED_BYTES_CHANGED


def test_samples_of_another_method_are_the_requests_fault(stage: Stage) -> None:
    failure = stage.failure(tasks=[task("texts", "ReferenceLoss")])

    assert (failure.fault, failure.reason) == (Fault.EVALUATOR, Reason.REQUEST_INVALID)
    assert "task texts" in failure.message


def broken() -> Tensors:
    """Finite weights whose logits are not."""
    return {**random_tensors(LLAMA), "model.norm.weight": bfloat16(np.full(64, 3e38, "f4"))}


def test_a_model_that_computes_no_numbers_has_a_reason_for_every_task(tmp_path: Path) -> None:
    tasks = [
        task("tokens"),
        task("chosen", "MultipleChoice", answerBy="Generation"),
        task("texts", "TextLoss"),
    ]

    summary, evidence = Stage(tmp_path, broken()).run(tasks=tasks)

    assert summary.scores is not None
    assert summary.fault is None, "what it costs is the operator's decision"
    assert {(one.score, one.reason) for one in summary.scores} == {(None, Reason.NON_FINITE_SCORE)}
    assert [sample in one.message for one, sample in zip(summary.scores, ("00000", "c0", "t0"), strict=True)]
    assert evidence.tasks[0].scores == (None,) * 6


def test_a_task_that_rejects_leaves_the_others_their_scores(tmp_path: Path) -> None:
    """Without attention and feed-forward a model whose embeddings are alike repeats one token."""
    tensors = {
        name: tensor & 0 if "layers" in name else tensor for name, tensor in random_tensors(LLAMA).items()
    }
    tensors["model.embed_tokens.weight"] = bfloat16(np.ones((512, 64), "f4"))

    summary, _ = Stage(tmp_path, tensors).run(tasks=[task("texts", "TextLoss"), task("tokens")])

    assert summary.scores is not None
    rejected, scored = summary.scores
    assert (rejected.score, rejected.reason) == (None, Reason.DEGENERATE_OUTPUT)
    assert "20 of 20" in rejected.message
    assert scored.score == pytest.approx(math.log(512))


def test_the_template_is_the_one_that_was_recognised(tmp_path: Path) -> None:
    chat_ml, zephyr, default = (
        Stage(tmp_path / name, beside_model=beside).scores()
        for name, beside in (("a", settings()), ("b", settings("Zephyr")), ("c", {}))
    )

    assert chat_ml == default, "without settings the competition's template renders"
    assert chat_ml != zephyr


def test_a_template_that_is_no_longer_accepted_is_the_submissions_fault(tmp_path: Path) -> None:
    failure = Stage(tmp_path, beside_model=settings("Mine")).failure()

    assert (failure.fault, failure.reason) == (Fault.SUBMISSION, Reason.CHAT_TEMPLATE_UNKNOWN)
    assert "ChatML" in failure.message


def test_a_fixed_tokenizer_is_the_one_beside_the_samples(tmp_path: Path) -> None:
    fixed = {"policy": "Fixed", "repository": "o/t", "revision": "main"}
    beside = {"tokenizer.json": tokenizer_json(), **settings()}

    own = Stage(tmp_path / "own").scores()
    with_fixed = Stage(tmp_path / "fixed", beside_model={"tokenizer.json": b"{}"}, beside_samples=beside)

    assert with_fixed.scores(tokenizer=fixed) == own


def test_a_fixed_tokenizer_that_the_embedding_is_too_small_for_is_the_submissions_fault(
    tmp_path: Path,
) -> None:
    document = json.loads(tokenizer_json())
    document["model"]["vocab"]["a"] = 600
    fixed = {"policy": "Fixed", "repository": "o/t", "revision": "main"}
    beside = {"tokenizer.json": json.dumps(document).encode(), **settings()}

    failure = Stage(tmp_path, beside_samples=beside).failure(tokenizer=fixed)

    assert (failure.fault, failure.reason) == (Fault.SUBMISSION, Reason.VOCABULARY_TOO_SMALL)


def test_a_sequence_without_room_for_answers_is_the_organisers_fault(stage: Stage) -> None:
    failure = stage.failure(tasks=[task("rules", "InstructionFollowing")], sequence_length=200)

    assert (failure.fault, failure.reason) == (Fault.ORGANIZER, Reason.REQUEST_INVALID)
