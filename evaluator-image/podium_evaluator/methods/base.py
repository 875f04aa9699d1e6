"""What the methods share: the context that turns text into tokens, plans, mean losses."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from podium_evaluator.sequences import Generated, Generation, TokenSequence, windows
from podium_evaluator.tokenizers import CHAT_TEMPLATES, Encoder

__all__ = ["Answers", "Context", "Plan", "mean_loss"]

_NATS_PER_RANDOM_BYTE: Final = math.log(256)


@dataclass(frozen=True, slots=True)
class Context:
    """What samples are turned into tokens with.

    Attributes:
        encoder: The tokenizer.
        template: Name of the chat template.
        sequence_length: Longest sequence in tokens.
        unit: What a loss is divided by.
        own: Whether a participant wrote the tokenizer.
    """

    encoder: Encoder
    template: str
    sequence_length: int
    unit: Literal["Token", "Byte"]
    own: bool

    def prompt(self, text: str) -> tuple[int, ...]:
        """Tokens of a rendered prompt."""
        return self.encoder.encode(CHAT_TEMPLATES[self.template](text))


@dataclass(frozen=True, slots=True)
class Answers:
    """What the engine found for one sample.

    Attributes:
        losses: Each sequence's summed loss in nats.
        generated: Each generation's continuation.
    """

    losses: Sequence[float]
    generated: Sequence[Generated]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to ask the engine for one sample, and what the answer means.

    Attributes:
        sequences: Their losses are wanted.
        score: From the answers to the sample's score; lower is better.
        generations: Their continuations are wanted.
    """

    sequences: tuple[TokenSequence, ...]
    score: Callable[[Answers], float]
    generations: tuple[Generation, ...] = ()


def mean_loss(text: str, ids: tuple[int, ...], context: Context, prompt: tuple[int, ...]) -> Plan:
    """The loss of `text` a token or a byte of UTF-8.

    Args:
        text: What is scored.
        ids: Its tokens.
        context: Unit, limit, tokenizer.
        prompt: Tokens before it; without any the first token of `text` is context and not scored.

    A tokenizer of a participant must give the text back: one that forgets letters would have less to
    predict. Where it does not, the text counts as bytes drawn at random.
    """
    before, scored = (prompt, ids) if prompt else (ids[:1], ids[1:])
    size = len(text.encode()) if context.unit == "Byte" else len(scored)
    if context.own and not (scored and context.encoder.gives_back(text, ids)):
        forgotten = _NATS_PER_RANDOM_BYTE * len(text.encode()) / max(1, size)
        return Plan((), lambda _: forgotten)
    return Plan(
        windows(before, scored, context.sequence_length),
        lambda answers: math.fsum(answers.losses) / max(1, size),
    )
