"""What methods ask of the engine: losses of token sequences, and greedy continuations of prompts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Done", "Engine", "Generated", "Generation", "TokenSequence", "windows"]


@dataclass(frozen=True, slots=True)
class TokenSequence:
    """Token ids of which those from index `first` on are scored, each given all before it; `first` >= 1."""

    ids: tuple[int, ...]
    first: int

    @property
    def scored(self) -> int:
        """How many losses the engine returns for it."""
        return len(self.ids) - self.first


@dataclass(frozen=True, slots=True)
class Generation:
    """A greedy continuation that is wanted.

    Attributes:
        prompt: At least one token.
        maximum_tokens: The continuation ends here at the latest.
        repetition_penalty: Logits of tokens that occur in prompt or continuation are divided by it where
            positive and multiplied where negative (Keskar et al. 2019, "CTRL", section 4.1); 1 does nothing.
        finished: Whether the text so far decides the answer, so that nothing later can change it. It is
            asked without a character at the end of which only the first bytes are known. None: never.
        stops_at_end: Whether an end token ends the continuation; otherwise it is never chosen.
    """

    prompt: tuple[int, ...]
    maximum_tokens: int
    repetition_penalty: float = 1.0
    finished: Callable[[str], bool] | None = None
    stops_at_end: bool = True


@dataclass(frozen=True, slots=True)
class Generated:
    """A continuation.

    Attributes:
        ids: Its tokens, without the end token that stopped it.
        text: Decoded without special tokens.
        finite: Whether all logits were finite; where they were not the continuation ends.
    """

    ids: tuple[int, ...]
    text: str
    finite: bool = True


Done = Callable[[int], None]
"""Told how many of the things that were asked for are done."""


class Engine(Protocol):
    """A model that answers."""

    def losses(self, sequences: Sequence[TokenSequence], done: Done) -> Sequence[float]:
        """Each sequence's summed cross entropy in nats; not finite where the model is broken."""

    def continuations(self, generations: Sequence[Generation], done: Done) -> Sequence[Generated]:
        """Each prompt's continuation."""


def windows(
    context: Sequence[int], scored: Sequence[int], limit: int, start: tuple[int, ...] = ()
) -> tuple[TokenSequence, ...]:
    """Sequences of at most `limit` tokens that score every token of `scored` exactly once.

    Each begins with `start`, which is never scored. A context that is too long loses its beginning.
    Scored tokens that do not fit even so are split: a further window knows the token before it, the
    last one as much as fits. Nothing goes unscored, so a tokenizer that needs many tokens gains
    nothing by it.

    Args:
        context: At least one token where `start` has none.
        scored: Possibly none.
        limit: At least two tokens more than `start`.
        start: What a sequence begins with, such as the beginning-of-sequence token.
    """
    room = limit - len(start)
    everything = (*context, *scored)
    position = len(context)
    found: list[TokenSequence] = []
    while position < len(everything):
        spare = room - (len(everything) - position)
        kept = min(position, max(1, spare))
        end = position - kept + room
        found.append(TokenSequence((*start, *everything[position - kept : end]), len(start) + kept))
        position = min(end, len(everything))
    return tuple(found)
