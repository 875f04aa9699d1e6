"""The engine that methods ask, made of a loaded model and its tokenizer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from podium_evaluator.engine.generate import generate, generation_path
from podium_evaluator.engine.memory import CPU_SIZES, Sizes
from podium_evaluator.engine.model import LanguageModel
from podium_evaluator.engine.out_of_memory import told
from podium_evaluator.engine.path import describe_path
from podium_evaluator.engine.score import score
from podium_evaluator.sequences import Done, Generated, Generation, TokenSequence
from podium_evaluator.tokenizers import Encoder

__all__ = ["ModelEngine"]


@dataclass(frozen=True, slots=True)
class ModelEngine:
    """A model that answers; see `podium_evaluator.sequences.Engine`.

    Attributes:
        model: Computes.
        encoder: Its tokenizer.
        sizes: Of rows and slots.
    """

    model: LanguageModel
    encoder: Encoder
    sizes: Sizes = CPU_SIZES

    def losses(self, sequences: Sequence[TokenSequence], done: Done) -> list[float]:
        """Each sequence's summed cross entropy in nats."""
        longest = max((len(one.ids) for one in sequences), default=0)
        with told(
            f"scoring {len(sequences)} sequences of at most {longest} tokens in rows of"
            f" {self.sizes.row_tokens}, {self.model.vocabulary} logits"
        ):
            parts = score(self.model, sequences, done, self.sizes.row_tokens)
        return [float(part.sum(dtype="float64")) for part in parts]

    def continuations(self, generations: Sequence[Generation], done: Done) -> list[Generated]:
        """Each prompt's greedy continuation."""
        longest = max((len(one.prompt) + one.maximum_tokens for one in generations), default=0)
        with told(
            f"writing {len(generations)} continuations of at most {longest} tokens, prompts included, in"
            f" {self.sizes.slots} slots, {self.model.vocabulary} logits"
        ):
            return generate(self.model, self.encoder, generations, done, self.sizes)

    def path(self) -> dict[str, str]:
        """How this model is computed: what differs between architectures and shapes."""
        return {
            **describe_path(self.model),
            "generation": generation_path(self.model),
            "row_tokens": str(self.sizes.row_tokens),
            "slots": str(self.sizes.slots),
            "step_rows": str(self.sizes.step_rows),
        }
