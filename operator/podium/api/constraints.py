"""What a model must be to enter a competition."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from podium.api.base import Decimal, Fraction, Model, RevisionName
from podium.api.extensions import ListMap, ListSet, Rule, Sentence, ruled
from podium.api.source import Repository
from podium_evaluator.contract import NAMED_TEMPLATES

__all__ = [
    "Architecture",
    "Bytes",
    "ChatTemplate",
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


class ChatTemplate(Model):
    """A chat template beside the named ones of ours, in Jinja, as tokenizers publish them."""

    name: Annotated[
        str,
        StringConstraints(max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]*$"),
        Sentence("must be letters, digits, '.' and '-'"),
        Rule(f"!(self in {list(NAMED_TEMPLATES)})", "is a named template already: choose another name"),
    ]
    text: Annotated[str, StringConstraints(min_length=1, max_length=8192)]


class Tokenizer(Model):
    """Whose tokenizer is used, and the chat templates that render prompts."""

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
            Rule(
                f"self.chatTemplate in {list(NAMED_TEMPLATES)}"
                " || (has(self.templates) && self.templates.exists(t, t.name == self.chatTemplate))",
                f"must be one of {', '.join(NAMED_TEMPLATES)}, or a name in templates",
                ".chatTemplate",
            ),
        )
    )

    policy: Literal["Fixed", "Own"]
    """Fixed: the same tokenizer for everyone. Own: each submission brings its own."""
    repository: Repository | None = None
    """Of the tokenizer of policy Fixed."""
    revision: RevisionName | None = None
    """A commit, or a branch or tag: its newest commit that is not after the round's sync block."""
    chat_template: Annotated[str, StringConstraints(min_length=1, max_length=64)] = "ChatML"
    """Renders prompts; with policy Own those of submissions that bring no template."""
    templates: Annotated[tuple[ChatTemplate, ...], Field(max_length=4), ListMap("name")] = ()
    """With policy Own a submission's template must be one of these or a named one."""


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
    dtype: Literal["BFloat16", "Float32"] = "BFloat16"
    """Weights are cast to it; losses are computed in single precision."""
    max_bytes: Bytes
    """Size of all files of a submission's repository or folder."""
    norms: NormLimits | None = None
