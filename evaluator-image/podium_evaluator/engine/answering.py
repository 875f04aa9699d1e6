"""The engine that methods ask, made of a loaded model and its tokenizer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from podium_evaluator.engine.generate import generate
from podium_evaluator.engine.model import LanguageModel
from podium_evaluator.engine.score import score
from podium_evaluator.sequences import Done, Generated, Generation, TokenSequence
from podium_evaluator.tokenizers import Encoder

__all__ = ["ModelEngine"]


@dataclass(frozen=True, slots=True)
class ModelEngine:
    """A model that answers; see `podium_evaluator.sequences.Engine`."""

    model: LanguageModel
    encoder: Encoder

    def losses(self, sequences: Sequence[TokenSequence], done: Done) -> list[float]:
        """Each sequence's summed cross entropy in nats."""
        return [float(part.sum(dtype="float64")) for part in score(self.model, sequences, done)]

    def continuations(self, generations: Sequence[Generation], done: Done) -> list[Generated]:
        """Each prompt's greedy continuation."""
        return generate(self.model, self.encoder, generations, done)
