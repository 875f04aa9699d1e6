"""What the evaluator knows of an architecture without importing it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from podium_evaluator.models.keys import Config, Key, Shapes
from podium_evaluator.models.projection import Projections
from podium_evaluator.models.rope import Rope

__all__ = ["Architecture", "no_softcap"]


def no_softcap(_config: Config) -> float | None:
    """The logits are what the head computes."""
    return None


@dataclass(frozen=True, slots=True)
class Architecture:
    """One row of the table.

    Attributes:
        name: As in the configuration's `architectures`; also the model class.
        model_type: As in the configuration's `model_type`.
        config_class: Configuration class in transformers.
        keys: Keys that we honour, with their checks and defaults.
        rope: Spelling of the rotary embedding's keys, where there is one.
        constants: Keys that may be present with exactly this value, which is what the class does anyway.
        complete: Fills in keys that depend on others; raises ValueError where they contradict.
        tensors: Names and shapes of all weights; a tied head is not among them.
        buffers: Names and shapes that older checkpoints also hold; they are ignored.
        embedding: The embedding's name; the tied head may repeat it.
        head: The head's name.
        projections: The matrices whose norms are limited.
        renamed: Names in files to names in the class, where they differ.
        unused: Keys that may hold anything, since the class computes the same with or without them.
        positions_learned: A position has weights, so that there is none beyond the last.
        attention: Implementation in transformers that drops nothing of what the class computes.
        logit_softcap: Bound c of the logits: the class turns the head's x into c · tanh(x / c).
    """

    name: str
    model_type: str
    config_class: str
    keys: Mapping[str, Key]
    rope: Rope | None
    constants: Mapping[str, object]
    complete: Callable[[Config], Config]
    tensors: Callable[[Config], Shapes]
    buffers: Callable[[Config], Shapes]
    embedding: str
    head: str
    projections: Callable[[Config], Projections]
    renamed: Mapping[str, str] = field(default_factory=dict)
    unused: frozenset[str] = frozenset()
    positions_learned: bool = False
    attention: Literal["sdpa", "eager"] = "sdpa"
    logit_softcap: Callable[[Config], float | None] = no_softcap

    def parameters(self, config: Config) -> int:
        """Number of parameters, a tied head counted once, buffers not at all."""
        return sum(math.prod(shape) for shape in self.tensors(config).values())
