"""The process contract: requests in the environment, summaries that fit, published exit codes."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from podium_evaluator.contract import (
    EVIDENCE_PREFIX,
    REQUEST_VARIABLE,
    SUMMARY_BYTES,
    ExitCode,
    Fault,
    Reason,
    Summary,
    decode_evidence,
)
from podium_evaluator.models.table import ARCHITECTURES
from tests.podium_evaluator.tiny import NONCE, SEED, config, write_model

_TASK = {"name": "sort", "method": "ReferenceLoss", "dataset": {"kind": "WordSorting", "samples": 4}}
_OWN = {"policy": "Own", "chatTemplate": "ChatML"}


@dataclass(frozen=True)
class Ended:
    code: int
    summary: Summary
    output: str
    log: str


class Image:
    """The container's command with folders in place of mounts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, command: str, request: dict[str, Any] | str, **options: Path) -> Ended:
        folders = {"store": self.folder / "store", "source": self.folder, **options}
        message = self.folder / "termination-log"
        message.unlink(missing_ok=True)
        arguments = [part for name, path in folders.items() for part in (f"--{name}", str(path))]
        text = request if isinstance(request, str) else json.dumps({"nonce": NONCE, **request})
        ended = subprocess.run(
            [
                sys.executable,
                "-m",
                "podium_evaluator",
                command,
                *arguments,
                "--termination-log",
                str(message),
            ],
            env={**os.environ, REQUEST_VARIABLE: text},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        data = message.read_bytes()
        assert len(data) <= SUMMARY_BYTES
        return Ended(ended.returncode, Summary.model_validate_json(data), ended.stdout, ended.stderr)

    def fetch(self, **changes: Any) -> Ended:
        limits = {"architectures": list(ARCHITECTURES), "maximumParameters": 10**6, "sequenceLength": 256}
        request = {
            "kind": "Fetch",
            "source": {"kind": "Volume", "path": "model"},
            "maximumBytes": 10**7,
            "limits": limits,
            "tokenizer": _OWN,
        }
        return self.run("fetch", {**request, **changes})

    def prepare(self) -> Ended:
        request = {
            "kind": "Prepare",
            "seed": SEED,
            "tasks": [_TASK],
            "tokenizer": _OWN,
            "sequenceLength": 256,
        }
        return self.run("prepare", request)

    def evaluate(self, manifest: str, samples: str, **changes: Any) -> Ended:
        request = {
            "kind": "Evaluate",
            "manifestDigest": manifest,
            "samplesDigest": samples,
            "tasks": [_TASK],
            "tokenizer": _OWN,
            "sequenceLength": 256,
            "threads": 1,
            "timeoutSeconds": 100,
            "isolation": "Preferred",
            **changes,
        }
        store = self.folder / "store"
        model = store / "models" / manifest.replace(":", "-")
        return self.run(
            "evaluate", request, model=model, samples=store / "samples" / samples.replace(":", "-")
        )


@pytest.fixture
def image(tmp_path: Path) -> Image:
    write_model(tmp_path / "model")
    return Image(tmp_path)


def test_the_whole_path(image: Image) -> None:
    fetched, prepared = image.fetch(), image.prepare()
    assert (fetched.code, prepared.code) == (ExitCode.DONE, ExitCode.DONE)
    assert fetched.summary.fetched is not None
    assert prepared.summary.prepared is not None

    ended = image.evaluate(fetched.summary.fetched.manifest_digest, prepared.summary.prepared.digest)

    assert ended.code == ExitCode.DONE, ended.log
    assert ended.summary.nonce == NONCE
    assert ended.summary.scores is not None
    assert ended.summary.seconds > 0
    (line,) = [one for one in ended.output.splitlines() if one.startswith(EVIDENCE_PREFIX)]
    assert ended.summary.evidence_digest is not None
    evidence = decode_evidence(line.removeprefix(EVIDENCE_PREFIX), ended.summary.evidence_digest)
    assert len(evidence.tasks[0].scores) == ended.summary.scores[0].samples == 4


def test_a_submission_at_fault(image: Image) -> None:
    write_model(image.folder / "model", config())
    (image.folder / "model" / "config.json").write_text(
        json.dumps(config(auto_map={"x": "y.Z"})), encoding="utf-8"
    )

    ended = image.fetch()

    assert ended.code == ExitCode.SUBMISSION_AT_FAULT
    assert (ended.summary.fault, ended.summary.reason) == (Fault.SUBMISSION, Reason.CONFIG_KEY_NOT_HONOURED)
    assert "auto_map" in ended.summary.message


def test_a_hub_that_does_not_answer(image: Image) -> None:
    source = {"kind": "HuggingFace", "repository": "alice/tuned", "revision": "a" * 40}

    ended = image.fetch(source=source, hubEndpoint="http://127.0.0.1:9")

    assert ended.code == ExitCode.HUB_UNAVAILABLE
    assert (ended.summary.fault, ended.summary.reason) == (Fault.INFRASTRUCTURE, Reason.HUB_UNAVAILABLE)


@pytest.mark.parametrize(
    "request_text",
    [
        "",
        "{}",
        "not json",
        json.dumps({"kind": "Probe", "nonce": "short"}),
        json.dumps({"kind": "Probe", "nonce": NONCE, "extra": 1}),
        json.dumps({"kind": "Probe", "nonce": NONCE, "timeoutSeconds": "30"}),
        json.dumps({"kind": "Probe", "nonce": NONCE, "version": "podium.dev/evaluator/v2"}),
        json.dumps({"kind": "Prepare", "nonce": NONCE}),
    ],
)
def test_a_request_that_is_not_understood(image: Image, request_text: str) -> None:
    ended = image.run("probe", request_text)

    assert ended.code == ExitCode.REQUEST_INVALID
    assert (ended.summary.fault, ended.summary.reason) == (Fault.EVALUATOR, Reason.REQUEST_INVALID)
    assert ended.summary.nonce == (NONCE if NONCE in request_text else "0" * 32)


def test_a_request_for_another_command(image: Image) -> None:
    ended = image.run("fetch", {"kind": "Probe"})

    assert ended.code == ExitCode.REQUEST_INVALID
    assert "Probe" in ended.summary.message


def test_evaluation_in_a_pod_that_is_not_isolated_or_of_bytes_that_changed(image: Image) -> None:
    digest = f"sha256:{'0' * 64}"

    ended = image.evaluate(digest, digest)

    assert ended.code == ExitCode.TRY_AGAIN
    assert ended.summary.reason is Reason.STORED_BYTES_CHANGED


def test_an_evaluation_that_takes_too_long(image: Image) -> None:
    """A second is not even enough to import what computes."""
    fetched, prepared = image.fetch(), image.prepare()
    assert fetched.summary.fetched is not None
    assert prepared.summary.prepared is not None

    ended = image.evaluate(
        fetched.summary.fetched.manifest_digest, prepared.summary.prepared.digest, timeoutSeconds=1
    )

    assert ended.code == ExitCode.TRY_AGAIN
    assert (ended.summary.fault, ended.summary.reason) == (Fault.INFRASTRUCTURE, Reason.TIMEOUT)


def test_an_unexpected_error_is_a_bug_whose_traceback_stays_in_the_log(image: Image) -> None:
    (image.folder / "store").write_text("a file where a folder is needed", encoding="utf-8")

    ended = image.prepare()

    assert ended.code == ExitCode.EVALUATOR_BUG
    assert ended.summary.reason is Reason.EVALUATOR_BUG
    assert str(image.folder) not in ended.summary.message
    assert "Traceback" in ended.log


def test_a_probe_tells_what_answered_and_succeeds(image: Image) -> None:
    ended = image.run("probe", {"kind": "Probe", "timeoutSeconds": 20})

    assert ended.code == ExitCode.DONE
    assert ended.summary.reachable is not None


def test_without_a_termination_log_the_summary_goes_to_the_output(tmp_path: Path) -> None:
    ended = subprocess.run(
        [
            sys.executable,
            "-m",
            "podium_evaluator",
            "probe",
            "--termination-log",
            str(tmp_path / "no" / "log"),
        ],
        env={**os.environ, REQUEST_VARIABLE: "{}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert Summary.model_validate_json(ended.stdout).reason is Reason.REQUEST_INVALID


@pytest.mark.parametrize("module", ["hub.fetch", "datasets.prepare", "isolation"])
def test_only_evaluation_imports_torch(module: str) -> None:
    program = f"import sys, podium_evaluator.cli, podium_evaluator.{module}; sys.exit('torch' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=60).returncode == 0


def test_evaluation_imports_no_hub_client() -> None:
    program = "import sys, podium_evaluator.evaluate; sys.exit('huggingface_hub' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=60).returncode == 0
