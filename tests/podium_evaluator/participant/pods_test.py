"""What is printed is what the pods find: the same requests to the image's own commands, bit for bit."""

from pathlib import Path
from typing import Any

import pytest

from podium_evaluator import cli
from podium_evaluator import evaluate as evaluate_module
from podium_evaluator.contract import (
    EVIDENCE_PREFIX,
    REQUEST_VARIABLE,
    HuggingFaceSource,
    Summary,
    VolumeSource,
    Window,
)
from podium_evaluator.contract.document import Document
from podium_evaluator.participant.competition import parse_competition
from podium_evaluator.participant.requests import evaluate_request, fetch_request, prepare_request
from tests.hub import Hub as Server
from tests.podium_evaluator.participant.scene import (
    COMMIT,
    FIXED,
    OWN,
    QUESTIONS,
    SORTING,
    TEXTS,
    Desk,
    competition,
)

_SEED = "ab" * 32
_UNTIL = 1_790_000_000
_TASKS = (SORTING, QUESTIONS, TEXTS)


class Pods:
    """The image's command, run in this process."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self._monkeypatch = folder, monkeypatch
        # A test's process has threads, which do not outlive a fork, and is not isolated.
        monkeypatch.setattr(cli, "supervise", lambda work, _report, _seconds: work())
        monkeypatch.setattr(evaluate_module, "reachable", lambda _targets: ())

    def run(self, command: str, request: Document, **folders: Path) -> Summary:
        self._monkeypatch.setenv(REQUEST_VARIABLE, request.to_json())
        message = self.folder / "termination-log"
        given = {"store": self.folder / "store", "source": self.folder, "termination-log": message, **folders}
        cli.main([command, *(part for name, path in given.items() for part in (f"--{name}", str(path)))])
        return Summary.model_validate_json(message.read_bytes())

    def evaluate(self, request: Document, manifest: str, samples: str) -> Summary:
        store = self.folder / "store"
        model = store / "models" / manifest.replace(":", "-")
        return self.run(
            "evaluate", request, model=model, samples=store / "samples" / samples.replace(":", "-")
        )


@pytest.fixture
def pods(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Pods:
    return Pods(desk.folder, monkeypatch)


@pytest.mark.parametrize("tokenizer", [OWN, FIXED], ids=["own tokenizer", "fixed tokenizer"])
@pytest.mark.parametrize("where", ["folder", "hub"])
def test_identity_samples_and_scores_are_those_of_the_pods(
    desk: Desk, pods: Pods, server: Server, tokenizer: dict[str, str], where: str
) -> None:
    changes: dict[str, Any] = {"constraints__tokenizer": tokenizer, "hub": {"endpoint": server.endpoint}}
    desk.write(_TASKS, **changes)
    parsed = parse_competition(competition(_TASKS, **changes))
    entry = parsed.active(None)
    on_hub = HuggingFaceSource(repository="alice/tuned", revision=COMMIT)
    source, model = (on_hub, "alice/tuned@main") if where == "hub" else (VolumeSource(path="model"), None)

    fetched = pods.run("fetch", fetch_request(parsed, source)).fetched
    window = Window(after=_UNTIL - 120, until=_UNTIL)
    prepared = pods.run("prepare", prepare_request(parsed, entry.tasks, _SEED, window)).prepared
    assert fetched is not None
    assert prepared is not None
    request = evaluate_request(parsed, entry.tasks, fetched.manifest_digest, prepared.digest)
    summary = pods.evaluate(request, fetched.manifest_digest, prepared.digest)
    until = "2026-09-21T14:13:20+00:00"
    found = desk.evaluate("--json", "--seed", _SEED, "--until", until, model=model).document

    assert found["window"]["until"] == _UNTIL
    assert found["identity"]["manifestDigest"] == fetched.manifest_digest
    assert found["identity"]["tensorsDigest"] == fetched.tensors_digest
    assert found["samplesDigest"] == prepared.digest
    assert summary.scores is not None
    for task, score, drawn in zip(found["tasks"], summary.scores, prepared.tasks, strict=True):
        assert task["raw"] == score.score
        assert task["message"] == score.message
        assert (task["name"], task["samples"], task["digest"]) == (drawn.name, drawn.samples, drawn.digest)
        assert (task["commit"], task["dropped"]) == (drawn.revision, drawn.dropped)
    assert found["environment"] == summary.environment
    assert found["path"] == summary.path


def test_a_rejection_has_the_words_of_the_pod(desk: Desk, pods: Pods) -> None:
    (desk.model / "config.json").write_text('{"model_type": "llama", "\u00e9\\n": 1}', encoding="utf-8")
    parsed = parse_competition(competition(_TASKS))

    summary = pods.run("fetch", fetch_request(parsed, VolumeSource(path="model")))
    found = desk.evaluate("--json").document["failure"]

    assert summary.reason is not None
    assert (found["reason"], found["fault"], found["message"]) == (
        summary.reason,
        summary.fault,
        summary.message,
    )


def test_evidence_lines_stay_out_of_the_output(desk: Desk) -> None:
    assert EVIDENCE_PREFIX not in desk.evaluate().output
