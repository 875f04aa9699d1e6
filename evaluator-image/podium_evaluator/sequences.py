"""What methods ask of the engine: losses of token sequences, and greedy continuations of prompts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

__all__ = ["Generated", "Generation", "TokenSequence", "windows"]


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
        finished: Whether the text so far decides the answer, so that nothing later can change it.
    """

    prompt: tuple[int, ...]
    maximum_tokens: int
    repetition_penalty: float
    finished: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Generated:
    """A continuation: without the end token, decoded without special tokens."""

    ids: tuple[int, ...]
    text: str


def windows(context: Sequence[int], scored: Sequence[int], limit: int) -> tuple[TokenSequence, ...]:
    """Sequences of at most `limit` tokens that score every token of `scored` exactly once.

    A context that is too long loses its beginning. Scored tokens that do not fit even so are split:
    each further window knows only the token before it. Nothing goes unscored, so a tokenizer that
    needs many tokens gains nothing by it.

    Args:
        context: At least one token.
        scored: Possibly none.
        limit: At least two tokens.
    """
    if not scored:
        return ()
    if len(scored) < limit:
        kept = context[max(0, len(context) + len(scored) - limit) :]
        return (TokenSequence((*kept, *scored), len(kept)),)
    tokens = (context[-1], *scored)
    step = limit - 1
    return tuple(TokenSequence(tokens[start : start + limit], 1) for start in range(0, len(scored), step))
