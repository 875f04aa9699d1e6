"""What a model must be to enter a competition."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from podium.api.base import Decimal, Fraction, Model, Revision
from podium.api.extensions import ListSet, Rule, Sentence, ruled
from podium.api.source import Repository

__all__ = [
    "Architecture",
    "Bytes",
    "Constraints",
    "NormLimits",
    "ParameterLimits",
    "SequenceLength",
    "Tokenizer",
]

Parameters = Annotated[int, Field(ge=0, le=10**15)]
Bytes = Annotated[int, Field(ge=1, le=2**50)]
SequenceLength = Annotated[int, Field(ge=16, le=1_048_576)]
Architecture = Annotated[
    str,
    StringConstraints(max_length=128, pattern=r"^[A-Z][A-Za-z0-9]*ForCausalLM$"),
    Sentence("must be the class of a causal language model, such as LlamaForCausalLM"),
]


class ParameterLimits(Model):
    """How many parameters a model has, bounds included; tied weights count once."""

    model_config = ConfigDict(
        json_schema_extra=ruled(Rule("self.min <= self.max", "must not exceed parameters.max", ".min"))
    )

    min: Parameters = 0
    max: Annotated[int, Field(ge=1, le=10**15)]


class Tokenizer(Model):
    """Whose tokenizer is used, and the named chat template that renders prompts."""

    model_config = ConfigDict(
        json_schema_extra=ruled(
            Rule(
                "self.policy != 'Fixed' || (has(self.repository) && has(self.revision))",
                "policy Fixed needs repository and revision",
                ".policy",
                "FieldValueRequired",
            ),
            Rule(
                "self.policy != 'Own' || (!has(self.repository) && !has(self.revision))",
                "policy Own takes each submission's tokenizer: leave out repository and revision",
                ".policy",
                "FieldValueForbidden",
            ),
        )
    )

    policy: Literal["Fixed", "Own"]
    """Fixed: the same tokenizer for everyone. Own: each submission brings its own."""
    repository: Repository | None = None
    revision: Revision | None = None
    chat_template: Literal["ChatML"] = "ChatML"


class NormLimits(Model):
    """Bounds on the L2 norms of each layer's attention and feed-forward projections."""

    model_config = ConfigDict(
        json_schema_extra=ruled(
            Rule(
                r"![self.soft, self.hard].all(n, n.matches(r'^\d+(\.\d+)?$'))"
                " || (0.0 < double(self.soft) && double(self.soft) <= double(self.hard))",
                "must be above 0 and must not exceed norms.hard",
                ".soft",
            )
        )
    )

    soft: Decimal
    """A projection above this norm counts towards `softFraction`."""
    soft_fraction: Fraction
    """The fraction of projections that may be above `soft`."""
    hard: Decimal
    """No projection may be above this norm."""


class Constraints(Model):
    """What is checked before a GPU is asked for."""

    parameters: ParameterLimits
    sequence_length: SequenceLength
    """Longest prompt with its answer, in tokens; longer samples are dropped."""
    architectures: Annotated[tuple[Architecture, ...], Field(min_length=1, max_length=32), ListSet()]
    tokenizer: Tokenizer
    max_bytes: Bytes
    """Size of all files of a submission."""
    norms: NormLimits | None = None
