"""What a competition chooses, as far as it decides what a model scores."""

from dataclasses import dataclass
from typing import Any, Literal

from podium_evaluator.contract import EvaluateRequest, Task
from podium_evaluator.tokenizer_settings import StoredSettings
from tests.podium_evaluator.oracle.encoding import Encoding
from tests.podium_evaluator.oracle.templates import ORGANISERS
from tests.podium_evaluator.oracle.vocabularies import END, Kind, tokenizer
from tests.podium_evaluator.tiny import NONCE

TASKS: dict[str, dict[str, Any]] = {
    "references": {"method": "ReferenceLoss"},
    "texts": {"method": "TextLoss"},
    "likely": {"method": "MultipleChoice"},
    "chosen": {"method": "MultipleChoice", "answerBy": "Generation"},
    "instructions": {"method": "InstructionFollowing"},
}
"""Every method, by the name of the task; its samples are of the same name."""


@dataclass(frozen=True)
class World:
    """What a competition chooses."""

    policy: Literal["Own", "Fixed"] = "Own"
    kind: Kind = "Begins"
    template: str = "ChatML"
    unit: Literal["Token", "Byte"] = "Token"
    sequence_length: int = 512
    end: str | None = END
    degenerate: Literal["Reject", "Ignore"] = "Reject"

    @property
    def encoding(self) -> Encoding:
        """Of the oracle."""
        return Encoding(tokenizer(self.kind), self.end)

    @property
    def tokenizer_files(self) -> dict[str, bytes]:
        """What is stored, beside the model or beside the samples."""
        return {
            "tokenizer.json": tokenizer(self.kind).to_str().encode(),
            "tokenizer_settings.json": StoredSettings(self.end, self.template).document(),
        }

    def task(self, name: str) -> Task:
        """One of `TASKS`."""
        document = {**TASKS[name], "name": name, "dataset": {"kind": "WordSorting", "samples": 6}}
        if name in {"references", "texts"}:
            document["lossUnit"] = self.unit
        if name == "texts":
            document["degenerateOutput"] = self.degenerate
        return Task.model_validate(document)

    def request(
        self, tasks: tuple[str, ...], model: str, samples: str, dtype: Literal["Float32", "BFloat16"]
    ) -> EvaluateRequest:
        """The request for a model and samples with these digests."""
        fixed = {"repository": "owner/tokenizer", "revision": "main"} if self.policy == "Fixed" else {}
        return EvaluateRequest.model_validate(
            {
                "nonce": NONCE,
                "tasks": [self.task(name) for name in tasks],
                "tokenizer": {
                    "policy": self.policy,
                    "chatTemplate": self.template,
                    "templates": [{"name": name, "text": text} for name, text in ORGANISERS.items()],
                    **fixed,
                },
                "sequence_length": self.sequence_length,
                "manifest_digest": model,
                "samples_digest": samples,
                "dtype": dtype,
                "threads": 1,
                "timeout_seconds": 60,
            }
        )
