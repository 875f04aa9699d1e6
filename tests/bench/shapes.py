"""Shapes of the models that are measured, and the vocabularies they have."""

from dataclasses import dataclass
from typing import Any, Final

__all__ = ["LETTERS", "QUICK", "SHAPES", "VOCABULARIES", "Shape"]

LETTERS: Final = (3, 4, 5, 6)
"""Token ids of A, B, C and D; before them padding, begin and end."""

LONGEST: Final = 16_384


@dataclass(frozen=True, slots=True)
class Shape:
    """A Llama.

    Attributes:
        hidden: Width.
        layers: How many.
        heads: Of the queries.
        groups: Heads of keys and values.
        intermediate: Width of the feed-forward part.
    """

    hidden: int
    layers: int
    heads: int
    groups: int
    intermediate: int

    def document(self, vocabulary: int) -> dict[str, Any]:  # Any: JSON
        """Its config.json."""
        return {
            "architectures": ["LlamaForCausalLM"],
            "model_type": "llama",
            "vocab_size": vocabulary,
            "hidden_size": self.hidden,
            "intermediate_size": self.intermediate,
            "num_hidden_layers": self.layers,
            "num_attention_heads": self.heads,
            "num_key_value_heads": self.groups,
            "max_position_embeddings": LONGEST,
            "rms_norm_eps": 1e-5,
            "tie_word_embeddings": True,
            "torch_dtype": "bfloat16",
        }

    @property
    def layer_weights(self) -> int:
        """Weights of all matrices between the embedding and the head."""
        head = self.hidden // self.heads
        attention = 2 * self.hidden * self.hidden + 2 * self.hidden * head * self.groups
        return self.layers * (attention + 3 * self.hidden * self.intermediate)


SHAPES: Final = {
    "tiny": Shape(hidden=32, layers=2, heads=4, groups=2, intermediate=64),
    "15m": Shape(hidden=288, layers=6, heads=6, groups=6, intermediate=768),
    "60m": Shape(hidden=640, layers=10, heads=10, groups=5, intermediate=1728),
    "1b": Shape(hidden=2048, layers=16, heads=32, groups=8, intermediate=8192),
    "8b": Shape(hidden=4096, layers=32, heads=32, groups=8, intermediate=14_336),
}
"""By the number of weights without the embedding, roughly; the last two are for GPUs."""

VOCABULARIES: Final = {"tiny": 500, "32k": 32_000, "128k": 128_256}
QUICK: Final = "tiny"
"""Shape and vocabulary that only show that a benchmark runs."""
