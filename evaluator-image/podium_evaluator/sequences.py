"""Token sequences: what methods ask of the engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["TokenSequence", "windows"]


@dataclass(frozen=True, slots=True)
class TokenSequence:
    """Token ids of which those from index `first` on are scored, each given all before it; `first` >= 1."""

    ids: tuple[int, ...]
    first: int

    @property
    def scored(self) -> int:
        """How many losses the engine returns for it."""
        return len(self.ids) - self.first


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
