"""The evaluate command inside one process: evidence, attribution, and nothing opened without isolation."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from podium_evaluator import evaluate as module
from podium_evaluator.contract import (
    EvaluateRequest,
    Evidence,
    Fault,
    PrepareRequest,
    Reason,
    Summary,
    decode_evidence,
)
from podium_evaluator.datasets.prepare import prepare
from podium_evaluator.errors import Failure
from podium_evaluator.evaluate import evaluate
from podium_evaluator.hub.client import Hub
from podium_evaluator.hub.fetch import fetch
from podium_evaluator.store import Store
from tests.podium_evaluator.tiny import (
    LLAMA,
    NONCE,
    SEED,
    bfloat16,
    fetch_request,
    random_tensors,
    write_model,
)

_TASKS = [
    {
        "name": name,
        "method": "ReferenceLoss",
        "lossUnit": unit,
        "dataset": {"kind": "WordSorting", "samples": 6},
    }
    for name, unit in (("tokens", "Token"), ("bytes", "Byte"))
]


class Stage:
    """A fetched model and prepared samples, ready to evaluate."""

    def __init__(self, folder: Path) -> None:
        self.store = Store(folder / "store")
        self.fetched = fetch(fetch_request(), self.store, folder, Hub(None), now=0.0)
        common = {"nonce": NONCE, "tasks": _TASKS, "tokenizer": {"policy": "Own"}, "sequence_length": 512}
        request = PrepareRequest.model_validate({**common, "seed": SEED})
        self.prepared = prepare(request, self.store, Hub(None), now=0.0)
        self._request: dict[str, Any] = {
            **common,
            "manifest_digest": self.fetched.manifest_digest,
            "samples_digest": self.prepared.digest,
            "threads": 1,
            "timeout_seconds": 60,
        }

    @property
    def model(self) -> Path:
        return self.store.root / "models" / self.fetched.manifest_digest.replace(":", "-")

    @property
    def samples(self) -> Path:
        return self.store.root / "samples" / self.prepared.digest.replace(":", "-")

    def run(self, **changes: Any) -> tuple[Summary, Evidence]:
        request = EvaluateRequest.model_validate({**self._request, **changes})
        summary, line = evaluate(request, self.model, self.samples)
        assert summary.evidence_digest is not None
        return summary, decode_evidence(line, summary.evidence_digest)

    def failure(self, **changes: Any) -> Failure:
        with pytest.raises(Failure) as caught:
            self.run(**changes)
        return caught.value


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setattr(module, "reachable", lambda _: ())
    write_model(tmp_path / "model")
    return Stage(tmp_path)


def test_scores_are_means_of_the_evidence(stage: Stage) -> None:
    summary, evidence = stage.run()

    assert summary.scores is not None
    assert [one.name for one in summary.scores] == ["tokens", "bytes"]
    for task, found in zip(summary.scores, evidence.tasks, strict=True):
        assert task.samples == len(found.scores) == 6
        assert found.sample_ids == tuple(f"{index:05d}" for index in range(6))
        assert task.score == math.fsum(found.scores) / 6
    # A random model knows nothing: each of 512 tokens is as likely.
    assert summary.scores[0].score == pytest.approx(math.log(512), abs=0.3)
    assert (summary.samples_digest, summary.manifest_digest) == (
        stage.prepared.digest,
        stage.fetched.manifest_digest,
    )
    assert (evidence.nonce, evidence.samples_digest) == (NONCE, stage.prepared.digest)
    assert summary.environment["dtype"] == "bfloat16"
    assert summary.path == {"attention": "sdpa"}


def test_a_second_run_gives_the_same_evidence(stage: Stage) -> None:
    assert stage.run()[0].evidence_digest == stage.run()[0].evidence_digest


def test_nothing_is_opened_where_something_answers(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "reachable", lambda _: ("api-server 10.96.0.1:443/tcp",))

    def refuse(*_arguments: object) -> None:
        raise AssertionError("opened")

    with monkeypatch.context() as context:
        context.setattr(module, "open_manifest", refuse)
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
    assert stage.failure(tasks=[{**_TASKS[0], "name": "other"}]).reason is Reason.STORED_BYTES_CHANGED


def test_finite_weights_whose_loss_is_not_are_the_submissions_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "reachable", lambda _: ())
    tensors = random_tensors(LLAMA)
    tensors["model.norm.weight"] = bfloat16(np.full(64, 3e38, "f4"))
    write_model(tmp_path / "model", tensors=tensors)

    failure = Stage(tmp_path).failure()

    assert (failure.fault, failure.reason) == (Fault.SUBMISSION, Reason.NON_FINITE_SCORE)
