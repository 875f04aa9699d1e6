"""Scores of the contenders by the evaluator itself, and whether they come in the promised order."""

import math
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from examples.demo.contenders.progress import Progress
from examples.demo.contenders.repositories import OWNER, TOKENIZER
from podium_evaluator.contract import (
    REQUEST_VARIABLE,
    ArchitectureLimits,
    EvaluateRequest,
    FetchRequest,
    HuggingFaceDataset,
    HuggingFaceSource,
    Method,
    PrepareRequest,
    Reason,
    Summary,
    Task,
    Tokenizer,
    WordSortingDataset,
)
from tests.hub import Repositories, hub_in_thread

BEST_FIRST = ("tuned", "blend25", "base", "noisy")
DECISIVE = ("sorting", "traces")
"""Tasks whose losses must follow the order; `texts` only tells the noisy one, `questions` tells nothing."""

_NONCE = "0" * 32
_SEED = "5eed" * 16
_LENGTH = 1024
_MARGIN = 0.1  # nats: several standard errors of the differences with these sample counts


def check_order(root: Path) -> None:
    """Print a table of scores.

    Raises:
        ValueError: The order does not hold, or a contender that must be refused was not.
    """
    with hub_in_thread(root) as hub, tempfile.TemporaryDirectory(dir=root.parent) as folder:
        commits = {f"{each.kind}/{each.name}": each.commit for each in Repositories(root).all()}
        referee = Referee(commits, hub.endpoint, Path(folder))
        samples = referee.prepare()
        scores = {name: referee.score(name, samples) for name in BEST_FIRST}
        refused = referee.fetch("malformed").reason
    print_table(scores)
    if refused is not Reason.SAFETENSORS_TRUNCATED:
        raise ValueError(f"the malformed contender must be refused as truncated, the reason was {refused}")
    for task in DECISIVE:
        for better, worse in pairwise(BEST_FIRST):
            if not scores[better][task] + _MARGIN < scores[worse][task]:
                raise ValueError(f"{task}: {better} must be better than {worse} by {_MARGIN}")


def print_table(scores: dict[str, dict[str, float]]) -> None:
    """Contenders down, tasks across, on the standard error."""
    tasks = list(next(iter(scores.values())))
    lines = [
        ("", *tasks),
        *((name, *(f"{found[task]:.3f}" for task in tasks)) for name, found in scores.items()),
    ]
    for line in lines:
        print("".join(f"{cell:>12}" for cell in line), file=sys.stderr)


@dataclass(frozen=True)
class Referee:
    """Runs the evaluator's commands as pods do, one after the other on this machine.

    Attributes:
        commits: Of the repositories, `<kind>/<namespace>/<name>`.
        endpoint: Of the hub that serves them.
        store: Folder of the store.
    """

    commits: dict[str, str]
    endpoint: str
    store: Path

    def prepare(self) -> str:
        """Draw and store the samples; their digest."""
        request = PrepareRequest(
            nonce=_NONCE,
            seed=_SEED,
            tasks=self._tasks(),
            tokenizer=self._tokenizer(),
            sequence_length=_LENGTH,
            hub_endpoint=self.endpoint,
        )
        summary = self._run(request, "prepare", f"--store={self.store}")
        if summary.prepared is None:
            raise ValueError(f"prepare ended with {summary.reason}: {summary.message}")
        return summary.prepared.digest

    def fetch(self, name: str) -> Summary:
        """Bring a contender into the store."""
        request = FetchRequest(
            nonce=_NONCE,
            source=HuggingFaceSource(
                repository=f"{OWNER}/{name}", revision=self.commits[f"models/{OWNER}/{name}"]
            ),
            hub_endpoint=self.endpoint,
            maximum_bytes=2**30,
            limits=ArchitectureLimits(
                architectures=("LlamaForCausalLM",), maximum_parameters=200_000_000, sequence_length=_LENGTH
            ),
            tokenizer=self._tokenizer(),
        )
        return self._run(request, "fetch", f"--store={self.store}")

    def score(self, name: str, samples: str) -> dict[str, float]:
        """Fetch and evaluate a contender: the score of each task, infinite where it has none."""
        progress = Progress(name)
        fetched = self.fetch(name)
        if fetched.fetched is None:
            raise ValueError(f"fetch of {name} ended with {fetched.reason}: {fetched.message}")
        digest = fetched.fetched.manifest_digest
        request = EvaluateRequest(
            nonce=_NONCE,
            manifest_digest=digest,
            samples_digest=samples,
            tasks=self._tasks(),
            tokenizer=self._tokenizer(),
            sequence_length=_LENGTH,
            threads=2,
            timeout_seconds=600,
            isolation="Preferred",
        )
        model, drawn = (
            self.store / kind / one.replace(":", "-")
            for kind, one in (("models", digest), ("samples", samples))
        )
        summary = self._run(request, "evaluate", f"--model={model}", f"--samples={drawn}")
        if summary.scores is None:
            raise ValueError(f"evaluation of {name} ended with {summary.reason}: {summary.message}")
        progress.say("scored")
        return {one.name: math.inf if one.score is None else one.score for one in summary.scores}

    def _run(
        self, request: PrepareRequest | FetchRequest | EvaluateRequest, command: str, *options: str
    ) -> Summary:
        with tempfile.NamedTemporaryFile("r", dir=self.store) as log:
            subprocess.run(
                [
                    sys.executable,
                    "-m",
                    "podium_evaluator",
                    command,
                    f"--termination-log={log.name}",
                    *options,
                ],
                env={**os.environ, REQUEST_VARIABLE: request.to_json()},
                capture_output=True,
                check=False,
            )
            return Summary.model_validate_json(Path(log.name).read_text(encoding="utf-8"))

    def _tokenizer(self) -> Tokenizer:
        repository = f"{OWNER}/{TOKENIZER}"
        return Tokenizer(policy="Fixed", repository=repository, revision=self.commits[f"models/{repository}"])

    def _tasks(self) -> tuple[Task, ...]:
        def drawn(name: str, samples: int, **columns: str) -> HuggingFaceDataset:
            repository = f"{OWNER}/{name}"
            revision = self.commits[f"datasets/{repository}"]
            return HuggingFaceDataset(samples=samples, repository=repository, revision=revision, **columns)

        traces = drawn("traces", 40, prompt_column="prompt", reference_column="reference")
        questions = drawn(
            "mmlu", 40, prompt_column="prompt", options_column="options", answer_column="answer"
        )
        return (
            Task(name="sorting", method=Method.REFERENCE_LOSS, dataset=WordSortingDataset(samples=40)),
            Task(name="traces", method=Method.REFERENCE_LOSS, dataset=traces),
            Task(name="texts", method=Method.TEXT_LOSS, dataset=drawn("texts", 30, text_column="text")),
            Task(name="questions", method=Method.MULTIPLE_CHOICE, dataset=questions),
        )
