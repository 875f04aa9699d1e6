"""What the methods share: the context that turns text into tokens, plans, mean losses."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from podium_evaluator.contract import Reason
from podium_evaluator.errors import organizer
from podium_evaluator.sequences import Generated, Generation, TokenSequence, windows
from podium_evaluator.templates import ChatTemplate
from podium_evaluator.tokenizers import Encoder

__all__ = ["Answers", "Context", "Gate", "Plan", "TaskPlan", "as_scored", "mean_loss"]

_NATS_PER_RANDOM_BYTE: Final = math.log(256)
_SPACE_MARK: Final = "\N{LOWER ONE EIGHTH BLOCK}"


@dataclass(frozen=True, slots=True)
class Context:
    """What samples are turned into tokens with.

    Attributes:
        encoder: The tokenizer.
        template: Renders prompts.
        sequence_length: Longest sequence in tokens.
        unit: What a loss is divided by.
        own: Whether a participant wrote the tokenizer.
    """

    encoder: Encoder
    template: ChatTemplate
    sequence_length: int
    unit: Literal["Token", "Byte"]
    own: bool

    @property
    def start(self) -> tuple[int, ...]:
        """The token that every sequence begins with and that is never scored, if there is one."""
        return () if self.encoder.bos is None else (self.encoder.bos,)

    def rendered(self, prompt: str, system: str = "") -> tuple[int, ...]:
        """Tokens of a rendered conversation without `start`, whatever the template writes.

        Raises:
            Failure: `TOKENIZER_MALFORMED` for a tokenizer that makes nothing of it.
        """
        ids = self.encoder.encode(self.template.render(prompt, system))
        ids = ids[len(self.start) :] if self.start and ids[:1] == self.start else ids
        if not ids:
            raise self.encoder.blame(
                Reason.TOKENIZER_MALFORMED, "tokenizer.json: no token for a prompt, one or more expected"
            )
        return ids

    def prompt(self, prompt: str, *, room: int, system: str = "") -> tuple[int, ...]:
        """Tokens of a rendered conversation after which `room` more fit; cut on the left behind `start`.

        Raises:
            Failure: `REQUEST_INVALID` where nothing of the prompt would be left.
        """
        kept = self.sequence_length - room - len(self.start)
        if kept < 1:
            raise organizer(
                Reason.REQUEST_INVALID,
                f"sequenceLength {self.sequence_length} has no room for a prompt before {room} tokens of an"
                " answer: raise it",
            )
        return (*self.start, *self.rendered(prompt, system)[-kept:])

    def scored_after(self, before: Sequence[int], scored: Sequence[int]) -> tuple[TokenSequence, ...]:
        """Sequences that score every token of `scored` once, each within the limit and after `start`."""
        return windows(before, scored, self.sequence_length, self.start)


@dataclass(frozen=True, slots=True)
class Answers:
    """What the engine found for one sample.

    Attributes:
        losses: Each sequence's summed loss in nats.
        generated: Each generation's continuation.
    """

    losses: Sequence[float]
    generated: Sequence[Generated]

    @property
    def finite(self) -> bool:
        """Whether the model computed numbers throughout."""
        return all(map(math.isfinite, self.losses)) and all(one.finite for one in self.generated)


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

    @property
    def longest(self) -> int:
        """Tokens of the longest sequence that answering takes."""
        return max(
            (
                *(len(one.ids) for one in self.sequences),
                *(len(one.prompt) + one.maximum_tokens for one in self.generations),
            ),
            default=0,
        )


@dataclass(frozen=True, slots=True)
class Gate:
    """What a model must show before a task's samples count.

    Attributes:
        generations: One for each of the first samples.
        verdict: Why the task is rejected, or None.
    """

    generations: tuple[Generation, ...]
    verdict: Callable[[Sequence[Generated]], str | None]


def as_scored(_answers: Sequence[Answers], scores: Sequence[float]) -> tuple[Sequence[float], str]:
    """Samples keep their scores."""
    return scores, ""


@dataclass(frozen=True, slots=True)
class TaskPlan:
    """What to ask the engine for a task; its raw score is the mean of the samples' scores.

    Attributes:
        plans: One for each sample.
        weights: How often each sample counts; None counts each once.
        gate: Comes first and may end the task.
        revise: What all answers together do to the samples' scores, and a message that says why.
    """

    plans: tuple[Plan, ...]
    weights: tuple[int, ...] | None = None
    gate: Gate | None = None
    revise: Callable[[Sequence[Answers], Sequence[float]], tuple[Sequence[float], str]] = as_scored


def mean_loss(text: str, ids: tuple[int, ...], context: Context, before: tuple[int, ...]) -> Plan:
    """The loss of `text` a token or a byte of UTF-8.

    Args:
        text: What is scored.
        ids: Its tokens.
        context: Unit, limit, tokenizer.
        before: Tokens before it, the start token aside. Without any and without a start token the first
            token of `text` is context and not scored.

    A tokenizer of a participant must give the text back: one that forgets letters would have less to
    predict. Where it does not, the text counts as bytes drawn at random. Nor do more tokens count than a
    tokenizer of bytes would make.
    """
    scored = ids
    if not (before or context.start):
        before, scored = ids[:1], ids[1:]
    room = len(text.encode())
    size = room if context.unit == "Byte" else len(scored)
    if context.own and not (scored and context.encoder.gives_back(text, ids)):
        forgotten = _NATS_PER_RANDOM_BYTE * room / max(1, min(size, room))
        return Plan((), lambda _: forgotten)
    if context.own:
        # A tokenizer that makes many tokens of a byte would thin the loss out with those that are free.
        size = min(size, _most_tokens(text))
    return Plan(
        context.scored_after(before, scored), lambda answers: math.fsum(answers.losses) / max(1, size)
    )


def _most_tokens(text: str) -> int:
    """Tokens that an honest tokenizer makes at most: one a byte, SentencePiece's mark for spaces included.

    It writes the mark (3 bytes) for each space and before the text.
    """
    return len(f"{_SPACE_MARK}{text.replace(' ', _SPACE_MARK)}".encode())
